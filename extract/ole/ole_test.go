package ole_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/ole"
	"github.com/docsift/docsift/fault"
)

// letter, prices and talk are one plain file of each type.
func letter() []byte {
	return wordFile{parts: []string{"Dear reader,\rplease find enclosed.\r", "A note.\r"}, narrow: 12}.bytes()
}

func prices() []byte {
	return bookFile{
		globals: sharedTexts("Tea", "Ceylon"),
		sheets:  []bookSheet{{name: "Prices", cells: concat(sharedCell(0, 0, 0), numberCell(0, 1, 0, 4.5), sharedCell(1, 0, 1))}},
	}.bytes()
}

func talk() []byte {
	return showFile{slides: []showSlide{
		{outline: []string{"Harvest", "Two good years"}, shapes: concat(outlineText(0), outlineText(1)), notes: "Speak slowly"},
		{shapes: shape(byteText("Thank you"))},
	}}.bytes()
}

func samples() map[document.Type][]byte {
	return map[document.Type][]byte{document.DOC: letter(), document.XLS: prices(), document.PPT: talk()}
}

func TestExtract(t *testing.T) {
	want := map[document.Type]string{
		document.DOC: "Dear reader,\nplease find enclosed.\nA note.",
		document.XLS: "Prices\nTea\t4.5\nCeylon",
		document.PPT: "Harvest\nTwo good years\nSpeak slowly\fThank you",
	}
	for typ, b := range samples() {
		t.Run(string(typ), func(t *testing.T) {
			c := read(t, typ, b, ole.Options{})
			if got := c.Text(); got != want[typ] {
				t.Errorf("text %q, want %q", got, want[typ])
			}
			if c.Draw != nil {
				t.Error("it claims to draw pages")
			}
		})
	}
}

func TestMeta(t *testing.T) {
	spring := uint64(time.Date(2021, 4, 5, 6, 7, 8, 0, time.UTC).Unix()+11_644_473_600) * 10_000_000
	c := read(t, document.DOC, wordFile{parts: []string{"x\r"}, props: []property{
		{1, concat(le32(2), le16(1251), le16(0))},
		textProperty(2, "\xCE\xF2\xF7\xE5\xF2"),
		textProperty(3, " \t "),
		{4, concat(le32(31), le32(4), wide("Ann\x00"))},
		textProperty(5, strings.Repeat("k", 9000)),
		{12, concat(le32(64), le64(spring))},
		{13, concat(le32(64), le64(7))},
		numberProperty(14, 12),
		textProperty(18, "Word\x00processor"),
	}}.bytes(), ole.Options{})
	want := map[string]string{
		"title": "Отчет", "author": "Ann", "keywords": strings.Repeat("k", 512), "created": "2021-04-05T06:07:08Z", "producer": "Word",
	}
	if !maps.Equal(c.Meta, want) {
		t.Errorf("meta %q, want %q", c.Meta, want)
	}
	if c.PageCount != 12 {
		t.Errorf("%d pages, want 12", c.PageCount)
	}
}

func TestPageCountMustMakeSense(t *testing.T) {
	for _, n := range []int{0, -1, 10_001} {
		b := wordFile{parts: []string{"x\r"}, props: []property{numberProperty(14, n)}}.bytes()
		if c := read(t, document.DOC, b, ole.Options{}); c.PageCount != 1 {
			t.Errorf("a file of %d pages has %d", n, c.PageCount)
		}
	}
}

func TestExtractRefuses(t *testing.T) {
	wrongSize, noRoot := letter(), letter()
	wrongSize[30] = 7
	put(noRoot, 48, le32(0xFFFFFF))
	tests := []struct {
		name string
		typ  document.Type
		in   []byte
		opts ole.Options
		kind fault.Kind
		want string // in the message
	}{
		{"another type", document.PDF, letter(), ole.Options{}, fault.Unsupported, "pdf is not a binary Office file"},
		{"no bytes", document.DOC, nil, ole.Options{}, fault.Corrupt, "header"},
		{"a bare header", document.DOC, letter()[:100], ole.Options{}, fault.Corrupt, "header"},
		{"sectors of an impossible size", document.DOC, wrongSize, ole.Options{}, fault.Corrupt, "sectors"},
		{"a directory that is not there", document.DOC, noRoot, ole.Options{}, fault.Corrupt, "directory"},
		{"a workbook that claims to be a document", document.DOC, prices(), ole.Options{}, fault.Unsupported, "no Word document inside"},
		{"a document that claims to be a workbook", document.XLS, letter(), ole.Options{}, fault.Unsupported, "no workbook inside"},
		{"a document that claims to be a presentation", document.PPT, letter(), ole.Options{}, fault.Unsupported, "no presentation inside"},
		{"a document behind too many parts", document.DOC, crowded(20), ole.Options{MaxStreams: 20}, fault.Inflated, "too many parts"},
		{"a package behind a password", document.PPT, pack(stream{name: "EncryptedPackage", data: []byte("x")}), ole.Options{}, fault.Encrypted, "remove the protection"},
		{"a document behind a password", document.DOC, wordFile{parts: []string{"x\r"}, locked: true}.bytes(), ole.Options{}, fault.Encrypted, "remove the protection"},
		{"a document from before Word 6", document.DOC, oldWord(45, 0x409, []byte("x\r")), ole.Options{}, fault.Unsupported, "older than Word 6"},
		{"a document without a header", document.DOC, pack(stream{name: "WordDocument", data: make([]byte, 900)}), ole.Options{}, fault.Corrupt, "no header"},
		{"a document whose text is none", document.DOC, oldWord(104, 0x409, bytes.Repeat([]byte("\x00\xFF\x00x"), 50)), ole.Options{}, fault.Corrupt, "text cannot be found"},
		{"a workbook without a sheet", document.XLS, bookFile{}.bytes(), ole.Options{}, fault.Corrupt, "no visible sheet"},
		{"a workbook of hidden sheets", document.XLS, bookFile{sheets: []bookSheet{{name: "a", hidden: 2}}}.bytes(), ole.Options{}, fault.Corrupt, "no visible sheet"},
		{"a presentation without a slide", document.PPT, showFile{}.bytes(), ole.Options{}, fault.Corrupt, "no slide"},
		{"a presentation behind a password", document.PPT, showFile{locked: true}.bytes(), ole.Options{}, fault.Encrypted, "remove the protection"},
		{"a presentation whose session is locked", document.PPT, showFile{session: 9}.bytes(), ole.Options{}, fault.Encrypted, "remove the protection"},
		{"a presentation that is too deep", document.PPT, showFile{slides: []showSlide{{shapes: nested(70)}}}.bytes(), ole.Options{}, fault.TooDeep, "deeper than 64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ole.New(tt.opts).Extract(t.Context(), &document.Document{Type: tt.typ, Bytes: tt.in})
			if got := fault.KindOf(err); got != tt.kind {
				t.Fatalf("kind %q (%v), want %q", got, err, tt.kind)
			}
			if msg := fault.Message(err); !strings.Contains(msg, tt.want) {
				t.Errorf("message %q, want it to hold %q", msg, tt.want)
			}
		})
	}
}

