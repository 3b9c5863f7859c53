package office_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/fault"
)

func TestExtractRefuses(t *testing.T) {
	good := word(`<w:p><w:r><w:t>hello</w:t></w:r></w:p>`)
	locked := packed(good)
	locked[bytes.LastIndex(locked, []byte("PK\x01\x02"))+8] |= 1 // the flag in the directory
	deep := word(strings.Repeat("<w:sdt>", 300) + strings.Repeat("</w:sdt>", 300))
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
		{"a file cut short", packed(good)[:200], office.Options{}, fault.Corrupt, "damaged or incomplete"},
		{"no zip", []byte("PK\x03\x04 and no more"), office.Options{}, fault.Corrupt, "damaged or incomplete"},
		{"a missing document", packed(parts{"word/styles.xml": "<x/>"}), office.Options{}, fault.Corrupt, `lacks its part "word/document.xml"`},
		{"broken XML", packed(word(`<w:p><w:r></w:p>`)), office.Options{}, fault.Corrupt, "damaged"},
		{"an undefined entity", packed(word(`<w:p><w:r><w:t>&xxe;</w:t></w:r></w:p>`)), office.Options{}, fault.Corrupt, "damaged"},
		{"a document type", packed(parts{"word/document.xml": `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>`}), office.Options{}, fault.Corrupt, "document type"},
		{"protected parts", locked, office.Options{}, fault.Encrypted, "password"},
		{"too many files", packed(many), office.Options{MaxEntries: 19}, fault.TooComplex, "more than 19 files"},
		{"too many bytes", packed(good), office.Options{MaxUnpacked: 100}, fault.TooComplex, "unpacks to more than"},
		{"a bomb", claiming(word("bomb"), "word/document.xml", 9<<20), office.Options{}, fault.TooComplex, "more than 200 times its size"},
		{"deep nesting", packed(deep), office.Options{}, fault.TooComplex, "deeper than 256"},
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

func FuzzExtract(f *testing.F) {
	// The bytes of one part: a fuzzer that must first mend a zip's checksums learns nothing.
	f.Add("word/document.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>x</w:t></w:r></w:p></w:document>`)
	f.Add("word/header1.xml", `<hdr/>`)
	f.Add("word/_rels/document.xml.rels", `<Relationships><Relationship Id="a" Type="x/header" Target="header1.xml"/></Relationships>`)
	f.Add("_rels/.rels", `<Relationships><Relationship Type="officeDocument" Target="../../word/document.xml"/></Relationships>`)
	f.Add("docProps/app.xml", `<Properties><Pages>12</Pages><Application>x</Application></Properties>`)
	f.Add("xl/workbook.xml", `<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`)
	f.Add("xl/worksheets/sheet1.xml", `<worksheet><row><c t="s"><v>0</v></c><c s="1"><v>46023.5</v></c></row></worksheet>`)
	f.Add("xl/sharedStrings.xml", `<sst><si><t>x</t><rPh><t>y</t></rPh></si></sst>`)
	f.Add("xl/styles.xml", `<styleSheet><numFmt numFmtId="170" formatCode="yyyy\-mm"/><cellXfs><xf numFmtId="170"/></cellXfs></styleSheet>`)
	e := office.New(office.Options{MaxText: 200})
	f.Fuzz(func(t *testing.T, name, part string) {
		for typ, whole := range map[document.Type]parts{document.DOCX: word(`<w:p/>`), document.XLSX: book(`<row><c><v>1</v></c></row>`)} {
			whole[name] = part
			b, err := pack(whole)
			if err != nil {
				continue // not a name that a zip can hold
			}
			check(t, e, &document.Document{Type: typ, Bytes: b})
		}
	})
}

func FuzzExtractBytes(f *testing.F) {
	f.Add(packed(word(`<w:p><w:r><w:t>x</w:t></w:r></w:p>`)))
	f.Add(packed(book(`<row><c><v>1</v></c></row>`)))
	e := office.New(office.Options{MaxText: 200})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, typ := range []document.Type{document.DOCX, document.XLSX} {
			check(t, e, &document.Document{Type: typ, Bytes: b})
		}
	})
}

// check holds Extract to its contract on whatever a fuzzer thinks of.
func check(t *testing.T, e *office.Extractor, d *document.Document) {
	c, err := e.Extract(t.Context(), d)
	switch fault.KindOf(err) {
	case "":
	case fault.Corrupt, fault.TooComplex, fault.Encrypted:
		return
	default:
		t.Fatalf("unclassified error %v", err)
	}
	if len(c.Pages) == 0 || c.PageCount < len(c.Pages) {
		t.Errorf("%d pages of %d", len(c.Pages), c.PageCount)
	}
	// A form feed between two pages is not counted by the limit.
	if text := c.Text(); len(text) > 200+len(c.Pages) || strings.ContainsAny(text, "\x00\r") {
		t.Errorf("text %q", text)
	}
}

func BenchmarkExtract(b *testing.B) {
	e := office.New(office.Options{})
	para := `<w:p><w:pPr><w:pStyle w:val="Normal"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">A line of text, about as long as lines are. </w:t></w:r></w:p>`
	for name, d := range map[string]*document.Document{
		"docx": {Type: document.DOCX, Bytes: packed(word(strings.Repeat(para, 500)))},
		"xlsx": {Type: document.XLSX, Bytes: packed(book(strings.Repeat(`<row><c><v>1.5</v></c><c t="s"><v>0</v></c><c s="1"><v>46023</v></c></row>`, 500)))},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := e.Extract(b.Context(), d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// parts are the files of an Office file by name.
type parts map[string]string

func packed(p parts) []byte {
	b, err := pack(p)
	if err != nil {
		panic(err)
	}
	return b
}

func pack(p parts) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range p {
		method := zip.Deflate
		if len(content) > 1<<20 {
			method = zip.Store // for speed
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(content)); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

// claiming returns a file whose directory says that a part unpacks to n bytes.
func claiming(p parts, name string, n uint32) []byte {
	const size, nameAt = 24, 46 // places in an entry of the directory
	b := packed(p)
	at := bytes.LastIndex(b, []byte(name)) - nameAt
	binary.LittleEndian.PutUint32(b[at+size:], n)
	return b
}

func document1(body string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" ` +
		`xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">` +
		`<w:body>` + body + `</w:body></w:document>`)
}

// word returns a Word document with the given body.
func word(body string) parts {
	return parts{"word/document.xml": string(document1(body))}
}

func read(t *testing.T, typ document.Type, p parts, o office.Options) *extract.Content {
	t.Helper()
	c, err := office.New(o).Extract(t.Context(), &document.Document{Type: typ, Bytes: packed(p)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
