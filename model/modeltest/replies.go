package modeltest

import (
	"cmp"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
)

// Answer is a recorded reply with an answer, and what is to be read from it.
type Answer struct {
	File       string
	Label      string
	Confidence float64 // 0 when none can be used
	Served     string
	Usage      model.Usage
	Notes      string // joined by "; "

	Score model.ScoreKind // default stated, or none without a confidence
}

// Answers checks the reading of answers.
func (a Adapter) Answers(t *testing.T, tests []Answer) {
	for _, tt := range tests {
		t.Run(tt.File, func(t *testing.T) {
			got, err := a.score(t, http.StatusOK, tt.File)
			if err != nil {
				t.Fatal(err)
			}
			score := cmp.Or(tt.Score, a.Score, model.ScoreStated)
			if tt.Confidence == 0 {
				score = model.ScoreNone
			}
			if got.Label != tt.Label || math.Abs(got.Confidence-tt.Confidence) > 1e-6 || got.Score != score {
				t.Errorf("answer %s %v (%s), want %s %v (%s)", got.Label, got.Confidence, got.Score, tt.Label, tt.Confidence, score)
			}
			if got.Usage != tt.Usage || got.Served != tt.Served || got.RequestID != a.RequestID {
				t.Errorf("usage %+v by %q as %q, want %+v by %q as %q", got.Usage, got.Served, got.RequestID, tt.Usage, tt.Served, a.RequestID)
			}
			if notes := strings.Join(got.Notes, "; "); notes != tt.Notes {
				t.Errorf("notes %q, want %q", notes, tt.Notes)
			}
		})
	}
}

// Failure is a recorded reply without an answer, and the error that it is.
type Failure struct {
	File   string
	Status int // default 200; that one is billed with 520 tokens of input
	Kind   fault.Kind
	Msg    string        // part of the message
	Wait   time.Duration // default what the headers say, 2s; none at status 200
}

// Failures checks the reading of errors, and of what was paid for and cannot be used. A file
// that is not JSON says nothing of what it cost.
func (a Adapter) Failures(t *testing.T, tests []Failure) {
	for _, tt := range tests {
		t.Run(tt.File, func(t *testing.T) {
			want := model.Response{RequestID: headerID}
			wait := cmp.Or(tt.Wait, 2*time.Second)
			if tt.Status == 0 {
				tt.Status, wait = http.StatusOK, 0
				if strings.HasSuffix(tt.File, ".json") {
					want = model.Response{RequestID: a.RequestID, Usage: model.Usage{Known: true, Input: 520}}
				}
			}
			got, err := a.score(t, tt.Status, tt.File)
			if fault.KindOf(err) != tt.Kind || !strings.Contains(fault.Message(err), tt.Msg) {
				t.Errorf("error %v (%s), want %s with %q", err, fault.KindOf(err), tt.Kind, tt.Msg)
			}
			if fault.RetryAfter(err) != wait {
				t.Errorf("retry after %v, want %v", fault.RetryAfter(err), wait)
			}
			if got.Usage.Known != want.Usage.Known || got.Usage.Input != want.Usage.Input || got.RequestID != want.RequestID || got.Label != "" {
				t.Errorf("response %+v beside the error, want %+v", got, want)
			}
		})
	}
}

// Life is a recorded description of a model, and what is to be read from it.
type Life struct {
	Name   string
	Status int
	File   string
	Want   chat.Lifecycle
	Kind   fault.Kind // of an error
}

// Lives checks the reading of a model's life.
func (a Adapter) Lives(t *testing.T, tests []Life) {
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			m := a.Open(chat.Options{Model: a.Model, BaseURL: a.serve(t, tt.Status, a.reply(t, tt.File))})
			got, err := m.Lifecycle(t.Context())
			if got != tt.Want || fault.KindOf(err) != tt.Kind {
				t.Errorf("lifecycle %+v, %v; want %+v, %q", got, err, tt.Want, tt.Kind)
			}
		})
	}
}

// score asks about an invoice where every reply is the one in file.
func (a Adapter) score(t *testing.T, status int, file string) (model.Response, error) {
	t.Helper()
	m := a.Open(chat.Options{Model: "any", BaseURL: a.serve(t, status, a.reply(t, file))})
	return m.Score(t.Context(), Request(t))
}
