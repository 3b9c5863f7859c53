package local_test

import (
	"testing"

	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
)

// A scan's words may have one letter wrong each, and still say what it is. Another text's words
// are taken as they are written.
func TestMisreadWordsCount(t *testing.T) {
	const scan = "STATENENT OF ACCOONT\nStotement pariod 1 May to 31 May\nOpeming balamce 310.20\nDirecl debit 40.00\nClosimg balonce 255.20"
	m := local.New(local.Options{})
	ask := func(ocr bool) model.Response {
		resp, err := m.Score(t.Context(), model.Request{Taxonomy: find(t, "finance"), Text: scan, Document: model.Facts{Type: "png", Pages: 1, OCR: ocr}})
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	if resp := ask(true); resp.Label != "bank_statement" || resp.Confidence < 0.8 {
		t.Errorf("a scan: %q, %.2f (%s); want a bank statement", resp.Label, resp.Confidence, resp.Reason)
	}
	if resp := ask(false); resp.Label == "bank_statement" {
		t.Errorf("a text: %.2f (%s); want nothing of it", resp.Confidence, resp.Reason)
	}
}

// BenchmarkScan is BenchmarkScore for a text that was read from pictures.
func BenchmarkScan(b *testing.B) {
	m := local.New(local.Options{})
	req := model.Request{Taxonomy: find(b, "all"), Text: misspelt(), Document: model.Facts{Type: "png", OCR: true}}
	b.SetBytes(int64(len(req.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Score(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

// misspelt is 20 kB of words that no phrase holds.
func misspelt() string {
	text := make([]byte, 20<<10)
	seed := uint32(1)
	for i := range text {
		seed = seed*1664525 + 1013904223
		if text[i] = 'a' + byte(seed>>24)%26; i%8 == 7 {
			text[i] = ' '
		}
	}
	return string(text)
}
