package breaker_test

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/modeltest"
)

// wallClock is a clock that only tests move, forward or backward.
type wallClock struct {
	at      time.Time
	elapsed time.Duration // forward
}

func (c *wallClock) now() time.Time { return c.at }

func (c *wallClock) move(d time.Duration) {
	c.at = c.at.Add(d)
	c.elapsed += max(d, 0)
}

// history is a breaker and what happens to it. Calls are coroutines, so that they end in any
// order or never, without a scheduler.
type history struct {
	t       *testing.T
	rng     *rand.Rand
	opts    breaker.Options
	clock   *wallClock
	breaker *breaker.Breaker
	last    bool      // nothing else would answer
	minutes bool      // something happened that takes minutes to mend
	heard   bool      // something from elsewhere
	flying  []*flight // calls that hang
	probe   *flight   // the latest
}

// flight is a call that has reached the model.
type flight struct {
	ctx     *giveUp
	outcome error // of the model; nil is an answer
	crash   bool
	over    bool
	started time.Duration
	yield   func(struct{}) bool
	resume  func() (struct{}, bool)
	stop    func()
}

// giveUp is a context that ends when told.
type giveUp struct {
	context.Context
	err error
}

func (c *giveUp) Err() error { return c.err }

var errCrash = errors.New("adapter bug")

func newHistory(t *testing.T, rng *rand.Rand) *history {
	h := &history{t: t, rng: rng, clock: &wallClock{at: time.Unix(1_800_000_000, 0)}}
	h.opts = breaker.Options{Failures: rng.IntN(4), Probe: 10 * time.Second, Park: 5 * time.Minute, Now: h.clock.now}
	switch rng.IntN(3) {
	case 0:
		h.opts.Cooldown = time.Duration(1+rng.IntN(60)) * time.Second
	case 1:
		h.opts.Cooldown, h.opts.MaxCooldown = time.Second, time.Minute
	}
	if rng.IntN(2) == 0 {
		h.opts.Last = func() bool { return h.last }
	}
	h.breaker = breaker.New(h.opts)
	return h
}

// call begins a call that ends at once, or hangs until it is told to end.
func (h *history) call(f *flight, hang bool) {
	before := h.breaker.Status()
	f.ctx, f.started, f.over = &giveUp{Context: context.Background()}, h.clock.elapsed, true
	m := h.breaker.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
		f.over = false
		h.arrive(f, before)
		if hang {
			f.yield(struct{}{})
		}
		f.over = true
		if f.crash {
			panic(errCrash)
		}
		return model.Response{}, f.outcome
	}))
	score := func() {
		defer func() {
			if r := recover(); r != nil && r != errCrash {
				panic(r)
			}
		}()
		m.Score(f.ctx, model.Request{})
	}
	if !hang {
		score()
		return
	}
	f.resume, f.stop = iter.Pull(func(yield func(struct{}) bool) { f.yield = yield; score() })
	if f.resume(); f.over { // refused
		f.stop()
		return
	}
	h.flying = append(h.flying, f)
}

// arrive checks that no two probes are under way while the lease of the first one holds.
func (h *history) arrive(f *flight, before breaker.Status) {
	if before.Forced != nil || before.State == breaker.Closed || before.State == breaker.Ramping {
		return
	}
	if p := h.probe; p != nil && !p.over && h.clock.elapsed-p.started < h.opts.Probe {
		h.t.Fatalf("a probe began %v after another one that is still under way; status before %+v", h.clock.elapsed-p.started, before)
	}
	h.probe = f
}

// land ends a call that hangs.
func (h *history) land() {
	if len(h.flying) == 0 {
		return
	}
	i := h.rng.IntN(len(h.flying))
	f := h.flying[i]
	h.flying = append(h.flying[:i], h.flying[i+1:]...)
	if h.rng.IntN(4) == 0 {
		f.ctx.err = context.Canceled
	}
	f.resume()
	f.stop()
}

