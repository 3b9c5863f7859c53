package office_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/fault"
)

func TestExtractRefuses(t *testing.T) {
	good := word(`<w:p><w:r><w:t>hello</w:t></w:r></w:p>`)
	locked := packed(good)
	locked[bytes.LastIndex(locked, []byte("PK\x01\x02"))+8] |= 1 // the flag in the directory
	deep := word(strings.Repeat("<w:sdt>", 300) + strings.Repeat("</w:sdt>", 300))
	tight := word(strings.Repeat("<w:p>"+strings.Repeat(" ", 1<<20)+"</w:p>", 9))
	many := parts{}
	for i := range 20 {
		many[fmt.Sprint("word/x", i, ".xml")] = "<x/>"
	}
	tests := []struct {
		name string
		in   []byte
		opts office.Options
		kind fault.Kind
		want string // in the message
	}{
		{"a file cut short before its text", packed(good)[:100], office.Options{}, fault.Corrupt, "damaged or incomplete"},
		{"an empty zip", packed(nil), office.Options{}, fault.Corrupt, "lacks its part"},
		{"no zip", []byte("PK\x03\x04 and no more"), office.Options{}, fault.Corrupt, "damaged or incomplete"},
		{"a missing document", packed(parts{"word/styles.xml": "<x/>"}), office.Options{}, fault.Corrupt, `lacks its part "word/document.xml"`},
		{"broken XML", packed(word(`<w:p><w:r></w:p>`)), office.Options{}, fault.Corrupt, "damaged"},
		{"an undefined entity", packed(word(`<w:p><w:r><w:t>&xxe;</w:t></w:r></w:p>`)), office.Options{}, fault.Corrupt, "damaged"},
		{"a document type", packed(parts{"word/document.xml": `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>`}), office.Options{}, fault.Doctype, "declares XML entities"},
		{"a document type of the sort that points elsewhere", packed(parts{"word/document.xml": `<!DOCTYPE d SYSTEM "http://127.0.0.1/d.dtd" [<!ENTITY % x SYSTEM "file:///x"> %x;]><d/>`}), office.Options{}, fault.Doctype, "declares XML entities"},
		{"protected parts", locked, office.Options{}, fault.Encrypted, "password"},
		{"too many files", packed(many), office.Options{MaxEntries: 19}, fault.Inflated, "more than 19 files"},
		{"too many bytes", packed(good), office.Options{MaxUnpacked: 100}, fault.Inflated, "unpacks to more than"},
		{"a bomb", claiming(word("bomb"), "word/document.xml", 9<<20), office.Options{}, fault.Inflated, "more than 200 times its size"},
		{"a bomb without a directory", beheaded(deflated(tight)), office.Options{}, fault.Inflated, "more than 200 times its size"},
		{"too many files without a directory", beheaded(packed(many)), office.Options{MaxEntries: 19}, fault.Inflated, "more than 19 files"},
		{"too many bytes without a directory", beheaded(deflated(tight)), office.Options{MaxUnpacked: 1 << 20}, fault.Inflated, "unpacks to more than"},
		{"deep nesting", packed(deep), office.Options{}, fault.TooDeep, "deeper than 256"},
		{"a single giant text", packed(word("<w:p><w:r><w:t>" + strings.Repeat("x", 5<<20) + "</w:t></w:r></w:p>")), office.Options{MaxText: 16 << 20}, fault.TooComplex, "single element"},
		{"a lie about a size", claiming(good, "word/document.xml", 1), office.Options{}, fault.Corrupt, "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := office.New(tt.opts).Extract(t.Context(), &document.Document{Type: document.DOCX, Bytes: tt.in})
			if got := fault.KindOf(err); got != tt.kind {
				t.Fatalf("kind %q (%v), want %q", got, err, tt.kind)
			}
			if msg := fault.Message(err); !strings.Contains(msg, tt.want) {
				t.Errorf("message %q, want it to hold %q", msg, tt.want)
			}
		})
	}
}

