package limit_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/limit"
	"github.com/docsift/docsift/model/modeltest"
)

// called is one call in a queue: when it comes, how long it may take, and how it ends.
type called struct {
	name     string
	after    time.Duration
	deadline time.Duration // from then on; 0: none
	kind     fault.Kind
	at       time.Duration // when it ended
}

// start makes the calls, and returns them as they ended together with the order of those sent.
func start(t *testing.T, g func(model.Model) model.Model, takes time.Duration, calls []called) (ended []called, sent []string) {
	t.Helper()
	type nameKey struct{}
	var mu sync.Mutex
	m := g(modeltest.Func(func(ctx context.Context, _ model.Request) (model.Response, error) {
		mu.Lock()
		sent = append(sent, ctx.Value(nameKey{}).(string))
		mu.Unlock()
		time.Sleep(takes)
		return model.Response{}, nil
	}))
	begin := time.Now()
	ended = slices.Clone(calls)
	var all sync.WaitGroup
	for i := range ended {
		c := &ended[i]
		all.Go(func() {
			time.Sleep(c.after)
			ctx, cancel := context.WithCancel(context.WithValue(t.Context(), nameKey{}, c.name))
			if c.deadline > 0 {
				ctx, cancel = context.WithTimeout(ctx, c.deadline)
			}
			defer cancel()
			_, err := m.Score(ctx, model.Request{})
			c.kind, c.at = fault.KindOf(err), time.Since(begin)
		})
	}
	all.Wait()
	return ended, sent
}

// guarding returns a limiter of one call at a time, each of which takes a second.
func guarding(o limit.Options, wait time.Duration) func(model.Model) model.Model {
	l := limit.New(o)
	return func(m model.Model) model.Model { return l.Guard(m, limit.Terms{Wait: wait}) }
}

func TestQueue(t *testing.T) {
	ms := time.Millisecond
	one := limit.Options{Concurrency: 1}
	tests := []struct {
		name  string
		opts  limit.Options
		wait  time.Duration
		calls []called // kind and at: what is wanted
		order []string
	}{
		{
			"the earliest deadline goes first, no deadline last, and ties as they came", one, time.Hour,
			[]called{
				{"a", 0, 0, "", 1000 * ms}, {"b", 10 * ms, 0, "", 5000 * ms}, {"c", 20 * ms, 9980 * ms, "", 3000 * ms},
				{"d", 30 * ms, 9970 * ms, "", 4000 * ms}, {"e", 40 * ms, 5 * time.Second, "", 2000 * ms},
			},
			[]string{"a", "e", "c", "d", "b"},
		},
		{
			"what would come too late for its deadline is refused at once", limit.Options{Limits: limit.Limits{RPD: 1}}, time.Hour,
			[]called{{"a", 0, 0, "", 1000 * ms}, {"b", 10 * ms, time.Minute, fault.Throttled, 10 * ms}}, []string{"a"},
		},
		{
			"so is what would wait longer than it may", limit.Options{Limits: limit.Limits{RPM: 1}}, 30 * time.Second,
			[]called{{"a", 0, 0, "", 1000 * ms}, {"b", 10 * ms, 0, fault.Throttled, 10 * ms}}, []string{"a"},
		},
		{
			"what can wait does", limit.Options{Limits: limit.Limits{RPM: 1}}, 62 * time.Second,
			[]called{{"a", 0, 0, "", 1000 * ms}, {"b", 10 * ms, 0, "", 62000 * ms}, {"c", 20 * ms, 0, fault.Throttled, 20 * ms}}, []string{"a", "b"},
		},
		{
			"a queue that is full takes no more", limit.Options{Concurrency: 1, Queue: 1}, time.Hour,
			[]called{{"a", 0, 0, "", 1000 * ms}, {"b", 10 * ms, 0, "", 2000 * ms}, {"c", 20 * ms, time.Minute, fault.Throttled, 20 * ms}}, []string{"a", "b"},
		},
		{
			"who is overtaken and would come too late is refused then", limit.Options{Limits: limit.Limits{RPM: 1}}, 63 * time.Second,
			[]called{{"a", 0, 0, "", 1000 * ms}, {"b", 10 * ms, 0, fault.Throttled, 20 * ms}, {"c", 20 * ms, 80 * time.Second, "", 62000 * ms}}, []string{"a", "c"},
		},
		{
			"a call that would not wait is refused", one, -1,
			[]called{{"a", 0, 0, "", 1000 * ms}, {"b", 10 * ms, 0, fault.Throttled, 10 * ms}}, []string{"a"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended, sent := start(t, guarding(tt.opts, tt.wait), time.Second, tt.calls)
				for i, got := range ended {
					if got != tt.calls[i] {
						t.Errorf("%s ended with %q after %v, want %q after %v", got.name, got.kind, got.at, tt.calls[i].kind, tt.calls[i].at)
					}
				}
				if !slices.Equal(sent, tt.order) {
					t.Errorf("sent in the order %q, want %q", sent, tt.order)
				}
			})
		})
	}
}

