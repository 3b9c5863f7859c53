package sim

import (
	"slices"
	"sync"
	"time"
)

// Request is one call of a model as it arrived, accepted or not.
type Request struct {
	// Seq counts the calls from 1.
	Seq int `json:"seq"`

	// ID is what the provider calls the request, in its reply or that one's header.
	ID string `json:"id"`

	// Time is when the call arrived.
	Time time.Time `json:"time"`

	// Provider and Model say who was asked; Model is empty where the body did not name one.
	Provider string `json:"provider"`
	Model    string `json:"model"`

	// Key tells API keys apart: the first 8 hex digits of the key's SHA-256. Empty: none was sent.
	Key string `json:"key"`

	// Status is the HTTP status sent, 0 where none was.
	Status int `json:"status"`

	// Outcome is "answered", "refused" (the request is wrong), "limited" (over Options.Limits), "failed" (a scripted error), "spoiled" (a scripted
	// reply that is no answer), "hung", "cut", "gone" (the client left first) or, so far, "open".
	Outcome string `json:"outcome"`

	// Detail is the reason of a refusal or failure.
	Detail string `json:"detail,omitempty"`

	// PromptTokens and CompletionTokens are what the provider counts, reasoning included, whatever its
	// reply says of them.
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`

	// HasImage tells whether an image came along.
	HasImage bool `json:"has_image"`

	// Billed tells whether the provider charges for the tokens, be the answer read or lost.
	Billed bool `json:"billed"`
}

// maxRows is how many calls a ledger keeps; older ones are counted only.
const maxRows = 200_000

type ledger struct {
	mu     sync.Mutex
	rows   []Request
	seq    int
	counts map[[2]string]int // by provider and model
}

// open writes down a call that arrived and returns its number.
func (l *ledger) open(r Request) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	r.Seq, r.Outcome = l.seq, "open"
	if len(l.rows) >= maxRows {
		l.rows = slices.Clone(l.rows[maxRows/2:])
	}
	l.rows = append(l.rows, r)
	return l.seq
}

// named notes the model of a call, once it is known.
func (l *ledger) named(seq int, model string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = make(map[[2]string]int)
	}
	if r := l.row(seq); r != nil {
		r.Model = model
		l.counts[[2]string{r.Provider, model}]++
	}
}

// update changes the row of a call that is still kept.
func (l *ledger) update(seq int, change func(*Request)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.row(seq); r != nil {
		change(r)
	}
}

func (l *ledger) row(seq int) *Request {
	if len(l.rows) == 0 {
		return nil
	}
	i := seq - l.rows[0].Seq
	if i < 0 || i >= len(l.rows) {
		return nil
	}
	return &l.rows[i]
}

func (l *ledger) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.rows)
}

func (l *ledger) count(provider, model string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for k, c := range l.counts {
		if (provider == "" || k[0] == provider) && (model == "" || k[1] == model) {
			n += c
		}
	}
	return n
}

// reset forgets all calls. Numbers go on, so that a call still open does not write into another's row.
func (l *ledger) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows, l.counts = nil, nil
}