func TestExtractTakesWhatOnlyLooksBad(t *testing.T) {
	body := `<w:p><w:r><w:t>hello</w:t></w:r></w:p>`
	bitmap := word(body)
	bitmap["word/media/scan.bmp"] = "blank"
	slip := word(body)
	slip["../../etc/passwd"] = "x"
	slip["/root/x"] = "x"
	odd := parts{
		`_rels\.rels`:       `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="/WORD/Main.xml"/></Relationships>`,
		`word\main.xml`:     string(document1(body)),
		"docProps/core.xml": "<broken",
	}
	tests := []struct {
		name string
		in   []byte
	}{
		{"a blank bitmap that packs like a bomb", claiming(bitmap, "word/media/scan.bmp", 9<<20)},
		{"names that climb out of the file", packed(slip)},
		{"back slashes, another main part and broken properties", packed(odd)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := office.New(office.Options{}).Extract(t.Context(), &document.Document{Type: document.DOCX, Bytes: tt.in})
			if err != nil || c.Text() != "hello" {
				t.Errorf("content %v, error %v", c, err)
			}
		})
	}
}

func TestExtractOfAnotherType(t *testing.T) {
	_, err := office.New(office.Options{}).Extract(t.Context(), &document.Document{Type: document.PDF})
	if fault.KindOf(err) != fault.Unsupported {
		t.Errorf("error %v, want %s", err, fault.Unsupported)
	}
}

func TestExtractHonoursContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := packed(word(`<w:p><w:r><w:t>hello</w:t></w:r></w:p>`))
	if _, err := office.New(office.Options{}).Extract(ctx, &document.Document{Type: document.DOCX, Bytes: b}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the caller left: %v", err)
	}
}

func TestExtractSalvages(t *testing.T) {
	long := word(strings.Repeat(para("a line of the document"), 20_000))
	slides := deck(shape("first"), shape("second"))
	delete(slides, "ppt/presentation.xml")
	delete(slides, "_rels/.rels")
	sheets := book(`<row><c><v>1</v></c></row>`)
	delete(sheets, "xl/workbook.xml")
	prose := open("text", `<text:p>hello</text:p>`)
	tests := []struct {
		name string
		typ  document.Type
		in   []byte
		want string // at the start of the text
	}{
		{"a file that lost its directory", document.DOCX, beheaded(packed(word(para("hello")))), "hello"},
		{"parts that say how long they are", document.DOCX, beheaded(stored(word(para("hello")))), "hello"},
		{"a text that breaks off", document.DOCX, packed(long)[:len(packed(long))/2], "a line of the document\na line"},
		{"slides whose list is lost, by their numbers", document.PPTX, beheaded(packed(slides)), "second\ffirst"},
		{"sheets whose list is lost", document.XLSX, beheaded(packed(sheets)), "1"},
		{"an OpenDocument text", document.ODT, beheaded(packed(prose)), "hello"},
		{"a mark of the directory in the wrong place", document.DOCX, bytes.ReplaceAll(packed(word(para("hello"))), []byte("PK\x05\x06"), []byte("PK\x05\x07")), "hello"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := office.New(office.Options{}).Extract(t.Context(), &document.Document{Type: tt.typ, Bytes: tt.in})
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Text(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("text %.80q, want it to start with %q", got, tt.want)
			}
		})
	}
}

// No external document type is fetched, and one that declares nothing does no harm.
func TestExtractPassesOverDocumentTypes(t *testing.T) {
	laughs := `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>`
	withType := word(para("hello"))
	withType["word/document.xml"] = strings.Replace(withType["word/document.xml"], "?>", `?><!DOCTYPE d PUBLIC "-//identity//EN" "http://127.0.0.1/d.dtd">`, 1)
	props := word(para("hello"))
	props["docProps/core.xml"] = laughs + `<c><title>&b;</title></c>`
	shared := book(`<row><c><v>7</v></c><c t="s"><v>0</v></c></row>`)
	shared["xl/sharedStrings.xml"] = laughs + `<sst><si><t>&b;</t></si></sst>`
	tests := []struct {
		name string
		typ  document.Type
		in   parts
		want string
	}{
		{"one without entities", document.DOCX, withType, "hello"},
		{"properties that declare entities are left out", document.DOCX, props, "hello"},
		{"strings that declare entities are left out", document.XLSX, shared, "Prices\n7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := read(t, tt.typ, tt.in, office.Options{})
			if got := c.Text(); got != tt.want || c.Meta["title"] != "" {
				t.Errorf("text %q, meta %v, want %q", got, c.Meta, tt.want)
			}
		})
	}
}