// crowded returns a document that stands behind n other streams.
func crowded(n int) []byte {
	var list []stream
	for i := range n {
		list = append(list, stream{name: fmt.Sprint("Part ", i)})
	}
	return pack(append(list, wordFile{parts: []string{"x\r"}}.streams()...)...)
}

// nested returns a text in so many drawings.
func nested(depth int) []byte {
	b := byteText("deep")
	for range depth {
		b = box(1036, 0, b)
	}
	return b
}

func TestExtractHonoursContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for typ, b := range samples() {
		if _, err := ole.New(ole.Options{}).Extract(ctx, &document.Document{Type: typ, Bytes: b}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the caller left: %v", typ, err)
		}
	}
}

// leaves is a context whose caller leaves while the document is read.
type leaves struct {
	context.Context
	asked *int
}

func (l leaves) Err() error {
	if *l.asked++; *l.asked > 1 {
		return context.Canceled
	}
	return nil
}

func TestExtractStopsWhenTheCallerLeaves(t *testing.T) {
	row := numberCell(0, 0, 0, 1)
	shapes := slicesOf(outlineText(0), 3000)
	for typ, b := range map[document.Type][]byte{
		document.DOC: letter(),
		document.XLS: bookFile{sheets: []bookSheet{{name: "a", cells: slicesOf(row, 3000)}}}.bytes(),
		document.PPT: showFile{slides: []showSlide{{shapes: shapes}}}.bytes(),
	} {
		ctx := leaves{t.Context(), new(int)}
		if _, err := ole.New(ole.Options{}).Extract(ctx, &document.Document{Type: typ, Bytes: b}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", typ, err)
		}
	}
}

func slicesOf(b []byte, n int) []byte { return bytes.Repeat(b, n) }

// A file cut anywhere is read or refused, and most of it is worth the reading.
func TestExtractFilesCutShort(t *testing.T) {
	for typ, whole := range samples() {
		t.Run(string(typ), func(t *testing.T) {
			e := ole.New(ole.Options{})
			for n := range whole {
				check(t, e, &document.Document{Type: typ, Bytes: whole[:n]}, 1<<20)
			}
		})
	}
}

func read(t *testing.T, typ document.Type, b []byte, o ole.Options) *extract.Content {
	t.Helper()
	c, err := ole.New(o).Extract(t.Context(), &document.Document{Type: typ, Bytes: b})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// check holds Extract to its contract on whatever comes.
func check(t *testing.T, e *ole.Extractor, d *document.Document, limit int) {
	t.Helper()
	c, err := e.Extract(t.Context(), d)
	switch fault.KindOf(err) {
	case "":
	case fault.Corrupt, fault.Unsupported, fault.Encrypted, fault.Inflated, fault.TooDeep:
		return
	default:
		t.Fatalf("unclassified error %v", err)
	}
	if len(c.Pages) == 0 || c.PageCount < len(c.Pages) {
		t.Errorf("%d pages of %d", len(c.Pages), c.PageCount)
	}
	// A form feed between two pages is not counted by the limit.
	if text := c.Text(); len(text) > limit+len(c.Pages) || strings.ContainsAny(text, "\x00\r") {
		t.Errorf("text %q", text)
	}
	for key, v := range c.Meta {
		if len(v) > 1000 {
			t.Errorf("%s has %d bytes", key, len(v))
		}
	}
}

func BenchmarkExtract(b *testing.B) {
	line := "A line of text, about as long as lines are, and then a little longer.\r"
	row := concat(sharedCell(0, 0, 0), numberCell(0, 1, 0, 1.5), numberCell(0, 2, 0, 46023))
	e := ole.New(ole.Options{})
	for typ, file := range map[document.Type][]byte{
		document.DOC: wordFile{parts: []string{strings.Repeat(line, 1000)}, narrow: 30_000, noMark: true}.bytes(),
		document.XLS: bookFile{globals: sharedTexts("Tea"), sheets: []bookSheet{{name: "a", cells: slicesOf(row, 1000)}}}.bytes(),
		document.PPT: showFile{slides: []showSlide{{shapes: slicesOf(shape(byteText(line)), 500)}}}.bytes(),
	} {
		b.Run(string(typ), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := e.Extract(b.Context(), &document.Document{Type: typ, Bytes: file}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