// Who goes away while waiting leaves nothing behind, and is told so: the call was not sent.
func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: 5 * time.Second}
		l := limit.New(limit.Options{Concurrency: 1})
		m := l.Guard(f, limit.Terms{Wait: time.Hour})
		go m.Score(t.Context(), model.Request{})
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		resp, err := m.Score(ctx, model.Request{})
		if !errors.Is(err, context.Canceled) || resp.Waited != 2*time.Second || f.calls() != 1 {
			t.Errorf("error %v after waiting %v, %d calls sent; want canceled after 2s, 1", err, resp.Waited, f.calls())
		}
		if s := l.Status(); s.Waiting != 0 || s.InFlight != 1 || s.Limits != nil {
			t.Errorf("status %+v", s)
		}
		resp, err = m.Score(t.Context(), model.Request{})
		if err != nil || resp.Waited != 3*time.Second {
			t.Errorf("the next one: %v after waiting %v, want 3s", err, resp.Waited)
		}
	})
}

// A refusal says when to come back, and at that time there is room.
func TestRefusalNamesTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(limit.Options{Limits: limit.Limits{TPM: 60_000}})
		f := &fake{}
		m := l.Guard(f, limit.Terms{Estimate: foresees(4_900, 100), Wait: -1})
		for range 50 {
			_, err := m.Score(t.Context(), model.Request{})
			if err == nil {
				continue
			}
			time.Sleep(fault.RetryAfter(err))
			if _, err := m.Score(t.Context(), model.Request{}); err != nil {
				t.Fatalf("still refused at the time named: %v", err)
			}
		}
	})
}

// A call that no limit is large enough for goes alone, and does not keep others out for ever.
func TestLargerThanTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(limit.Options{Limits: limit.Limits{TPM: 1000}})
		huge := l.Guard(&fake{resp: bills(2500, 0, 0)}, limit.Terms{Estimate: foresees(2500, 0), Wait: time.Hour})
		small := l.Guard(&fake{resp: bills(100, 0, 0)}, limit.Terms{Estimate: foresees(100, 0), Wait: time.Hour})
		for _, m := range []model.Model{huge, small, huge} {
			begin := time.Now()
			if _, err := m.Score(t.Context(), model.Request{}); err != nil || time.Since(begin) > 4*time.Minute {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
		}
	})
}

// silent is a context that ends without a word.
type silent struct {
	context.Context
	mu  sync.Mutex
	err error
}

func (c *silent) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Who goes away just as the turn comes gives everything back.
func TestCancelAsTheTurnComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: time.Second}
		l := limit.New(limit.Options{Concurrency: 1, Limits: limit.Limits{RPM: 100}})
		m := l.Guard(f, limit.Terms{Wait: time.Hour})
		ctx := &silent{Context: t.Context()}
		go m.Score(t.Context(), model.Request{})
		synctest.Wait()
		time.AfterFunc(500*time.Millisecond, func() {
			ctx.mu.Lock()
			defer ctx.mu.Unlock()
			ctx.err = context.Canceled
		})
		_, err := m.Score(ctx, model.Request{})
		if s := l.Status(); !errors.Is(err, context.Canceled) || s.InFlight != 0 || s.Limits[0].Used != 0.01 || f.calls() != 1 {
			t.Errorf("%v after %d calls, status %+v; want one call counted", err, f.calls(), s)
		}
	})
}

// When the first in the queue goes away, the next one that fits goes at once.
func TestCancelOfTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(limit.Options{Limits: limit.Limits{TPM: 60_000}})
		large := l.Guard(&fake{}, limit.Terms{Estimate: foresees(10_000, 0), Wait: time.Hour})
		small := l.Guard(&fake{}, limit.Terms{Estimate: foresees(100, 0), Wait: time.Hour})
		large.Score(t.Context(), model.Request{})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		time.AfterFunc(2500*time.Millisecond, cancel)
		go large.Score(ctx, model.Request{})
		synctest.Wait()
		resp, err := small.Score(t.Context(), model.Request{})
		if err != nil || resp.Waited != 2500*time.Millisecond {
			t.Errorf("%v after waiting %v, want 2.5s", err, resp.Waited)
		}
	})
}
