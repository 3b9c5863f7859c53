package breaker_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/modeltest"
)

// bench is a breaker on a clock of its own, with a model that ends as told.
type bench struct {
	*breaker.Breaker
	*wallClock
	model   model.Model
	outcome error
	calls   int // that reached the model
}

func guarded(o breaker.Options) *bench {
	b := &bench{wallClock: &wallClock{at: time.Unix(1_800_000_000, 0)}}
	o.Now = b.now
	b.Breaker = breaker.New(o)
	b.model = b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
		b.calls++
		return model.Response{}, b.outcome
	}))
	return b
}

// ask makes n calls that end with outcome, and returns how many passed and the last error.
func (b *bench) ask(n int, outcome error) (passed int, err error) {
	b.outcome = outcome
	before := b.calls
	for range n {
		_, err = b.model.Score(context.Background(), model.Request{})
	}
	return b.calls - before, err
}

// open lets calls fail until the breaker opens, and returns the cooldown.
func (b *bench) open(t *testing.T) time.Duration {
	t.Helper()
	for range 100 {
		b.ask(1, errDown)
		if s := b.Status(); s.State == breaker.Open {
			return s.Until.Sub(b.at)
		}
	}
	t.Fatal("it does not open")
	return 0
}

func TestRate(t *testing.T) {
	mixed := breaker.Options{Failures: 100, Rate: 0.3, Window: 10 * time.Second, Calls: 10, Cooldown: time.Minute}
	tests := []struct {
		name   string
		opts   breaker.Options
		each   time.Duration // between calls
		bad    int           // calls of ten that fail
		passed int           // of thirty
	}{
		{"too many failures open it, though none follow one another", mixed, 0, 3, 10},
		{"fewer do not", mixed, 0, 2, 30},
		{"nor do some that are too far apart", mixed, 2 * time.Second, 3, 30},
		{"nor does a policy that counts runs alone", breaker.Options{Failures: 100, Cooldown: time.Minute}, 0, 9, 30},
		{"nor when it is switched off", breaker.Options{Failures: 100, Rate: -1}, 0, 9, 30},
		{"half the calls do by default", breaker.Options{Failures: 0}, 0, 5, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, passed := guarded(tt.opts), 0
			for i := range 30 {
				var outcome error
				if (i*tt.bad)%10 >= 10-tt.bad { // evenly spread
					outcome = errDown
				}
				n, _ := b.ask(1, outcome)
				passed += n
				b.move(tt.each)
			}
			if passed != tt.passed {
				t.Errorf("%d calls passed, want %d; status %+v", passed, tt.passed, b.Status())
			}
		})
	}
}

func TestRamp(t *testing.T) {
	b := guarded(breaker.Options{})
	b.open(t)
	b.move(2 * time.Second)
	if n, err := b.ask(1, nil); n != 1 || err != nil {
		t.Fatalf("the probe: %d calls, %v", n, err)
	}
	for _, step := range []struct {
		share float64
		state breaker.State
		want  int
	}{{0.1, breaker.Ramping, 10}, {0.5, breaker.Ramping, 50}, {1, breaker.Closed, 100}} {
		if s := b.Status(); s.Share != step.share || s.State != step.state {
			t.Errorf("share %v while %s, want %v while %s", s.Share, s.State, step.share, step.state)
		}
		if n, _ := b.ask(100, nil); n != step.want {
			t.Errorf("%d of 100 calls passed, want %d", n, step.want)
		}
		b.move(time.Second)
	}
}

func TestRampFallsBack(t *testing.T) {
	b := guarded(breaker.Options{})
	b.open(t)
	b.move(2 * time.Second)
	b.ask(1, nil)
	b.ask(1, errDown)
	if s := b.Status(); s.State != breaker.Open || s.Until.Sub(b.at) != 4*time.Second {
		t.Errorf("after a failure while ramping: %+v, want it open for twice as long", s)
	}
}

