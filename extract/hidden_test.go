package extract_test

import (
	"slices"
	"testing"

	"github.com/docsift/docsift/extract"
)

func TestFindHidden(t *testing.T) {
	tests := []struct {
		name, hidden, shown string
		want                int
	}{
		{"nothing is hidden", "", "Invoice No. 42", 0},
		{"digits and signs are no letters", "03/23/2019 $ 12.50", "", 0},
		{"a message is counted by its letters", "This is an invoice.", "Dear Sir", 15},
		{"what the page shows as well is not counted", "Community Guidelines", "Read our community guidelines first", 0},
		{"a short word that the page shows is not counted", "Page", "page 3 of 4", 0},
		{"a short word that it does not show is", "Page", "3 of 4", 4},
		{"only what is new is counted", "Community Guidelines say: invoice", "Community Guidelines", 10},
		{"what says itself again is counted once", "Primergy Primergy Primergy Primergy", "", 8},
		{"the stamp of a program is no message", "Powered by TCPDF (www.tcpdf.org)", "Dear Sir", 0},
		{"an ideograph counts as three letters", "这是发票", "", 12},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []extract.Hidden
			if tt.want > 0 {
				want = []extract.Hidden{{Kind: extract.Tiny, Page: 3, Letters: tt.want}}
			}
			got := extract.FindHidden(3, map[extract.HiddenKind]string{extract.Tiny: tt.hidden}, tt.shown)
			if !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

func TestConceals(t *testing.T) {
	tests := []struct {
		name   string
		hidden []extract.Hidden
		want   bool
	}{
		{"nothing hidden", nil, false},
		{"a word", []extract.Hidden{{Kind: extract.SameColour, Page: 1, Letters: 15}}, false},
		{"a message", []extract.Hidden{{Kind: extract.SameColour, Page: 1, Letters: 16}}, true},
		{"a message in parts", []extract.Hidden{{Kind: extract.SameColour, Page: 1, Letters: 8}, {Kind: extract.Tiny, Page: 2, Letters: 8}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (&extract.Content{Hidden: tt.hidden}).Conceals(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
