package limit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/anthropic"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/limit"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/model/openai"
)

// inMemory sends requests to a simulator without a network.
type inMemory struct{ sim *sim.Server }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	m.sim.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// provider is a simulated provider with limits, and how often it refused.
type provider struct {
	sim  *sim.Server
	open func(chat.Options) *chat.Model
	name string
}

func (p provider) model() *chat.Model {
	return p.open(chat.Options{Model: p.name, Key: "k", Client: &http.Client{Transport: inMemory{p.sim}}, Settings: settings()})
}

func settings() chat.Settings { return chat.Settings{MaxTokens: 60} }

func (p provider) terms(wait time.Duration) limit.Terms {
	m := p.model()
	return limit.Terms{Wait: wait, Estimate: func(r model.Request) price.Tokens { return chat.Reserve(m.Name(), settings(), r) }}
}

// count returns the calls that were answered and those over the limit that arrived from then on.
func (p provider) count(from time.Time) (answered, limited int) {
	for _, r := range p.sim.Requests() {
		switch {
		case r.Time.Before(from):
		case r.Outcome == "answered":
			answered++
		case r.Outcome == "limited":
			limited++
		}
	}
	return answered, limited
}

func limited(t *testing.T, open func(chat.Options) *chat.Model, name string, l sim.Limit) provider {
	t.Helper()
	s, err := sim.New(sim.Options{Limits: []sim.Limit{l}, Latency: 400 * time.Millisecond, Jitter: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	return provider{s, open, name}
}

// load asks m about a document every so often for a while, and returns how many were refused.
func load(t *testing.T, every, span time.Duration, ms ...model.Model) (refused int) {
	t.Helper()
	req := modeltest.Request(t)
	var mu sync.Mutex
	var all sync.WaitGroup
	for begin := time.Now(); time.Since(begin) < span; time.Sleep(every) {
		for _, m := range ms {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if _, err := m.Score(ctx, req); err != nil {
					mu.Lock()
					defer mu.Unlock()
					refused++
				}
			})
		}
	}
	all.Wait()
	return refused
}

// At 95 % of the quota, every call is answered and the provider refuses none; far beyond it,
// nearly all of the quota is used, and the provider still refuses none.
func TestQuotaIsKept(t *testing.T) {
	const span = 2 * time.Minute
	one := modeltest.Request(t)
	tests := []struct {
		name string
		open func(chat.Options) *chat.Model
		m    string
		sim  sim.Limit // of each key
		set  limit.Limits
		docs float64 // that the quota takes a minute
	}{
		{"requests at OpenAI, learned", openai.New, "gpt-4o-mini", sim.Limit{RPM: 600}, limit.Limits{}, 600},
		{"requests at OpenAI, set", openai.New, "gpt-4o-mini", sim.Limit{RPM: 600}, limit.Limits{RPM: 600}, 600},
		{"requests at Google, set", gemini.New, "gemini-2.5-flash-lite", sim.Limit{RPM: 600}, limit.Limits{RPM: 600}, 600},
		{"requests at Anthropic, learned", anthropic.New, "claude-haiku-4-5", sim.Limit{RPM: 600}, limit.Limits{}, 600},
		{"tokens at OpenAI, learned", openai.New, "gpt-4o-mini", sim.Limit{TPM: 60_000}, limit.Limits{}, 0},
		{"tokens at Google, set", gemini.New, "gemini-2.5-flash-lite", sim.Limit{TPM: 60_000}, limit.Limits{TPM: 60_000}, 0},
	}
	for _, tt := range tests {
		for _, share := range []float64{0.95, 1.5} {
			t.Run(tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := limited(t, tt.open, tt.m, tt.sim)
					docs := tt.docs
					if docs == 0 { // what a document takes, the provider says
						resp, err := p.model().Score(t.Context(), one)
						if err != nil {
							t.Fatal(err)
						}
						docs = float64(tt.sim.TPM) / float64(resp.Usage.Input+resp.Usage.Output)
						time.Sleep(time.Minute)
					}
					l := limit.New(limit.Options{Limits: tt.set})
					begin := time.Now()
					refused := load(t, time.Duration(float64(time.Minute)/(share*docs)), span, l.Guard(p.model(), p.terms(10*time.Second)))
					answered, over := p.count(begin)
					t.Logf("%.0f %% of the quota: %d answered, %d refused by the limiter, %d by the provider", 100*share, answered, refused, over)
					if over != 0 {
						t.Errorf("the provider refused %d calls, want none", over)
					}
					if share < 1 && refused != 0 {
						t.Errorf("%d of %d calls were refused below the quota", refused, answered+refused)
					}
					if want := 0.95 * docs * span.Minutes(); share > 1 && float64(answered) < want {
						t.Errorf("%d calls were answered, want %.0f: nearly all of the quota", answered, want)
					}
				})
			})
		}
	}
}

// Two processes with one key, each of which wants nearly all of its quota, soon share it.
func TestTwoProcesses(t *testing.T) {
	const span = 4 * time.Minute
	tests := []struct {
		name string
		open func(chat.Options) *chat.Model
		m    string
		set  limit.Limits
	}{
		{"at OpenAI, from what it says", openai.New, "gpt-4o-mini", limit.Limits{}},
		{"at Anthropic, from what it says", anthropic.New, "claude-haiku-4-5", limit.Limits{}},
		{"at Google, from its refusals", gemini.New, "gemini-2.5-flash-lite", limit.Limits{RPM: 600}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := limited(t, tt.open, tt.m, sim.Limit{RPM: 600})
				var ms []model.Model
				for range 2 {
					ms = append(ms, limit.New(limit.Options{Limits: tt.set}).Guard(p.model(), p.terms(10*time.Second)))
				}
				begin := time.Now()
				load(t, time.Minute/570, span, ms...) // 190 % of the quota
				answered, over := p.count(begin)
				_, later := p.count(begin.Add(2 * time.Minute))
				t.Logf("%d answered, %d over the limit, %d of them after two minutes", answered, over, later)
				if quota := int(600 * span.Minutes()); answered < quota*9/10 || over*20 > answered || later*200 > answered {
					t.Errorf("%d calls were answered of a quota of %d, and %d were over it, %d after two minutes; want less than 5 %%, and 0.5 %%", answered, quota, over, later)
				}
			})
		})
	}
}

// A key whose quota of a day is spent is left alone until it is back.
func TestQuotaOfADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spent := fault.New(fault.Quota, nil, "spent")
		spent.RetryAfter = 8 * time.Hour
		f := &fake{err: spent}
		l := limit.New(limit.Options{})
		m := l.Guard(f, limit.Terms{})
		m.Score(t.Context(), model.Request{})
		f.err = nil
		time.Sleep(8*time.Hour - time.Minute)
		_, err := m.Score(t.Context(), model.Request{})
		if fault.KindOf(err) != fault.Throttled || fault.RetryAfter(err) != time.Minute || l.Load() != 1 || time.Until(l.Status().Held) != time.Minute {
			t.Errorf("a minute before: %v, status %+v", err, l.Status())
		}
		time.Sleep(time.Minute)
		if _, err := m.Score(t.Context(), model.Request{}); err != nil || f.calls() != 2 {
			t.Errorf("when it is back: %v, %d calls", err, f.calls())
		}
	})
}
