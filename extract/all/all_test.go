package all_test

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/all"
	"github.com/docsift/docsift/fault"
)

func TestExtract(t *testing.T) {
	e := all.New(all.Options{})
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	tests := []struct {
		name     string
		in       []byte
		wantType document.Type
		wantText string
		draws    bool
	}{
		{"a PDF", onePagePDF("Invoice number 7"), document.PDF, "Invoice number 7", true},
		{"a picture", picture(t), document.PNG, "", true},
		{"a Word document", wordFile(t), document.DOCX, "hello from Word", false},
		{"a text", []byte("hello from a text"), document.Text, "hello from a text", false},
		{"a table", []byte("a,b\n1,2\n3,4\n"), document.CSV, "a,b\n1,2\n3,4", false},
		{"a web page", []byte("<p>hello from <b>a page"), document.HTML, "hello from a page", false},
		{"rich text", []byte(`{\rtf1 hello from {\b rich} text}`), document.RTF, "hello from rich text", false},
		{"a mail with a web page inside", []byte("From: ann@example.org\nSubject: tea\nMIME-Version: 1.0\nContent-Type: text/html\n\n<p>hello from <b>a mail"),
			document.EML, "From: ann@example.org\nSubject: tea\n\nhello from a mail", false},
		{"a mail with rich text inside", []byte("From: ann@example.org\nSubject: tea\nMIME-Version: 1.0\nContent-Type: text/rtf\n\n{\\rtf1 hello}"),
			document.EML, "From: ann@example.org\nSubject: tea\n\nhello", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := document.Read(bytes.NewReader(tt.in), "", document.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d.Type != tt.wantType {
				t.Fatalf("type %q, want %q", d.Type, tt.wantType)
			}
			c, err := e.Extract(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(c.Text()); got != tt.wantText {
				t.Errorf("text %q, want %q", got, tt.wantText)
			}
			if c.PageCount != 1 || (c.Draw != nil) != tt.draws {
				t.Fatalf("%d pages, draws %v, want %v", c.PageCount, c.Draw != nil, tt.draws)
			}
			if !tt.draws {
				return
			}
			m, err := c.Draw(t.Context(), 1, extract.View{Side: 100})
			if err != nil || len(m.Bytes) == 0 || max(m.Width, m.Height) > 100 {
				t.Errorf("drawn %dx%d, %d bytes: %v", m.Width, m.Height, len(m.Bytes), err)
			}
		})
	}
}

func TestExtractWithoutAReader(t *testing.T) {
	_, err := all.New(all.Options{}).Extract(t.Context(), &document.Document{Type: "exe"})
	if fault.KindOf(err) != fault.Unsupported {
		t.Errorf("error %v, want %s", err, fault.Unsupported)
	}
}

func TestExtractSurvivesItsReaders(t *testing.T) {
	d := &document.Document{Type: document.Text}
	check := func(t *testing.T, err error) {
		t.Helper()
		if fault.KindOf(err) != fault.Corrupt || strings.Contains(fault.Message(err), "boom") || !strings.Contains(err.Error(), "boom") {
			t.Errorf("error %v, want %s with its cause, and a message without", err, fault.Corrupt)
		}
	}
	t.Run("when they read", func(t *testing.T) {
		e := all.New(all.Options{}).WithText(reader(func() *extract.Content { panic("boom") }))
		_, err := e.Extract(t.Context(), d)
		check(t, err)
	})
	t.Run("when they draw", func(t *testing.T) {
		e := all.New(all.Options{}).WithText(reader(func() *extract.Content {
			return &extract.Content{Draw: func(context.Context, int, extract.View) (document.Image, error) { panic("boom") }}
		}))
		c, err := e.Extract(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Draw(t.Context(), 1, extract.View{Side: 100})
		check(t, err)
	})
}

type reader func() *extract.Content

func (r reader) Extract(context.Context, *document.Document) (*extract.Content, error) {
	return r(), nil
}

// onePagePDF returns a PDF without a table of offsets, which readers rebuild.
func onePagePDF(text string) []byte {
	return []byte("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
		"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>\nendobj\n" +
		"4 0 obj\n<<>>\nstream\nBT /F 18 Tf 20 100 Td (" + text + ") Tj ET\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n")
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wordFile(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	const xml = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>hello from Word</w:t></w:r></w:p></w:document>`
	if _, err := w.Write([]byte(xml)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
