package pdf_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/pdf"
	"github.com/docsift/docsift/fault"
)

// FuzzExtract holds whatever PDFium returns for broken documents to what package extract
// promises.
func FuzzExtract(f *testing.F) {
	for _, seed := range [][]byte{
		good(),
		good()[:200],
		bytes.ReplaceAll(good(), []byte("/Count 1"), []byte("/Count 9")),
		bytes.ReplaceAll(good(), []byte("595 842"), []byte("-5 1000000000000000000000")),
		write{pages: []page{say("one\x00\x02\xFE\xFF"), say("two")}, objects: []string{"<</Title<FEFFD800000D>>>"}, trailer: "/Info 10 0 R"}.bytes(),
		laughs(2),
	} {
		f.Add(seed)
	}
	x := start(f, pdf.Options{MaxMemory: 64 << 20, Timeout: 5 * time.Second, Interruptible: true})
	known := []fault.Kind{fault.Corrupt, fault.Encrypted, fault.TooComplex}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := x.Extract(t.Context(), &document.Document{Type: document.PDF, Bytes: b})
		if err != nil {
			if !slices.Contains(known, fault.KindOf(err)) {
				t.Errorf("kind %s: %v", fault.KindOf(err), err)
			}
			return
		}
		if c.PageCount < 1 || len(c.Pages) < 1 || len(c.Pages) > 4 {
			t.Errorf("%d pages read of %d", len(c.Pages), c.PageCount)
		}
		if text := c.Text(); !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x02\r\uFFFE") {
			t.Errorf("unclean text %q", text)
		}
	})
}
