package unseen_test

import (
	"slices"
	"testing"

	"github.com/docsift/docsift/extract/unseen"
)

func TestFind(t *testing.T) {
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
			var want []unseen.Text
			if tt.want > 0 {
				want = []unseen.Text{{Kind: unseen.Tiny, Page: 3, Letters: tt.want}}
			}
			got := unseen.Find(3, map[unseen.Kind]string{unseen.Tiny: tt.hidden}, tt.shown)
			if !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

func TestIsMessage(t *testing.T) {
	tests := []struct {
		name   string
		hidden []unseen.Text
		want   bool
	}{
		{"nothing hidden", nil, false},
		{"a word", []unseen.Text{{Kind: unseen.SameColour, Page: 1, Letters: 15}}, false},
		{"a message", []unseen.Text{{Kind: unseen.SameColour, Page: 1, Letters: 16}}, true},
		{"a message in parts", []unseen.Text{{Kind: unseen.SameColour, Page: 1, Letters: 8}, {Kind: unseen.Tiny, Page: 2, Letters: 8}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := unseen.IsMessage(tt.hidden); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
