package limit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/limit"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/taxonomy"
)

// fake is a model that takes a while, and ends as told.
type fake struct {
	takes time.Duration
	resp  model.Response
	err   error

	mu   sync.Mutex
	sent []time.Time
}

func (f *fake) Name() string { return "fake" }

func (f *fake) Score(ctx context.Context, _ model.Request) (model.Response, error) {
	f.mu.Lock()
	f.sent = append(f.sent, time.Now())
	f.mu.Unlock()
	if f.takes > 0 {
		select {
		case <-time.After(f.takes):
		case <-ctx.Done():
			return model.Response{}, ctx.Err()
		}
	}
	return f.resp, f.err
}

func (f *fake) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.sent)
}

// foresees is an estimate that is always the same.
func foresees(input, output int) func(model.Request) price.Tokens {
	return func(model.Request) price.Tokens { return price.Tokens{Input: input, Output: output} }
}

func bills(input, cached, output int) model.Response {
	return model.Response{Usage: model.Usage{Known: true, Input: input, Cached: cached, Output: output}}
}

// ask makes n calls that do not wait, and returns the first error.
func ask(t *testing.T, m model.Model, n int) (passed int, err error) {
	t.Helper()
	for range n {
		_, e := m.Score(t.Context(), model.Request{})
		if e == nil {
			passed++
		}
		err = errors.Join(err, e)
	}
	return passed, err
}

func TestContract(t *testing.T) {
	modeltest.Run(t, func(*testing.T) model.Model {
		return limit.New(limit.Options{}).Guard(modeltest.Func(func(_ context.Context, req model.Request) (model.Response, error) {
			return model.Response{Label: taxonomy.Unknown, Scores: model.Spread(req.Taxonomy, taxonomy.Unknown, 0.5)}, nil
		}), limit.Terms{})
	})
}

// Each limit holds by itself, and the wait that a refusal names is long enough.
func TestLimits(t *testing.T) {
	day := 24 * time.Hour
	tests := []struct {
		name   string
		limits limit.Limits
		bill   model.Response
		passed int // of a hundred calls at once
		more   int // after the first refusal's wait
		atMost time.Duration
	}{
		{"nothing is known", limit.Limits{}, bills(100, 0, 10), 100, 100, 0},
		{"a few requests a minute may go at once", limit.Limits{RPM: 5}, bills(100, 0, 10), 5, 5, 61 * time.Second},
		{"of many a sixth may", limit.Limits{RPM: 120}, bills(100, 0, 10), 20, 1, 500 * time.Millisecond},
		{"tokens a minute", limit.Limits{TPM: 6600}, bills(100, 0, 10), 10, 1, time.Second},
		{"input tokens, of which cached ones do not count", limit.Limits{ITPM: 600}, bills(100, 90, 10), 10, 1, time.Second},
		{"output tokens", limit.Limits{OTPM: 600}, bills(100, 0, 10), 10, 1, time.Second},
		{"requests a day", limit.Limits{RPD: 7}, bills(100, 0, 10), 7, 7, day + 24*time.Minute},
		{"tokens a day", limit.Limits{TPD: 1100}, bills(100, 0, 10), 10, 10, day + 24*time.Minute},
		{"the lowest counts", limit.Limits{RPM: 60, RPD: 4, TPM: 6600}, bills(100, 0, 10), 4, 4, day + 24*time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{resp: tt.bill}
				u := tt.bill.Usage
				l := limit.New(limit.Options{Limits: tt.limits})
				m := l.Guard(f, limit.Terms{Wait: -1, Estimate: func(model.Request) price.Tokens {
					return price.Tokens{Input: u.Input, Cached: u.Cached, Output: u.Output}
				}})
				passed, err := ask(t, m, 100)
				if passed != tt.passed || f.calls() != passed {
					t.Errorf("%d of 100 calls passed, want %d", passed, tt.passed)
				}
				if err == nil {
					return
				}
				wait := fault.RetryAfter(err)
				if fault.KindOf(err) != fault.Throttled || wait <= 0 || wait > tt.atMost {
					t.Errorf("%v (%s), to come back in %v; want %s within %v", err, fault.KindOf(err), wait, fault.Throttled, tt.atMost)
				}
				time.Sleep(wait)
				if passed, _ := ask(t, m, 100); passed != tt.more {
					t.Errorf("%d calls passed after %v, want %d", passed, wait, tt.more)
				}
			})
		})
	}
}

// However calls come, no minute has more of them than the limit, and one limit's refusal takes
// nothing of another.
func TestNoMinuteHasMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		l := limit.New(limit.Options{Limits: limit.Limits{RPM: 60, TPM: 100_000}})
		m := l.Guard(f, limit.Terms{Wait: -1, Estimate: foresees(90, 10)})
		for range 10_000 {
			m.Score(t.Context(), model.Request{})
			time.Sleep(37 * time.Millisecond)
		}
		first := 0
		for i, at := range f.sent {
			for at.Sub(f.sent[first]) >= time.Minute {
				first++
			}
			if i-first+1 > 60 {
				t.Fatalf("%d calls in the minute before %v", i-first+1, at)
			}
		}
		if n := f.calls(); n < 360 { // in 370 seconds
			t.Errorf("%d calls passed, want nearly all that the limit allows", n)
		}
		for _, s := range l.Status().Limits {
			if s.Name == "tokens per minute" && s.Used > 0.061 {
				t.Errorf("%v of the tokens are used: refusals were counted", s.Used)
			}
		}
	})
}