// The cooldown grows while the breaker keeps opening, and shrinks while it stays closed.
func TestHysteresis(t *testing.T) {
	b := guarded(breaker.Options{})
	heal := func(cooldown time.Duration) {
		b.move(cooldown)
		b.ask(1, nil)
		b.move(2 * time.Second)
	}
	for _, want := range []time.Duration{2, 4, 8, 16, 30, 30} {
		cooldown := b.open(t)
		if cooldown != want*time.Second {
			t.Errorf("cooldown %v, want %v", cooldown, want*time.Second)
		}
		heal(cooldown)
	}
	b.move(time.Minute) // two healthy periods: a quarter, doubled
	if got := b.open(t); got != 15*time.Second {
		t.Errorf("cooldown %v after a healthy minute, want 15s", got)
	}
	heal(15 * time.Second)
	b.move(10 * time.Minute)
	if got := b.open(t); got != 2*time.Second {
		t.Errorf("cooldown %v after ten healthy minutes, want 2s", got)
	}
}

// A long outage is followed by a short wait.
func TestProbesStayFrequent(t *testing.T) {
	b := guarded(breaker.Options{})
	cooldown := b.open(t)
	for _, want := range []time.Duration{4, 8, 10, 10} {
		b.move(cooldown)
		b.ask(1, errDown)
		if cooldown = b.Status().Until.Sub(b.at); cooldown != want*time.Second {
			t.Errorf("cooldown %v after a failed probe, want %v", cooldown, want*time.Second)
		}
	}
}

func TestFixedCooldown(t *testing.T) {
	b := guarded(breaker.Options{Failures: 3, Cooldown: 300 * time.Second})
	for range 3 {
		if got := b.open(t); got != 300*time.Second {
			t.Errorf("cooldown %v, want 5m", got)
		}
		b.move(300 * time.Second)
		b.ask(1, errDown)
		if got := b.Status().Until.Sub(b.at); got != 300*time.Second {
			t.Errorf("cooldown %v after a failed probe, want 5m", got)
		}
		b.move(300 * time.Second)
		if n, _ := b.ask(100, nil); n != 100 {
			t.Errorf("%d of 100 calls passed after a good probe, want all", n)
		}
	}
}

func limited(wait time.Duration) error {
	e := fault.New(fault.RateLimited, nil, "slow down")
	e.RetryAfter = wait
	return e
}

func TestRateLimit(t *testing.T) {
	tests := []struct {
		name   string
		wait   time.Duration // that the provider named
		after  time.Duration // of the second call
		passed bool
	}{
		{"holds calls back until the time named", 20 * time.Second, 20*time.Second - 1, false},
		{"lets them pass then", 20 * time.Second, 20 * time.Second, true},
		{"holds nothing back when no time is named", 0, 0, true},
		{"is not believed beyond a quarter of an hour", 24 * time.Hour, 15 * time.Minute, true},
		{"nor below", 24 * time.Hour, 15*time.Minute - 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := guarded(breaker.Options{Failures: 1})
			b.ask(1, limited(tt.wait))
			b.move(tt.after)
			s := b.Status()
			n, err := b.ask(1, nil)
			if (n == 1) != tt.passed || s.Failures != 0 || s.State != breaker.Closed || s.Limited.IsZero() != tt.passed {
				t.Errorf("passed %v, want %v; status %+v", n == 1, tt.passed, s)
			}
			if !tt.passed && (fault.KindOf(err) != fault.CircuitOpen || fault.KindOf(errors.Unwrap(err)) != fault.RateLimited || fault.RetryAfter(err) != 1) {
				t.Errorf("refused with %v for %v, want it for 1ns, because of a rate limit", err, fault.RetryAfter(err))
			}
		})
	}
}

