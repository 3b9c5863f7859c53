package breaker_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/modeltest"
)

func TestForce(t *testing.T) {
	b := guarded(breaker.Options{})
	until := b.at.Add(time.Minute)
	if err := b.Force(breaker.Forced{State: breaker.Open, Until: until, By: "ops", Why: "it bills twice"}); err != nil {
		t.Fatal(err)
	}
	n, err := b.ask(1, nil)
	if n != 0 || fault.KindOf(err) != fault.CircuitOpen || fault.Message(err) != "shut by hand" || !strings.HasSuffix(err.Error(), `by "ops": it bills twice`) || fault.RetryAfter(err) != time.Minute {
		t.Errorf("%d calls passed, error %v after %v; want it shut by hand for a minute", n, err, fault.RetryAfter(err))
	}
	s := b.Status()
	if s.State != breaker.Open || s.Share != 0 || s.Forced == nil || s.Forced.By != "ops" || s.Forced.Why != "it bills twice" || !s.Until.Equal(until) {
		t.Errorf("status %+v", s)
	}
	b.move(time.Minute)
	if n, _ := b.ask(1, nil); n != 1 || b.Status().Forced != nil {
		t.Errorf("after its end: %d calls passed, status %+v", n, b.Status())
	}
}

func TestForceClosed(t *testing.T) {
	b := guarded(breaker.Options{})
	b.open(t)
	b.Force(breaker.Forced{State: breaker.Closed})
	if n, _ := b.ask(20, errDown); n != 20 || b.Status().State != breaker.Closed {
		t.Errorf("%d of 20 calls passed, status %+v", n, b.Status())
	}
	b.Release()
	if got := b.Status().State; got != breaker.Open {
		t.Errorf("state %q after the release, want what the calls say: %q", got, breaker.Open)
	}
	b.Force(breaker.Forced{State: breaker.Closed})
	b.ask(1, nil)
	b.Release()
	if got := b.Status().State; got != breaker.Ramping {
		t.Errorf("state %q after a call that went well, want %q", got, breaker.Ramping)
	}
}

func TestForceRefuses(t *testing.T) {
	b := guarded(breaker.Options{})
	if err := b.Force(breaker.Forced{State: breaker.HalfOpen}); fault.KindOf(err) != fault.Invalid || b.Status().Forced != nil {
		t.Errorf("%v, status %+v", err, b.Status())
	}
}

// The last that would answer is asked after all, but one call at a time, and once a second.
func TestLast(t *testing.T) {
	last := true
	b := guarded(breaker.Options{Cooldown: 10 * time.Second, Last: func() bool { return last }})
	b.open(t)
	if n, err := b.ask(3, errDown); n != 1 || fault.KindOf(err) != fault.CircuitOpen {
		t.Errorf("%d calls passed, then %v; want one", n, err)
	}
	if left := b.Status().Until.Sub(b.at); left != 10*time.Second {
		t.Errorf("open for %v after it failed, want 10s as before", left)
	}
	b.move(time.Second)
	last = false
	if n, _ := b.ask(1, nil); n != 0 {
		t.Error("a call passed though another model would answer")
	}
	last = true
	if n, err := b.ask(100, nil); n != 100 || err != nil {
		t.Errorf("%d calls passed when it was well again, %v; want all", n, err)
	}
}

func TestLastWhileRamping(t *testing.T) {
	b := guarded(breaker.Options{Last: func() bool { return true }})
	b.open(t)
	b.move(2 * time.Second)
	if n, _ := b.ask(100, nil); n != 100 || b.Status().State != breaker.Ramping {
		t.Errorf("%d of 100 calls passed, status %+v; want all", n, b.Status())
	}
}

func TestLeastBad(t *testing.T) {
	state := func(o breaker.Options, wait time.Duration, outcomes ...error) *bench {
		b := guarded(o)
		for _, e := range outcomes {
			b.ask(1, e)
		}
		b.move(wait)
		return b
	}
	minute := breaker.Options{Failures: 1, Cooldown: time.Minute}
	well := state(minute, 0)
	long := state(minute, 0, errDown)
	short := state(minute, 30*time.Second, errDown)
	due := state(minute, time.Minute, errDown)
	parked := state(minute, 299*time.Second, fault.New(fault.Quota, nil, "spent"))
	held := state(minute, 0, limited(time.Second))
	forced := state(minute, 0)
	forced.Force(breaker.Forced{State: breaker.Open})
	ramping := state(breaker.Options{Failures: 1}, 0, errDown)
	ramping.move(2 * time.Second)
	ramping.ask(1, nil)
	tests := []struct {
		name string
		all  []*bench
		want *bench
	}{
		{"none while one takes calls", []*bench{long, well}, nil},
		{"none while one is due for a probe", []*bench{long, due}, nil},
		{"the one that reopens first", []*bench{long, short}, short},
		{"one that comes back before all others", []*bench{short, ramping}, ramping},
		{"none that is parked, rate limited or shut by hand", []*bench{parked, held, forced, long}, long},
		{"none when all are", []*bench{parked, held, forced}, nil},
		{"none of none", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var all []*breaker.Breaker
			for _, b := range tt.all {
				all = append(all, b.Breaker)
			}
			got := breaker.LeastBad(all)
			if tt.want == nil && got != nil || tt.want != nil && got != tt.want.Breaker {
				t.Errorf("breaker %p, want %v", got, tt.want)
			}
		})
	}
}

// Everything may happen at once.
func TestConcurrent(t *testing.T) {
	var all []*breaker.Breaker
	b := breaker.New(breaker.Options{Cooldown: time.Nanosecond, MaxCooldown: time.Hour, Step: time.Microsecond, Probe: time.Hour,
		Last: func() bool { return breaker.LeastBad(all) == all[0] }})
	all = []*breaker.Breaker{b}
	var n atomic.Int64
	m := b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
		if n.Add(1)%3 > 0 {
			return model.Response{}, errDown
		}
		return model.Response{}, nil
	}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 500 {
				m.Score(t.Context(), model.Request{})
				if b.Status(); i%100 == 0 {
					b.Force(breaker.Forced{State: breaker.Closed, Until: time.Now().Add(time.Microsecond)})
				}
			}
		})
	}
	wg.Wait()
	if n.Load() == 0 {
		t.Error("no call passed")
	}
}
