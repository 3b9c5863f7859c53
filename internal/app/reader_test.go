package app_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
)

const onePagePDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n" +
	"4 0 obj<<>>stream\nBT /F 18 Tf 20 100 Td (Invoice number 7) Tj ET\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

func TestReader(t *testing.T) {
	for _, children := range []int{0, 1} {
		t.Run(fmt.Sprintf("with %d children", children), func(t *testing.T) {
			r, err := app.OpenReader(app.ReaderOptions{Reading: config.Reading{Children: children, OCR: config.OCROff}})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for _, tt := range []struct {
				name, bytes, want string
				kind              fault.Kind
				draws             bool
			}{
				{"a PDF", onePagePDF, "Invoice number 7", "", true},
				{"a text", "Dear Sir or Madam", "Dear Sir or Madam", "", false},
				{"a broken PDF", "%PDF-1.7\n", "", fault.Corrupt, false},
				{"another PDF after it", onePagePDF, "Invoice number 7", "", true},
			} {
				t.Run(tt.name, func(t *testing.T) {
					d, err := document.Read(strings.NewReader(tt.bytes), "", document.Options{})
					if err != nil {
						t.Fatal(err)
					}
					c, err := r.Extract(t.Context(), d)
					if fault.KindOf(err) != tt.kind {
						t.Fatalf("error %v, want kind %q", err, tt.kind)
					}
					if err != nil {
						return
					}
					if got := strings.TrimSpace(c.Text()); got != tt.want || (c.Draw != nil) != tt.draws {
						t.Errorf("%q, draws %v; want %q, %v", got, c.Draw != nil, tt.want, tt.draws)
					}
					if tt.draws {
						m, err := c.Draw(t.Context(), 1, extract.View{Side: 200})
						if err != nil || m.Width != 200 {
							t.Errorf("drawn %d wide: %v", m.Width, err)
						}
					}
				})
			}
		})
	}
}

// A document that wants more memory than a child has is refused by its reader, who need not die of
// it, nor try twice.
func TestReaderOutlivesWantOfMemory(t *testing.T) {
	var log strings.Builder
	r, err := app.OpenReader(app.ReaderOptions{
		Reading: config.Reading{Children: 1, Timeout: time.Minute, OCR: config.OCROff},
		Log:     slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	fmt.Fprint(z, strings.Repeat("0 0 9 9 re f\n", 3<<20))
	z.Close()
	greedy := strings.Replace(onePagePDF, "<<>>stream\nBT /F 18 Tf 20 100 Td (Invoice number 7) Tj ET",
		fmt.Sprintf("<</Filter/FlateDecode/Length %d>>stream\n%s", packed.Len(), packed.String()), 1)
	d, err := document.Read(strings.NewReader(greedy), "", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Extract(t.Context(), d); fault.KindOf(err) != fault.TooComplex || log.Len() > 0 {
		t.Errorf("got %v, want %s from a child that lives; log: %s", err, fault.TooComplex, log.String())
	}
}

func TestReaderHealth(t *testing.T) {
	r, err := app.OpenReader(app.ReaderOptions{Reading: config.Reading{Children: 1, OCR: config.OCROff}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := r.Health(t.Context())
	if h.Children != 1 || h.Problem != "" || len(h.Confinement.Holds)+len(h.Confinement.Missing) == 0 || h.OCR != "" {
		t.Errorf("%+v; want one child that says how it is confined, and no OCR", h)
	}
}

func TestReaderRefusesWhatIsNotThere(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := app.OpenReader(app.ReaderOptions{Reading: config.Reading{OCR: config.OCRCommand}})
	if fault.KindOf(err) != fault.Config || !strings.Contains(fault.Message(err), "install tesseract-ocr") {
		t.Errorf("tesseract without its command: %v", err)
	}
}

func TestChildIsNoCommandForPeople(t *testing.T) {
	err := app.Child(t.Context(), nil, strings.NewReader(""), nil)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), "docsift's own") {
		t.Errorf("got %v", err)
	}
}
