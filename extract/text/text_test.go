package text_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/fault"
)

func TestExtractText(t *testing.T) {
	tests := []struct {
		name, in, want string
		max            int
	}{
		{"keeps UTF-8", "Grüße\n", "Grüße", 0},
		{"drops the mark of UTF-8", "\xEF\xBB\xBFhello", "hello", 0},
		{"reads UTF-16LE with a mark", "\xFF\xFEh\x00\xFC\x00", "hü", 0},
		{"reads UTF-16BE with a mark", "\xFE\xFF\x00h\x00\xFC", "hü", 0},
		{"reads UTF-16LE without a mark", "h\x00e\x00l\x00l\x00o\x00", "hello", 0},
		{"reads UTF-16BE without a mark", "\x00h\x00e\x00l\x00l\x00o", "hello", 0},
		{"reads UTF-16 cut in the middle of a unit", "\xFF\xFEh\x00i\x00!", "hi\uFFFD", 0},
		{"takes the rest for Windows-1252", "Caf\xE9 \x80 5, \x93so\x94", "Café € 5, “so”", 0},
		{"forgives UTF-8 one broken byte", "Grüße aus Köln \xFF und Fürth", "Grüße aus Köln \uFFFD und Fürth", 0},
		{"makes all line ends one", "a\r\nb\rc\u2028d", "a\nb\nc\nd", 0},
		{"reads UTF-32 with a mark", "\xFF\xFE\x00\x00h\x00\x00\x00\xFC\x00\x00\x00", "hü", 0},
		{"reads UTF-32 without a mark", "\x00\x00\x00h\x00\x00\x00e\x00\x00\x00y", "hey", 0},
		{"drops control characters", "a\x00b\x07c\x1B[1md\x7F\u0085e", "abc[1md\ne", 0},
		{"drops invisible characters", "a\u200Bb\u202Ec\U000E0041d\u00ADe\uFEFFf", "abcdef", 0},
		{"keeps the joiners of emoji", "👩\u200D🚀", "👩\u200D🚀", 0},
		{"keeps tabs", "a\tb", "a\tb", 0},
		{"stops at the limit", "hello there", "hello", 5},
		{"stops before a rune that does not fit", "abcdü", "abcd", 5},
		{"stops at the limit of UTF-16", "\xFF\xFE" + strings.Repeat("x\x00", 20), "xxxx", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &document.Document{Type: document.Text, Bytes: []byte(tt.in)}
			c, err := text.New(text.Options{MaxText: tt.max}).Extract(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
			if c.PageCount != 1 || c.Pages[0].Number != 1 || c.Draw != nil {
				t.Errorf("%d pages, first %d, draws %v", c.PageCount, c.Pages[0].Number, c.Draw != nil)
			}
		})
	}
}

func TestExtractTextInPages(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"one page", "a", []string{"a"}},
		{"pages divided by form feeds", "a\n\f\nb\f\fc", []string{"a", "b", "", "c"}},
		{"a form feed at the end", "a\fb\f", []string{"a", "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, document.Text, tt.in)
			var got []string
			for i, p := range c.Pages {
				if got = append(got, p.Text); p.Number != i+1 {
					t.Errorf("page %d has number %d", i+1, p.Number)
				}
			}
			if !slices.Equal(got, tt.want) || c.PageCount != len(tt.want) {
				t.Errorf("pages %q of %d, want %q", got, c.PageCount, tt.want)
			}
		})
	}
	if n := read(t, document.Text, strings.Repeat("x\f", 5000)).PageCount; n != 1000 {
		t.Errorf("%d pages of 5000 form feeds, want 1000", n)
	}
}