// A provider whose answers are none too often is left alone until one is good again.
func TestAnswersThatAreNone(t *testing.T) {
	garbage := fault.New(fault.BadOutput, nil, "not JSON")
	tests := []struct {
		name       string
		opts       breaker.Options
		good, bad  int
		opens      bool
		probe      error
		afterwards breaker.State
	}{
		{"one in five opens it", breaker.Options{}, 16, 4, true, nil, breaker.Ramping},
		{"fewer do not", breaker.Options{}, 17, 3, false, nil, breaker.Closed},
		{"nor do few calls", breaker.Options{}, 10, 9, false, nil, breaker.Closed},
		{"nor where that is switched off", breaker.Options{Garbled: -1}, 0, 50, false, nil, breaker.Closed},
		{"nor where runs of failures alone count", breaker.Options{Failures: 3}, 0, 50, false, nil, breaker.Closed},
		{"a probe that is none keeps it open", breaker.Options{}, 16, 4, true, garbage, breaker.Open},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := guarded(tt.opts)
			b.ask(tt.good, nil)
			b.ask(tt.bad, garbage)
			s := b.Status()
			if (s.State == breaker.Open) != tt.opens || s.Failures != 0 || s.Rate != 0 {
				t.Fatalf("status %+v, want open %v", s, tt.opens)
			}
			if _, err := b.ask(1, nil); tt.opens && !strings.Contains(fault.Message(err), "4 of 20 answers were none") {
				t.Errorf("refused with %v", err)
			}
			b.move(2 * time.Second)
			b.ask(1, tt.probe)
			if s := b.Status(); s.State != tt.afterwards {
				t.Errorf("after a probe: %+v, want %s", s, tt.afterwards)
			}
		})
	}
}

// An answer that is none proves that a provider which was down is up.
func TestGarbageAfterAnOutage(t *testing.T) {
	b := guarded(breaker.Options{Failures: 2, Garbled: 0.2})
	b.ask(2, errDown)
	b.move(2 * time.Second)
	b.ask(1, fault.New(fault.BadOutput, nil, "not JSON"))
	if s := b.Status(); s.State == breaker.Open {
		t.Errorf("status %+v, want it healing", s)
	}
}

// That nothing was sent proves nothing.
func TestUnsent(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Throttled, fault.Budget, fault.Unrecorded} {
		b := guarded(breaker.Options{Failures: 2})
		b.ask(2, errDown)
		b.move(2 * time.Second)
		b.ask(1, fault.New(kind, nil, "not sent"))
		if s := b.Status(); s.State != breaker.HalfOpen || s.Failures != 2 {
			t.Errorf("%s: status %+v, want it half open still", kind, s)
		}
	}
}

// The operator hears of each turn once.
func TestChanged(t *testing.T) {
	var heard []string
	b := guarded(breaker.Options{Failures: 2, Changed: func(c breaker.Change) {
		heard = append(heard, string(c.To)+" "+fault.Message(c.Why))
	}})
	b.ask(5, errDown)
	b.move(2 * time.Second)
	b.ask(1, errDown)
	b.move(time.Minute)
	b.ask(1, nil)
	if want := []string{"open the provider is down", "closed "}; !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}

// Refusals and rate limits leave the breaker closed, and so do a few answers that are none.
func TestNotHealth(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Refused, fault.Rejected, fault.RateLimited, fault.Canceled} {
		b := guarded(breaker.Options{})
		b.ask(50, fault.New(kind, nil, "no"))
		if s := b.Status(); s.State != breaker.Closed || s.Rate != 0 || s.Failures != 0 {
			t.Errorf("%s: status %+v", kind, s)
		}
	}
}