// flight returns a call with a random end.
func (h *history) flight() *flight {
	kinds := []fault.Kind{
		"", "", fault.Unavailable, fault.Unavailable, fault.Unavailable, fault.Timeout, fault.Canceled, fault.Refused,
		fault.BadOutput, fault.Rejected, fault.RateLimited, fault.Quota, fault.Auth, fault.ModelGone, fault.Internal,
	}
	f := &flight{crash: h.rng.IntN(16) == 0}
	kind := kinds[h.rng.IntN(len(kinds))]
	if kind == "" {
		return f
	}
	e := &fault.Error{Kind: kind, Msg: "no"}
	switch kind {
	case fault.RateLimited:
		e.RetryAfter = time.Duration(h.rng.IntN(3)) * 20 * time.Minute
		h.minutes = h.minutes || e.RetryAfter > 0
	case fault.Quota, fault.Auth, fault.ModelGone:
		h.minutes = true
	}
	f.outcome = e
	return f
}

// step makes one thing happen.
func (h *history) step() {
	switch h.last = h.rng.IntN(2) == 0; h.rng.IntN(14) {
	case 0:
		h.clock.move(time.Duration(h.rng.IntN(int(time.Hour))))
	case 1:
		h.clock.move(-time.Duration(h.rng.IntN(int(24 * time.Hour))))
	case 2, 3:
		h.clock.move(time.Duration(h.rng.IntN(int(5 * time.Second))))
	case 4, 5:
		h.call(h.flight(), true)
	case 6:
		h.land()
	case 7:
		h.force()
	case 8, 9:
		h.adopt()
	default:
		h.call(h.flight(), false)
	}
	h.breaker.Status() // looks at the clock
}

func (h *history) force() {
	if h.rng.IntN(2) == 0 {
		h.breaker.Release()
		return
	}
	f := breaker.Forced{State: breaker.Open, By: "test"}
	if h.rng.IntN(2) == 0 {
		f.State = breaker.Closed
	}
	if h.rng.IntN(2) == 0 {
		f.Until = h.clock.at.Add(time.Duration(h.rng.IntN(int(time.Minute))))
	}
	if err := h.breaker.Force(f); err != nil {
		h.t.Fatal(err)
	}
}

// adopt takes in news that others made up.
func (h *history) adopt() {
	span := func() time.Duration { return time.Duration(h.rng.Int64N(int64(48*time.Hour))) - 12*time.Hour }
	pick := func(of ...string) string { return of[h.rng.IntN(len(of))] }
	n := breaker.News{
		Topic: breaker.Topic(pick("health", "health", "limit", "hand", "trial")), State: breaker.State(pick("open", "open", "closed", "", "ajar")),
		Kind: fault.Kind(pick("unavailable", "unavailable", "bad_output", "quota_exhausted", "refused", "")), Age: span() / 1000, Left: span(),
	}
	h.minutes = h.minutes || n.Topic == breaker.Limit || n.Kind == fault.Quota
	h.heard = true
	h.breaker.Adopt(n)
}

// mend lets the provider be well, and checks that the breaker closes in the time that it has.
// The calls that never return still do not.
func (h *history) mend() {
	h.last = false
	h.breaker.Release()
	before := h.breaker.Status()
	switch {
	case h.minutes:
		h.clock.move(15 * time.Minute)
	case h.opts.Cooldown > 0:
		h.clock.move(max(h.opts.Cooldown, h.opts.MaxCooldown, h.opts.Probe))
	default:
		h.clock.move(30 * time.Second)
	}
	if h.heard { // perhaps of a probe elsewhere
		h.clock.move(h.opts.Probe)
	}
	reached := false
	h.breaker.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
		reached = true
		return model.Response{}, nil
	})).Score(context.Background(), model.Request{})
	h.clock.move(2 * time.Second)
	if s := h.breaker.Status(); !reached || s.State != breaker.Closed {
		h.t.Fatalf("after the provider healed: reached %v, status %+v; it was %+v", reached, s, before)
	}
	for _, f := range h.flying {
		f.stop()
	}
}

// Whatever happens to it, a breaker whose provider is well again closes in the time that it has,
// and never has two probes under way.
func TestNeverStuck(t *testing.T) {
	seed := rand.Uint64()
	n := 0
	defer func() { // a test that fails ends by itself
		t.Logf("seed %d, history %d", seed, n)
	}()
	for ; n < histories; n++ {
		rng := rand.New(rand.NewPCG(seed, uint64(n)))
		h := newHistory(t, rng)
		for range rng.IntN(25) {
			h.step()
		}
		h.mend()
	}
}