// Each text is told by its bytes alone.
func TestExtractTextInEveryEncoding(t *testing.T) {
	tests := []struct {
		name, in string
		in8      encoding.Encoding
	}{
		{"German in Windows-1252", "Sehr geehrte Frau Müller, für die Übersetzung schulden Sie uns 5 €, zahlbar „binnen“ 14 Tagen.", charmap.Windows1252},
		{"French in Windows-1252", "Nous vous prions d’agréer, chère Madame, à l’occasion de la fête, nos salutations dévouées.", charmap.Windows1252},
		{"French in ISO 8859-15", "Le cœur de la forêt coûte 12 €, hélas ; à bientôt, chère sœur.", charmap.ISO8859_15},
		{"Polish in Windows-1250", "Dziękujemy za złożenie wniosku. Umowę należy podpisać w ciągu miesiąca, łącznie z załącznikiem.", charmap.Windows1250},
		{"Czech in ISO 8859-2", "Vážený zákazníku, smlouvu prosím podepište; účet číslo 7 bude zaúčtován příští týden. Děkujeme, šéf.", charmap.ISO8859_2},
		{"Hungarian in Windows-1250", "Tisztelt Ügyfelünk! A szerződést kérjük aláírva megküldeni, a következő időpontig díjmentesen.", charmap.Windows1250},
		{"Russian in Windows-1251", "Уважаемый клиент! Просим оплатить счёт до конца месяца.", charmap.Windows1251},
		{"Russian in KOI8-R", "Уважаемый клиент! Просим оплатить счёт до конца месяца.", charmap.KOI8R},
		{"Russian in code page 866", "Уважаемый клиент! Просим оплатить счёт до конца месяца.", charmap.CodePage866},
		{"Greek in Windows-1253", "Αγαπητέ πελάτη, παρακαλούμε να πληρώσετε τον λογαριασμό.", charmap.Windows1253},
		{"German in code page 850", "Für die Überführung fällt eine Gebühr an; die Prüfung läuft.", charmap.CodePage850},
		{"Japanese in Shift JIS", "ご請求書をお送りいたします。お支払いは来月末までにお願いします。", japanese.ShiftJIS},
		{"Japanese in EUC-JP", "ご請求書をお送りいたします。お支払いは来月末までにお願いします。", japanese.EUCJP},
		{"Japanese in ISO-2022-JP", "ご請求書をお送りいたします。お支払いは来月末までにお願いします。", japanese.ISO2022JP},
		{"Chinese in GB18030", "请在本月底之前支付这张账单。如有问题，请与我们联系。", simplifiedchinese.GB18030},
		{"Chinese in Big5", "請在本月底之前支付這張帳單。如有問題，請與我們聯絡。", traditionalchinese.Big5},
		{"Korean in EUC-KR", "이번 달 말까지 청구서를 지급해 주시기 바랍니다. 감사합니다.", korean.EUCKR},
		{"Chinese in UTF-16 without a mark", "请在本月底之前支付这张账单。\n如有问题，请与我们联系。\n", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"Russian in UTF-16 without a mark", "Уважаемый клиент! Просим оплатить счёт.\n", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, err := tt.in8.NewEncoder().String(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSpace(tt.in)
			if got := read(t, document.Text, in).Text(); got != want {
				t.Errorf("text %q, want %q", got, want)
			}
			// What matters may come after much that says nothing.
			pad, err := tt.in8.NewEncoder().String(strings.Repeat("0123456789\n", 2000))
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, document.Text, pad+in).Text(); !strings.HasSuffix(got, want) {
				t.Errorf("text ends in %q, want %q", got[len(got)-100:], want)
			}
		})
	}
}

