package cascade_test

import (
	"testing"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Whatever the models say of a document that hides a message, a person looks at it.
func TestHiddenTextIsForReview(t *testing.T) {
	message := []unseen.Text{{Kind: unseen.SameColour, Page: 1, Letters: 60}}
	tests := []struct {
		name   string
		hidden []unseen.Text
		say    func(int, model.Request) (model.Response, error)
		want   cascade.ReviewReason
	}{
		{"a sure answer", message, always("invoice", 1), cascade.HiddenText},
		{"a doubted answer", message, always("invoice", 0.2), cascade.HiddenText},
		{"no answer", message, abstains, cascade.HiddenText},
		{"all models down", message, failing(fault.Unavailable, 99), cascade.HiddenText},
		{"a sure answer where next to nothing is hidden", []unseen.Text{{Kind: unseen.Tiny, Page: 1, Letters: 5}}, always("invoice", 1), ""},
		{"a doubted answer where nothing is hidden", nil, always("invoice", 0.2), cascade.LowConfidence},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := input(t, words, false)
			in.Content.Hidden = tt.hidden
			f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: tt.say, flash: tt.say, sol: tt.say}}
			out, err := newCascade(t, ladder, f).Run(t.Context(), in)
			if err != nil && fault.KindOf(err) != fault.NoModel {
				t.Fatal(err)
			}
			if out.Review.Needed != (tt.want != "") || out.Review.Reason != tt.want {
				t.Errorf("review %+v, want %q", out.Review, tt.want)
			}
		})
	}
}

// What would cost most is looked at first.
func TestRisk(t *testing.T) {
	costly, err := taxonomy.Parse("t.yaml", []byte("id: t\ncategories: [letter, {name: invoice, cost: 5}, {name: receipt, cost: 0.5}]"))
	if err != nil {
		t.Fatal(err)
	}
	hidden := []unseen.Text{{Kind: unseen.SameColour, Page: 1, Letters: 60}}
	tests := []struct {
		name   string
		say    func(int, model.Request) (model.Response, error)
		hidden []unseen.Text
		want   float64
	}{
		{"a costly category", always("invoice", 0.5), nil, 2.5},
		{"one that costs little", always("receipt", 0.5), nil, 0.25},
		{"one of which nothing is said", always("letter", 0.5), nil, 0.5},
		{"an answer that the document may have chosen", always("letter", 1), hidden, 1},
		{"nobody answers", abstains, nil, 1},
		{"a sure answer", always("invoice", 1), nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := input(t, words, false)
			in.Taxonomy, in.Content.Hidden = costly, tt.hidden
			f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: tt.say, flash: tt.say, sol: tt.say}}
			out, err := newCascade(t, ladder, f).Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if out.Review.Risk != tt.want {
				t.Errorf("risk %v, want %v (%+v)", out.Review.Risk, tt.want, out.Review)
			}
		})
	}
}
