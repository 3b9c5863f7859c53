package main

import (
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/extract/unseen"
)

func TestNote(t *testing.T) {
	sure, unsure := 0.8, 0.79
	blind := cascade.Attempt{Outcome: cascade.Skipped, Notes: []string{"no text could be read"}}
	undrawn := cascade.Attempt{Outcome: cascade.Skipped, Notes: []string{"no page can be drawn"}}
	silent := cascade.Attempt{Outcome: cascade.Abstained}
	dropped := []string{"vision"}
	tests := []struct {
		name       string
		reason     cascade.ReviewReason
		confidence *float64
		attempts   []cascade.Attempt
		dropped    []string
		want       string
	}{
		{"nothing to look at", "", &sure, nil, nil, ""},
		{"a doubt", cascade.LowConfidence, &unsure, nil, nil, "look: not sure"},
		{"surely something else", cascade.UnknownKind, &sure, nil, nil, "look: surely none of these categories"},
		{"perhaps something else", cascade.UnknownKind, &unsure, nil, nil, "look: none of the categories fits"},
		{"something else, at no confidence", cascade.UnknownKind, nil, nil, nil, "look: none of the categories fits"},
		{"a picture without a key", cascade.NothingToRead, nil, []cascade.Attempt{blind}, dropped, "look: too little text to judge by, and no key for a model that sees the page"},
		{"a picture for the local model alone", cascade.NothingToRead, nil, []cascade.Attempt{blind}, nil, "look: too little text to judge by"},
		{"a picture that a model was shown", cascade.NothingToRead, nil, []cascade.Attempt{blind, silent}, nil, "look: no model could make anything of it"},
		{"text that the local model makes nothing of", cascade.NothingToRead, nil, []cascade.Attempt{silent}, dropped, "look: no model could make anything of it, and no key for a model that sees the page"},
		{"no page to show", cascade.NothingToRead, nil, []cascade.Attempt{undrawn}, nil, "look: no model could make anything of it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var res docsift.Result
			res.Review.Reason, res.Confidence, res.Attempts = tt.reason, tt.confidence, tt.attempts
			res.Policy.Dropped = tt.dropped
			if got := note(res); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestNoteOfHiddenText(t *testing.T) {
	at := func(pages ...int) (list []unseen.Text) {
		for _, n := range pages {
			list = append(list, unseen.Text{Kind: unseen.Tiny, Page: n, Letters: 20})
		}
		return list
	}
	tests := []struct {
		name   string
		hidden []unseen.Text
		pages  int
		want   string
	}{
		{"on the only page", at(1, 1), 1, "look: it hides text"},
		{"on one of several", at(3, 3), 4, "look: it hides text on page 3"},
		{"on more", at(1, 1, 2, 4), 4, "look: it hides text on pages 1 and 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var res docsift.Result
			res.Review.Reason, res.Document.HiddenText, res.Document.Pages = cascade.HiddenText, tt.hidden, tt.pages
			if got := note(res); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestTally(t *testing.T) {
	tests := []struct {
		name string
		tally
		want string
	}{
		{"all well", tally{done: 3, cost: cascade.Cost{Known: true}}, "3 classified, 0 failed, cost $0"},
		{"some for review", tally{done: 24, review: 4, cost: cascade.Cost{Known: true}}, "24 classified (4 for review), 0 failed, cost $0"},
		{"cut short, at an unknown cost", tally{done: 1, failed: 2, interrupted: 3, cost: cascade.Cost{NanoUSD: 5e6}}, "1 classified, 2 failed, 3 interrupted, cost at least $0.005"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.tally.String(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
