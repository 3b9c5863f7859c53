package limit_test

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/limit"
)

var errCrash = errors.New("adapter bug")

// history is a limiter and what happens to it.
type history struct {
	t    *testing.T
	opts limit.Options
	l    *limit.Limiter
	all  sync.WaitGroup

	mu     sync.Mutex
	rng    *rand.Rand
	jump   time.Duration // of the clock, against the real one
	flying int
	begun  []time.Time // of the calls that were sent
	steady bool        // the clock does not jump
	well   bool        // the provider answers everything from now on
}

func newHistory(t *testing.T, rng *rand.Rand) *history {
	h := &history{t: t, rng: rng, steady: rng.IntN(2) == 0}
	some := func(n int) int { return rng.IntN(2) * (1 + rng.IntN(n)) }
	h.opts = limit.Options{
		Limits:      limit.Limits{RPM: some(60), TPM: some(50_000), ITPM: some(50_000), OTPM: some(5000), RPD: some(5000), TPD: some(1_000_000)},
		Concurrency: some(20), Queue: 1 + rng.IntN(50),
		Now: h.now,
	}
	h.l = limit.New(h.opts)
	return h
}

func (h *history) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(h.jump)
}

func (h *history) draw(n int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rng.IntN(n)
}

func (h *history) Name() string { return "fake" }

// Score checks that no more calls are under way than may be, and ends in any way.
func (h *history) Score(ctx context.Context, _ model.Request) (model.Response, error) {
	h.mu.Lock()
	h.flying++
	n := len(h.begun)
	h.begun = append(h.begun, time.Now())
	if most := cmp.Or(h.opts.Concurrency, 256); h.flying > most {
		h.t.Errorf("%d calls are under way, want at most %d", h.flying, most)
	}
	h.mu.Unlock()
	defer func() { h.mu.Lock(); h.flying--; h.mu.Unlock() }()
	if h.well {
		return model.Response{}, nil
	}
	select {
	case <-time.After(time.Duration(h.draw(int(5 * time.Second)))):
	case <-ctx.Done():
		return model.Response{}, ctx.Err()
	}
	resp, err := h.end()
	switch fault.KindOf(err) {
	case fault.NoKey, fault.Canceled, fault.Timeout:
		if !fault.MaybeBilled(err) { // it never left
			h.mu.Lock()
			h.begun[n] = time.Time{}
			h.mu.Unlock()
		}
	}
	return resp, err
}

// end is how a call ends.
func (h *history) end() (model.Response, error) {
	kinds := []fault.Kind{
		fault.RateLimited, fault.RateLimited, fault.Unavailable, fault.Timeout, fault.Quota, fault.Auth, fault.BadOutput,
		fault.Refused, fault.NoKey, fault.Internal, fault.Canceled, "",
	}
	resp := model.Response{Usage: model.Usage{Known: h.draw(2) == 0, Input: h.draw(4000), Output: h.draw(400)}}
	if h.draw(3) == 0 {
		resp.Allowances = append(resp.Allowances, h.allowance(), h.allowance())
	}
	switch h.draw(8) {
	case 0:
		panic(errCrash)
	case 1, 2:
		e := fault.New(kinds[h.draw(len(kinds))], nil, "no")
		e.RetryAfter = time.Duration(h.draw(3)) * time.Duration(h.draw(int(time.Minute)))
		e.SlowDown, e.MaybeBilled = h.draw(4) == 0, h.draw(2) == 0
		return resp, e
	}
	return resp, nil
}

func (h *history) allowance() model.Allowance {
	kinds := []model.AllowanceKind{model.Requests, model.Tokens, model.InputTokens, model.OutputTokens, "garbage"}
	return model.Allowance{
		Kind: kinds[h.draw(len(kinds))], Limit: h.draw(10_000) - 10, Remaining: h.draw(10_000) - 10,
		Reset: time.Duration(h.draw(int(3*time.Minute))) - time.Second,
	}
}

// call begins a call, which may give up waiting.
func (h *history) call() {
	foreseen := price.Tokens{Input: h.draw(3000), Output: h.draw(300)}
	m := h.l.Guard(h, limit.Terms{
		Estimate: func(model.Request) price.Tokens { return foreseen },
		Wait:     time.Duration(h.draw(int(2*time.Minute))) - time.Second,
	})
	ctx, cancel := context.WithCancel(context.Background())
	switch h.draw(4) {
	case 0:
		ctx, cancel = context.WithTimeout(ctx, time.Duration(1+h.draw(int(time.Minute))))
	case 1:
		time.AfterFunc(time.Duration(h.draw(int(20*time.Second))), cancel)
	}
	h.all.Go(func() {
		defer cancel()
		defer func() {
			if r := recover(); r != nil && r != errCrash {
				panic(r)
			}
		}()
		m.Score(ctx, model.Request{})
	})
}

// step makes one thing happen.
func (h *history) step() {
	switch h.draw(12) {
	case 0:
		h.move(time.Duration(h.draw(int(time.Hour))))
	case 1:
		h.move(-time.Duration(h.draw(int(time.Hour))))
	case 2:
		time.Sleep(time.Duration(h.draw(int(time.Minute))))
	case 3:
		time.Sleep(time.Duration(h.draw(int(time.Second))))
	case 4:
		h.l.Learn([]model.Allowance{h.allowance()})
	case 5:
		if load := h.l.Load(); !(load >= 0 && load <= 1) {
			h.t.Errorf("load %v is outside [0,1]", load)
		}
	default:
		h.call()
	}
}

func (h *history) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.steady {
		h.jump += d
	}
}

// mend lets everything end, and the limits be whole again, and checks that nothing is left.
func (h *history) mend() {
	h.all.Wait()
	if s := h.l.Status(); s.InFlight != 0 || s.Waiting != 0 {
		h.t.Errorf("all calls have ended: %+v", s)
	}
	h.well = true
	time.Sleep(26 * time.Hour) // a day's limits and the longest hold have passed
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if _, err := h.l.Guard(h, limit.Terms{Wait: -1}).Score(ctx, model.Request{}); err != nil {
		h.t.Errorf("a day later: %v; status %+v", err, h.l.Status())
	}
}

// minutes checks that no minute had more calls than the limit that was set.
func (h *history) minutes() {
	if h.opts.Limits.RPM == 0 || !h.steady {
		return
	}
	first := 0
	begun := slices.DeleteFunc(h.begun, time.Time.IsZero)
	for i, at := range begun {
		for at.Sub(begun[first]) >= time.Minute {
			first++
		}
		if i-first+1 > h.opts.Limits.RPM {
			h.t.Errorf("%d calls in a minute, want at most %d", i-first+1, h.opts.Limits.RPM)
			return
		}
	}
}

// Whatever happens, no place and no waiter is lost, never more are under way than may be, and
// once the limits allow, calls pass.
func TestNeverStuck(t *testing.T) {
	seed := rand.Uint64()
	for n := range histories {
		synctest.Test(t, func(t *testing.T) {
			h := newHistory(t, rand.New(rand.NewPCG(seed, uint64(n))))
			for range h.draw(120) {
				h.step()
			}
			h.mend()
			h.minutes()
		})
		if t.Failed() {
			t.Fatalf("seed %d, history %d", seed, n)
		}
	}
}