// What a call used takes the place of what was foreseen.
func TestTrueUp(t *testing.T) {
	unsent := fault.New(fault.Unavailable, nil, "no connection")
	lost := fault.New(fault.Unavailable, nil, "the connection broke")
	lost.MaybeBilled = true
	late := fault.New(fault.Timeout, nil, "no answer")
	late.MaybeBilled = true
	tests := []struct {
		name             string
		resp             model.Response
		err              error
		requests, tokens float64 // of a thousand, foreseen are 100
	}{
		{"an answer counts what it was billed", bills(40, 0, 10), nil, 0.1, 0.05},
		{"one that took more counts more", bills(400, 0, 100), nil, 0.1, 0.5},
		{"one that does not say counts what was foreseen", model.Response{}, nil, 0.1, 0.1},
		{"one that says nonsense does too", bills(90_000_000, 0, 1), nil, 0.1, 0.1},
		{"an answer that is none was paid for", bills(60, 0, 0), fault.New(fault.BadOutput, nil, "no"), 0.1, 0.06},
		{"a call that was turned away takes no tokens", model.Response{}, unsent, 0.1, 0},
		{"so does one over the limit", model.Response{}, fault.New(fault.RateLimited, nil, "429"), 1, 0},
		{"one that may have been billed keeps them", model.Response{}, lost, 0.1, 0.1},
		{"one that never ended, too", model.Response{}, late, 0.1, 0.1},
		{"one without a key was not sent", model.Response{}, fault.New(fault.NoKey, nil, "no key"), 0, 0},
		{"what is no fault may be anything", model.Response{}, errors.New("bug"), 0.1, 0.1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limit.New(limit.Options{Limits: limit.Limits{RPM: 10, TPM: 1000}})
				m := l.Guard(&fake{resp: tt.resp, err: tt.err}, limit.Terms{Estimate: foresees(90, 10)})
				m.Score(t.Context(), model.Request{})
				s := l.Status()
				if fault.KindOf(tt.err) == fault.RateLimited { // which halves the limit on requests
					tt.requests = 0.2
				}
				if s.Limits[0].Used != tt.requests || s.Limits[1].Used != tt.tokens || s.InFlight != 0 {
					t.Errorf("used %v of the requests and %v of the tokens, want %v and %v; %+v", s.Limits[0].Used, s.Limits[1].Used, tt.requests, tt.tokens, s)
				}
			})
		})
	}
}

func TestPanicKeepsNoPlace(t *testing.T) {
	bug := errors.New("bug")
	l := limit.New(limit.Options{Concurrency: 1})
	m := l.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) { panic(bug) }), limit.Terms{Wait: -1})
	for range 3 {
		func() {
			defer func() {
				if r := recover(); r != bug {
					t.Errorf("recovered %v, want the model's panic", r)
				}
			}()
			m.Score(t.Context(), model.Request{})
		}()
	}
	if s := l.Status(); s.InFlight != 0 {
		t.Errorf("%d calls are under way after a panic", s.InFlight)
	}
}

// Limits of several policies add up to the strictest.
func TestTighten(t *testing.T) {
	l := limit.New(limit.Options{Limits: limit.Limits{RPM: 100, TPM: 5000}})
	l.Tighten(limit.Options{Limits: limit.Limits{RPM: 200, TPM: 1000, RPD: 10}, Concurrency: 400})
	l.Tighten(limit.Options{Limits: limit.Limits{RPM: -5}, Concurrency: 500})
	s := l.Status()
	want := map[string]int{"requests per minute": 100, "tokens per minute": 1000, "requests per day": 10}
	for _, got := range s.Limits {
		if got.Most != want[got.Name] || got.From != limit.FromPolicy {
			t.Errorf("%+v, want %d", got, want[got.Name])
		}
	}
	if len(s.Limits) != len(want) || s.Most != 400 {
		t.Errorf("status %+v, want %d limits and at most 400 calls", s, len(want))
	}
}

// bare returns a guarded model that does nothing, with all limits known and none reached.
func bare() model.Model {
	far := 1 << 50
	l := limit.New(limit.Options{Limits: limit.Limits{RPM: far, TPM: far, ITPM: far, OTPM: far, RPD: far, TPD: far}})
	resp := bills(520, 0, 20)
	return l.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) { return resp, nil }), limit.Terms{Estimate: foresees(500, 100)})
}

func TestNoAllocations(t *testing.T) {
	m := bare()
	if n := testing.AllocsPerRun(1000, func() { m.Score(context.Background(), model.Request{}) }); n != 0 {
		t.Errorf("%v allocations a call, want none", n)
	}
}

func BenchmarkGuard(b *testing.B) {
	m := bare()
	b.ReportAllocs()
	for b.Loop() {
		m.Score(context.Background(), model.Request{})
	}
}

func BenchmarkLoad(b *testing.B) {
	l := limit.New(limit.Options{Limits: limit.Limits{RPM: 100, TPM: 1000, RPD: 1000}})
	b.ReportAllocs()
	for b.Loop() {
		l.Load()
	}
}

// A day is a whole one, whenever it begins.
func TestWholeDay(t *testing.T) {
	const part = 24 * time.Minute // by which it may be longer
	for _, offset := range []time.Duration{0, time.Millisecond, part / 2, part - time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			m := limit.New(limit.Options{Limits: limit.Limits{RPD: 1}}).Guard(&fake{}, limit.Terms{Wait: -1})
			time.Sleep(offset)
			ask(t, m, 1)
			time.Sleep(24*time.Hour - time.Nanosecond)
			if passed, _ := ask(t, m, 1); passed != 0 {
				t.Errorf("begun at %v: a call passes within the day", offset)
			}
			time.Sleep(part + time.Nanosecond)
			if passed, _ := ask(t, m, 1); passed != 1 {
				t.Errorf("begun at %v: no call passes after the day", offset)
			}
		})
	}
}
