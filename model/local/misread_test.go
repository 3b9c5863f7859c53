package local_test

import (
	"slices"
	"strings"
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

// Letters may be spaced, words fallen apart, and digits taken for letters.
func TestBrokenWordsCount(t *testing.T) {
	m := local.New(local.Options{})
	tests := []struct {
		name, text string
		ocr        bool
		want       string
	}{
		{"spaced letters", "I N V O I C E\nB I L L  T O Ann Keeper\nLamp oil 2 12.00\nA M O U N T  D U E 12.00", false, "invoice"},
		{"words that fell apart", "STATE MENT OF ACC OUNT\nOpe ning bal ance 310.20\nDir ect deb it 40.00\nClo sing bala nce 255.20", true, "bank statement"},
		{"digits for letters in a text layer", "1NV01CE NUMBER 7\nB1LL T0 Ann Keeper\nAm0unt due 12.00 Payment term5 30 days", false, "invoice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, err := m.Score(t.Context(), model.Request{Taxonomy: find(t, "finance"), Text: tt.text, Document: model.Facts{Pages: 1, OCR: tt.ocr}})
			if want := strings.ReplaceAll(tt.want, " ", "_"); err != nil || resp.Label != want {
				t.Errorf("%q, %.2f (%s), error %v; want %s", resp.Label, resp.Confidence, resp.Reason, err, want)
			}
		})
	}
	resp, err := m.Score(t.Context(), model.Request{Taxonomy: find(t, "finance"), Text: "Lamp oil for the pier\nBill to Ann Keeper\fI N V O I C E  N U M B E R 7\nAmount due 12.00", Pages: []int{3, 5}})
	if err != nil || !slices.Contains(resp.Evidence, model.Evidence{Phrase: "invoice number", Page: 5}) {
		t.Errorf("evidence %v, error %v", resp.Evidence, err)
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
