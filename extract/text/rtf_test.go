package text_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/fault"
)

// rich wraps a body in the least that makes rich text.
func rich(body string) string { return `{\rtf1\ansi\ansicpg1252\deff0 ` + body + `}` }

func TestRTF(t *testing.T) {
	fonts := `{\fonttbl{\f0\fswiss Arial;}{\f1\fnil\fcharset204 Quill;}{\f2\fcharset128 Brush;}{\f3\fcharset238{\*\falt Pen}Reed;}}`
	tests := []struct{ name, in, want string }{
		{"puts paragraphs on lines", rich(`one\par two\line three\par`), "one\ntwo\nthree"},
		{"takes line ends in the file for nothing", rich("in\r\nvoi\nce"), "invoice"},
		{"takes an escaped line end for a paragraph", rich("a\\\nb"), "a\nb"},
		{"ends a control word at its one space", rich(`{\b bold}  two\b0  spaces`), "bold  two spaces"},
		{"keeps escaped braces and backslashes", rich(`\{a\\b\}`), `{a\b}`},
		{"writes dashes, quotes and spaces", rich(`\ldblquote a\rdblquote\~\endash\emdash\lquote b\rquote\bullet x\_y\-z`), "“a” –—‘b’•x-yz"},
		{"separates cells by tabs", rich(`\trowd\intbl Tea\par green\cell 4\cell\row\pard after\par`), "Tea green\t4\nafter"},
		{"reads bytes of Windows-1252", rich(`Caf\'e9 \'80 5`), "Café € 5"},
		{"reads bytes of the document's code page", `{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2}`, "Привет"},
		{"reads bytes of a font's code page", rich(fonts + `\f1 \'cf\'f0\'e8{\f0 \'e9}\'e2 \plain\'e9`), "Приéв é"},
		{"reads characters of two bytes", rich(fonts + `\f2 \'93\'fa\'96\'7b\'83A`), "日本ア"},
		{"keeps the font of a table's entry", rich(fonts + `\f3 \'b3\'f3d\'9f`), "łódź"},
		{"reads the Macintosh's letters", `{\rtf1\mac caf\'8e}`, "café"},
		{"reads UTF-8 that stands in the file as it is", rich("Grüße"), "Grüße"},
		{"reads raw bytes of Windows-1252", rich("Caf\xE9"), "Café"},
		{"drops what repeats a character", rich(`\u8364?5 \uc2\u12354\'82\'a0x\uc0\u246y{\uc1\u252?}\u228z`), "€5 あxöyüäz"},
		{"keeps a control word after a character", rich(`a\u8211\par b`), "a–\nb"},
		{"ends what repeats a character with its group", rich(`{\u233}t\u233 ?`), "été"},
		{"joins surrogates", rich(`\u-10179?\u-8704?\u-10179 x`), "😀"},
		{"makes symbols of private fonts bullets", rich(`\u-3913?\tab one`), "•\tone"},
		{"drops hidden and deleted text", rich(`a{\v secret}b\v more\v0 c{\deleted old}d\v x\plain e`), "abcde"},
		{"keeps the results of fields alone", rich(`{\field{\*\fldinst HYPERLINK "http://example.org"}{\fldrslt our page}}`), "our page"},
		{"keeps the result of a field that need not be known", rich(`see {\field{\*\fldinst HYPERLINK "x"}{\*\fldrslt{\b our page}}}`), "see our page"},
		{"drops tables of styles, colours and pictures", rich(`{\colortbl;\red0;}{\stylesheet{\s0 Normal;}}{\pict\pngblip 89504e47}{\*\unheard of{\b it}}seen`), "seen"},
		{"skips binary data", rich(`{\pict\bin5 }}}}}}a\bin2 xyb`), "ab"},
		{"keeps text boxes", rich(`a{\shp{\*\shpinst\shpleft0{\sp{\sn name}{\sv value}}{\shptxt box}}{\shprslt old}}b`), "a\nbox\nb"},
		{"ends lines in a text box of any program", rich(`{\shp{\*\shpinst{\shptxt{14 Mill Lane}{\u1\'01}{Ludlow}}}}`), "14 Mill Lane\nLudlow"},
		{"keeps the text of an object, not its data", rich(`{\object\objemb{\*\objclass Sheet}{\*\objdata 0105}{\result 42}}`), "42"},
		{"reads the Unicode twin of a text alone", rich(`{\upr{old}{\*\ud{new}}}`), "new"},
		{"keeps headers, footers and notes on lines of their own", rich(`{\header Mill Lane}{\footer page}body{\footnote see}more`), "Mill Lane\npage\nbody\nsee\nmore"},
		{"keeps one empty line of many", rich(`a\par\par\par\par b`), "a\n\nb"},
		{"reads a document that was cut off", `{\rtf1 {\b one {two`, "one two"},
		{"stops at the end of the outermost group", rich(`a`) + `b{\par c}`, "a"},
		{"survives what makes no sense", rich(`a\'zz\'4\u\uc-5\bin-3\f99999999999\'e9\fcharset\*b\`), "azz4éb}"},
		{"reads the web page that was packed", `{\rtf1\ansi\fromhtml1{\*\htmltag64 <html><body>}\htmlrtf {\b\htmlrtf0{\*\htmltag64 <p>}Mill {\*\htmltag84 &amp;}\htmlrtf &\htmlrtf0  Lane\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}` +
			`{\*\htmltag64 <p>}\'80 5{\*\mhtmltag64 <p>no}{\*\htmltag72 </p></body></html>}}`, "Mill & Lane\n€ 5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := text.RTF([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if got.Text() != tt.want {
				t.Errorf("text %q, want %q", got.Text(), tt.want)
			}
		})
	}
}

