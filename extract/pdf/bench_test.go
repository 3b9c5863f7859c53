package pdf_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/pdf"
)

// letter is a closely printed page.
func letter() []byte {
	var lines []string
	for range 45 {
		lines = append(lines, strings.Repeat("The quick brown fox jumps. ", 3))
	}
	return write{pages: []page{say(lines...)}}.bytes()
}

func BenchmarkText(b *testing.B) {
	x, d := start(b, pdf.Options{}), open(b, letter())
	warm(b, x)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Extract(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	x, d := start(b, pdf.Options{}), open(b, letter())
	c, err := x.Extract(b.Context(), d)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Draw(b.Context(), 1, extract.View{Side: 1024}); err != nil {
			b.Fatal(err)
		}
	}
}
