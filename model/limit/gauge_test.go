package limit_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/limit"
	"github.com/docsift/docsift/model/modeltest"
)

// server answers in half a second as long as no more than it can do are under way, and then in
// proportion later.
type server struct {
	mu        sync.Mutex
	can, busy int
	most      int
	timeout   time.Duration // 0: none
}

func (s *server) Score(context.Context, model.Request) (model.Response, error) {
	s.mu.Lock()
	s.busy++
	s.most = max(s.most, s.busy)
	took := time.Duration(float64(500*time.Millisecond) * max(1, float64(s.busy)/float64(s.can)))
	timeout := s.timeout
	s.mu.Unlock()
	defer func() { s.mu.Lock(); s.busy--; s.mu.Unlock() }()
	if timeout > 0 {
		time.Sleep(timeout)
		return model.Response{}, fault.New(fault.Timeout, nil, "no answer in time")
	}
	time.Sleep(took)
	return model.Response{}, nil
}

// crowd lets n callers ask one after another for a while.
func crowd(t *testing.T, m model.Model, n int, span time.Duration) {
	t.Helper()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for begin := time.Now(); time.Since(begin) < span; {
				if _, err := m.Score(context.Background(), model.Request{}); err != nil {
					time.Sleep(time.Second)
				}
			}
		})
	}
	all.Wait()
}

func TestConcurrencyAdapts(t *testing.T) {
	tests := []struct {
		name    string
		server  *server
		most    int // set; 0: the default
		callers int
		from    int // the limit afterwards
		to      int
		reached int // calls at once, at most
	}{
		{"grows as long as calls do not take longer", &server{can: 1000}, 0, 300, 200, 256, 256},
		{"no further than is set", &server{can: 1000}, 40, 300, 40, 40, 40},
		{"no further than it is used", &server{can: 1000}, 0, 10, 32, 32, 10},
		{"stops where calls begin to take longer", &server{can: 60}, 0, 300, 50, 180, 256},
		{"shrinks where a few are too many", &server{can: 4}, 0, 300, 16, 40, 40},
		{"shrinks to next to none when calls time out", &server{can: 1000, timeout: 10 * time.Second}, 0, 300, 1, 8, 32},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tt.server
				l := limit.New(limit.Options{Concurrency: tt.most})
				m := l.Guard(modeltest.Func(s.Score), limit.Terms{Wait: time.Minute})
				crowd(t, m, tt.callers, 90*time.Second)
				got := l.Status()
				if got.Concurrency < tt.from || got.Concurrency > tt.to || s.most > tt.reached || got.InFlight != 0 {
					t.Errorf("%d may be under way at once, want %d to %d; %d were, want at most %d", got.Concurrency, tt.from, tt.to, s.most, tt.reached)
				}
			})
		})
	}
}

// A provider that gets slow and well again is asked less, and then as much as before.
func TestConcurrencyComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{can: 1000}
		l := limit.New(limit.Options{})
		m := l.Guard(modeltest.Func(s.Score), limit.Terms{Wait: time.Minute})
		for _, step := range []struct{ can, from, to int }{{1000, 200, 256}, {10, 16, 40}, {1000, 150, 256}} {
			s.mu.Lock()
			s.can = step.can
			s.mu.Unlock()
			crowd(t, m, 300, 80*time.Second)
			if got := l.Status().Concurrency; got < step.from || got > step.to {
				t.Errorf("%d may be under way at a provider of %d, want %d to %d", got, step.can, step.from, step.to)
			}
		}
	})
}

// Calls that take longer because they are larger are no sign of a crowd.
func TestConcurrencyKnowsSizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(limit.Options{})
		small := l.Guard(&fake{takes: 300 * time.Millisecond}, limit.Terms{Estimate: foresees(400, 60)})
		large := l.Guard(&fake{takes: 4 * time.Second}, limit.Terms{Estimate: foresees(26_000, 60)})
		crowd(t, small, 30, time.Minute)
		crowd(t, large, 30, 5*time.Minute)
		if got := l.Status().Concurrency; got < 30 {
			t.Errorf("%d may be under way at once, want as many as before", got)
		}
	})
}