func read(t *testing.T, typ document.Type, in string) *extract.Content {
	t.Helper()
	c, err := text.New(text.Options{}).Extract(t.Context(), &document.Document{Type: typ, Bytes: []byte(in)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExtractHTML(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"puts the title first", "<title>Tea\n prices</title><body>Green 4</body>", "Tea prices\nGreen 4"},
		{"does not repeat a title that the page begins with", "<title>Tea</title><h1>Tea prices</h1>", "Tea prices"},
		{"parts the number of a note from the word before it", `<p>the rent<a href="#n1"><sup>1</sup></a> of 20 m<sup>2</sup>, <a href="#x">x</a><sup>3</sup>`, "the rent 1 of 20 m2, x3"},
		{"puts blocks on lines", "<h1>Tea</h1><p>one</p><p>two<div>three</div>four<br>five", "Tea\none\ntwo\nthree\nfour\nfive"},
		{"collapses white space", "<p>  one \n\t two&nbsp;<b>three</b> </p>", "one two three"},
		{"joins what markup divides inside a word", "<p>in<b>voi</b>ce", "invoice"},
		{"keeps the lines of preformatted text", "<pre>one\ntwo</pre>three", "one\ntwo\nthree"},
		{"separates cells by tabs", "<table><tr><th>Tea<th>Price<tr><td>Green</td><td>4</td></tr></table>after", "Tea\tPrice\nGreen\t4\nafter"},
		{"keeps empty cells in the middle, not at the end", "<table><tr><td>a<td><td>b<td><td></tr><tr><td>c</table>", "a\t\tb\nc"},
		{"reads tables in cells", "<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", "a\tb\nc"},
		{"reads what is filled in, ticked and chosen", "<form>Name <input name=n value='Ann Bee'> <input type=checkbox checked>paid <input type=checkbox>void " +
			"<select name=s><option>one<option selected>two<option>three</select><input type=hidden value=x><input type=submit value=Send> <textarea name=t>note</textarea>",
			"Name Ann Bee [x] paid void\ntwo\nnote"},
		{"reads what stands for a picture", "<img src=x alt='Harbour Bank'> statement", "Harbour Bank statement"},
		{"decodes entities", "<p>Mill &amp; Lane &euro;5 &#x41;&lt;b&gt;", "Mill & Lane €5 A<b>"},
		{"drops scripts, styles and comments", "a<script>if (a<b) x()</script><style>p{}</style><!-- c --><template>t</template><noscript>n</noscript>b", "ab"},
		{"drops hidden elements", "<div hidden>x<div>y</div>z</div><p style='Display : NONE'>x</p><span style='visibility:hidden'>x</span>seen", "seen"},
		{"drops hidden elements of unknown kind", "<x-note hidden>x<x-note>y</x-note>z</x-note>seen", "seen"},
		{"ends a hidden paragraph at the next block", "<div><p hidden>x<p>seen</div>", "seen"},
		{"takes a hidden field for no container", "<input hidden><br hidden>seen", "seen"},
		{"drops what is too small to be seen", "<p style='font-size:0'>x</p><p style='max-height: 0px'>x</p><p style='font-size:0.9em'>seen", "seen"},
		{"keeps what merely looks hidden", "<p style='display:block'>seen</p><p class=hidden>too</p>", "seen\ntoo"},
		{"reads a fragment", "one<p>two", "one\ntwo"},
		{"honours the encoding that the page names", "<meta charset=iso-8859-2><p>\xB3\xF3d\xBC", "łódź"},
		{"guesses the encoding that the page does not name", "<p>Счёт за месяц, срок оплаты", "Счёт за месяц, срок оплаты"},
		{"honours the encoding that an old page names", "<meta http-equiv=content-type content='text/html; charset=windows-1251'><p>\xC4\xE0", "Да"},
		{"reads a page that names the wrong encoding", "<meta charset=utf-8><p>Caf\xE9", "Café"},
		{"reads a page in UTF-16", "\xFF\xFE<\x00p\x00>\x00h\x00i\x00", "hi"},
		{"reads an unfinished page", "<p>one<a href='x", "one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &document.Document{Type: document.HTML, Bytes: []byte(tt.in)}
			c, err := text.New(text.Options{}).Extract(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExtractHTMLMeta(t *testing.T) {
	page := "<title>Tea &amp; more</title><meta name=Author content=' Ann\nBee '><meta name=generator content=Quill><svg><title>not</title></svg>" +
		"<title>second</title><meta name=keywords content='tea, green'><input name=first><select name=second></select><textarea name=first></textarea>"
	c, err := text.New(text.Options{}).Extract(t.Context(), &document.Document{Type: document.HTML, Bytes: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"title": "Tea & more", "author": "Ann Bee", "producer": "Quill", "keywords": "tea, green", "fields": "first, second"} {
		if got := c.Meta[key]; got != want {
			t.Errorf("%s %q, want %q", key, got, want)
		}
	}
}

func TestExtractHTMLIsBounded(t *testing.T) {
	deep := strings.Repeat("<div>x", 200_000) + strings.Repeat("</div>", 200_000)
	d := &document.Document{Type: document.HTML, Bytes: []byte(deep)}
	c, err := text.New(text.Options{MaxText: 1000}).Extract(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Text()); n == 0 || n > 1000 {
		t.Errorf("%d bytes of text, want at most 1000", n)
	}
}

func TestExtractRefuses(t *testing.T) {
	e := text.New(text.Options{})
	if _, err := e.Extract(t.Context(), &document.Document{Type: document.PDF}); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("a PDF: %v, want %s", err, fault.Unsupported)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, typ := range []document.Type{document.Text, document.HTML} {
		if _, err := e.Extract(ctx, &document.Document{Type: typ, Bytes: []byte("x")}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the caller left: %v", typ, err)
		}
	}
}

func FuzzExtract(f *testing.F) {
	for _, s := range []string{"Caf\xE9", "\xFF\xFEh\x00", "h\x00e\x00l\x00l\x00o\x00", "<p hidden>x<td>y", "<title>", "<pre><meta charset=utf-16>"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	const limit = 100
	e := text.New(text.Options{MaxText: limit})
	f.Fuzz(func(t *testing.T, b []byte, web bool) {
		d := &document.Document{Type: document.Text, Bytes: b}
		if web {
			d.Type = document.HTML
		}
		c, err := e.Extract(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if s := c.Text(); len(s) > limit || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r") {
			t.Errorf("text %q", s)
		}
	})
}

func TestHTMLAndDecodeHonourTheSender(t *testing.T) {
	tests := []struct{ name, charset, in, want string }{
		{"believes the sender", "iso-8859-2", "<p>\xB3\xF3d\xBC", "łódź"},
		{"believes the sender before the page", "ISO-8859-2", "<meta charset=koi8-r><p>\xB3\xF3d\xBC", "łódź"},
		{"reads what is all escapes", "iso-2022-jp", "<p>\x1b$B$3$s\x1b(B", "こん"},
		{"does not believe that valid UTF-8 is something else", "koi8-r", "<p>Gr\xC3\xBC\xC3\x9Fe", "Grüße"},
		{"does not mind an unknown name", "x-none", "<p>Caf\xE9", "Café"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.HTML([]byte(tt.in), tt.charset).Text(); got != tt.want {
				t.Errorf("page %q, want %q", got, tt.want)
			}
			if got := text.Decode([]byte(tt.in), tt.charset); !strings.HasSuffix(got, tt.want) {
				t.Errorf("text %q, want it to end in %q", got, tt.want)
			}
		})
	}
}