// What our own limiter refuses, or keeps waiting until its caller goes away, proves nothing: an
// open breaker tries again, and a closed one counts no failure and no success.
func TestWaitingIsNotSlowness(t *testing.T) {
	throttled := fault.New(fault.Throttled, nil, "its turn would come too late")
	throttled.RetryAfter = time.Hour
	tests := []struct {
		name   string
		err    error
		waited time.Duration // of the minute that the call takes
		count  int           // failures of ten
	}{
		{"a refusal", throttled, 0, 0},
		{"a caller who went away while waiting", context.Canceled, time.Minute, 0},
		{"a deadline that passed while waiting", context.DeadlineExceeded, 55 * time.Second, 0},
		{"a deadline that passed while the provider was silent", context.DeadlineExceeded, 45 * time.Second, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := guarded(breaker.Options{Failures: 100, Calls: 100, Window: time.Hour})
			ask := func() {
				ctx := &giveUp{Context: t.Context()}
				b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
					b.move(time.Minute)
					if tt.err != error(throttled) {
						ctx.err = tt.err
					}
					return model.Response{Waited: tt.waited}, tt.err
				})).Score(ctx, model.Request{})
			}
			for range 10 {
				ask()
			}
			if s := b.Status(); s.Failures != tt.count || s.Calls != tt.count || !s.Limited.IsZero() {
				t.Errorf("status %+v, want %d failures", s, tt.count)
			}
			b = guarded(breaker.Options{})
			b.open(t)
			b.move(2 * time.Second)
			ask()
			if s := b.Status(); tt.count == 0 && s.State != breaker.HalfOpen {
				t.Errorf("state %q after a probe that was not sent, want %q", s.State, breaker.HalfOpen)
			}
		})
	}
}

func TestPanicPropagates(t *testing.T) {
	b := guarded(breaker.Options{Failures: 1})
	b.open(t)
	b.move(2 * time.Second)
	m := b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) { panic(errCrash) }))
	func() {
		defer func() {
			if r := recover(); r != errCrash {
				t.Errorf("recovered %v, want the model's panic", r)
			}
		}()
		m.Score(t.Context(), model.Request{})
	}()
	if s := b.Status(); s.State != breaker.HalfOpen {
		t.Errorf("state %q after a probe that panicked, want %q", s.State, breaker.HalfOpen)
	}
	if n, _ := b.ask(1, nil); n != 1 {
		t.Error("no other probe passes")
	}
}

func TestClockJumps(t *testing.T) {
	b := guarded(breaker.Options{})
	b.open(t)
	b.move(-24 * time.Hour)
	if left := b.Status().Until.Sub(b.at); left != 2*time.Second {
		t.Errorf("%v left after the clock went back, want 2s", left)
	}
	b.move(2 * time.Second)
	if n, _ := b.ask(1, nil); n != 1 {
		t.Error("no probe passes after the cooldown")
	}
	b.move(24 * time.Hour)
	if s := b.Status(); s.State != breaker.Closed {
		t.Errorf("state %q a day later, want %q", s.State, breaker.Closed)
	}
}

// A probe that comes back after its lease may still tell that the provider is well, but not
// that it is not.
func TestLateProbe(t *testing.T) {
	for _, tt := range []struct {
		name  string
		late  error
		state breaker.State
	}{{"well", nil, breaker.Closed}, {"unwell", errDown, breaker.HalfOpen}} {
		t.Run(tt.name, func(t *testing.T) {
			b := guarded(breaker.Options{Step: -1})
			b.open(t)
			b.move(2 * time.Second)
			b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
				b.move(10 * time.Second)
				b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
					return model.Response{}, context.Canceled // takes the lease over
				})).Score(t.Context(), model.Request{})
				return model.Response{}, tt.late
			})).Score(t.Context(), model.Request{})
			if got := b.Status().State; got != tt.state {
				t.Errorf("state %q, want %q", got, tt.state)
			}
		})
	}
}

// calling returns a call through a breaker that has seen n failures.
func calling(n int) func() {
	var outcome error = errDown
	m := breaker.New(breaker.Options{Cooldown: time.Hour}).Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
		return model.Response{}, outcome
	}))
	call := func() { m.Score(context.Background(), model.Request{}) }
	for range n {
		call()
	}
	outcome = nil
	return call
}

func TestNoAllocations(t *testing.T) {
	for state, failures := range map[breaker.State]int{breaker.Closed: 0, breaker.Open: 5} {
		if n := testing.AllocsPerRun(1000, calling(failures)); n != 0 {
			t.Errorf("%s: %v allocations a call, want none", state, n)
		}
	}
}

func BenchmarkGuard(b *testing.B) {
	for state, failures := range map[breaker.State]int{breaker.Closed: 0, breaker.Open: 5} {
		b.Run(string(state), func(b *testing.B) {
			call := calling(failures)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