func TestRTFDocument(t *testing.T) {
	in, err := os.ReadFile("testdata/letter.rtf")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/letter.golden")
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.New(text.Options{}).Extract(t.Context(), &document.Document{Type: document.RTF, Bytes: in})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Text() + "\n"; got != string(want) {
		t.Errorf("text\n%s\nwant\n%s", got, want)
	}
	meta := map[string]string{
		"title": "Reminder: invoice № 7", "author": "Ann Bee", "subject": "tea", "keywords": "invoice, tea", "producer": "Quill 3.1",
	}
	if !maps.Equal(c.Meta, meta) {
		t.Errorf("meta %v, want %v", c.Meta, meta)
	}
	if c.PageCount != 2 || len(c.Pages) != 1 || c.Draw != nil {
		t.Errorf("%d pages of %d, draws %v", len(c.Pages), c.PageCount, c.Draw != nil)
	}
}

func TestRTFProperties(t *testing.T) {
	tests := []struct{ name, in, key, want string }{
		{"the author, not who saved it", `{\info{\author Ann Bee}{\creatim\yr2031}{\author Ben}}`, "author", "Ann Bee"},
		{"a property in pieces", `{\info{\title Lease {\b of} \'a3 5}}`, "title", "Lease of £ 5"},
		{"the Unicode twin of a property alone", `{\info{\upr{\title ??}{\*\ud{\title \u1044?\u1072?}}}{\subject rent}}`, "title", "Да"},
		{"what follows a twin", `{\info{\upr{\title ??}{\*\ud{\title \u1044?}}}{\subject rent}}`, "subject", "rent"},
		{"no property outside its group", `{\title Lease}`, "title", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := text.New(text.Options{}).Extract(t.Context(), &document.Document{Type: document.RTF, Bytes: []byte(rich(tt.in))})
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Meta[tt.key]; got != tt.want {
				t.Errorf("%s %q, want %q", tt.key, got, tt.want)
			}
		})
	}
}

func TestRTFLimits(t *testing.T) {
	read := func(ctx context.Context, in string, max int) (string, error) {
		c, err := text.New(text.Options{MaxText: max}).Extract(ctx, &document.Document{Type: document.RTF, Bytes: []byte(in)})
		if err != nil {
			return "", err
		}
		return c.Text(), nil
	}
	if got, err := read(t.Context(), rich(strings.Repeat(`tea \'e9 `, 1000)), 10); got != "tea é tea" || err != nil {
		t.Errorf("a long text: %q, %v", got, err)
	}
	page := `{\rtf1\fromhtml1 ` + strings.Repeat(`{\*\htmltag <b>}tea`, 1000) + `}`
	if got, err := read(t.Context(), page, 10); got != "teateateat" || err != nil {
		t.Errorf("a long page: %q, %v", got, err)
	}
	if _, err := read(t.Context(), rich(strings.Repeat("{", 999)), 0); err != nil {
		t.Errorf("groups within the limit: %v", err)
	}
	if _, err := read(t.Context(), rich(strings.Repeat("{", 1000)), 0); fault.KindOf(err) != fault.TooDeep {
		t.Errorf("groups over the limit: %v, want %s", err, fault.TooDeep)
	}
	if _, err := text.RTF([]byte(`{\rt`)); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("no rich text: %v, want %s", err, fault.Corrupt)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := read(ctx, rich("a"), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader who gave up: %v", err)
	}
	long := `{\rtf1{\info{\title ` + strings.Repeat("x{}", 5000) + `}}}`
	c, err := text.New(text.Options{}).Extract(t.Context(), &document.Document{Type: document.RTF, Bytes: []byte(long)})
	if err != nil || len(c.Meta["title"]) != 1000 {
		t.Errorf("a long title: %d bytes, %v", len(c.Meta["title"]), err)
	}
}

func FuzzRTF(f *testing.F) {
	letter, err := os.ReadFile("testdata/letter.rtf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(letter)
	f.Add([]byte(rich(`{\shp{\*\shpinst{\shptxt a}}}{\upr{a}{\*\ud b}}\u-10179?\bin9 a`)))
	f.Add([]byte(`{\rtf1\fromhtml{\*\htmltag <p>}\htmlrtf{\par}\htmlrtf0 a`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := text.RTF(b)
		if err != nil && !fault.KindOf(err).Unreadable() {
			t.Errorf("error %v is not the document's own", err)
		}
		if err == nil && (!utf8.ValidString(got.Text()) || strings.ContainsRune(got.Text(), 0)) {
			t.Errorf("text %q is not clean", got.Text())
		}
	})
}
