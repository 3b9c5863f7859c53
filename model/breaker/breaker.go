// Package breaker leaves a failing provider alone for a while.
package breaker

import (
	"context"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// Options configures a Breaker. The zero value is ready to use.
type Options struct {
	// Failures is the number of failures in a row that opens the breaker. Default 5.
	Failures int

	// Cooldown is how long an open breaker refuses calls before it lets one through. Default 30s.
	Cooldown time.Duration

	// Park is the least cooldown after a failure that time alone does not mend, such as a spent
	// quota or a wrong key; one of those opens the breaker at once. Default 5m.
	Park time.Duration

	// Probe is how long the call that is let through may keep others waiting for its result.
	// Default 1m.
	Probe time.Duration

	// Slow is how long a call must have lasted to count as a failure when its caller gave up on
	// it. A shorter one says more of the caller than of the provider. Default 10s.
	Slow time.Duration
}

func (o Options) withDefaults() Options {
	if o.Failures <= 0 {
		o.Failures = 5
	}
	for _, d := range []struct {
		field    *time.Duration
		fallback time.Duration
	}{{&o.Cooldown, 30 * time.Second}, {&o.Park, 5 * time.Minute}, {&o.Probe, time.Minute}, {&o.Slow, 10 * time.Second}} {
		if *d.field <= 0 {
			*d.field = d.fallback
		}
	}
	return o
}

// State is the state of a breaker.
type State string

// The states of a breaker.
const (
	Closed   State = "closed"    // calls pass
	Open     State = "open"      // calls are refused
	HalfOpen State = "half_open" // one call passes to see whether the provider is back
)

// Status is what an operator sees of a breaker.
type Status struct {
	State     State
	Failures  int       // in a row
	Until     time.Time // when an open breaker lets a call through; else zero
	LastError string    // of the latest failure, without its cause; "" when there was none
	LastAt    time.Time // of the latest failure
}

// Breaker remembers how the models that it guards have fared. Several models that stand or
// fall together (one provider's model under several settings) share one.
type Breaker struct {
	opts Options

	mu       sync.Mutex
	failures int
	open     bool
	until    time.Time // an open breaker refuses calls before this time
	probing  bool      // a probe is under way; its lease ends at until
	era      int       // counts the changes of state: what began in another era proves nothing
	lastErr  string
	lastAt   time.Time
}

// New returns a closed breaker.
func New(o Options) *Breaker { return &Breaker{opts: o.withDefaults()} }

// Guard returns m behind the breaker. While that is open, Score returns fault.CircuitOpen
// and m is not asked.
func (b *Breaker) Guard(m model.Model) model.Model { return guarded{m, b} }

type guarded struct {
	model.Model
	breaker *Breaker
}

// Score asks the model if the breaker allows it.
func (g guarded) Score(ctx context.Context, req model.Request) (model.Response, error) {
	if err := ctx.Err(); err != nil { // nobody waits for an answer: no reason to spend a probe
		return model.Response{}, err
	}
	era, err := g.breaker.allow()
	if err != nil {
		return model.Response{}, err
	}
	start, what := time.Now(), gaveUp // a panic proves nothing, and must not leave a probe open
	defer func() { g.breaker.record(era, what, err) }()
	resp, err := g.Model.Score(ctx, req)
	what = g.breaker.judge(ctx, err, time.Since(start))
	return resp, err
}

// proof is what the end of a call says of the provider.
type proof int

const (
	gaveUp proof = iota // nothing: the caller went away
	well
	unwell
	hopeless // unwell, and no short wait will mend it
)

// judge says what a call that ended with err after so long proves.
func (b *Breaker) judge(ctx context.Context, err error, took time.Duration) proof {
	kind := fault.KindOf(err)
	switch {
	case (ctx.Err() != nil || kind == fault.Canceled) && took < b.opts.Slow:
		return gaveUp
	case kind == fault.Quota, kind == fault.Auth, kind == fault.ModelGone:
		return hopeless
	case kind.Unhealthy(), ctx.Err() != nil:
		return unwell
	}
	return well
}

// Status returns how things stand now.
func (b *Breaker) Status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Status{State: Closed, Failures: b.failures, LastError: b.lastErr, LastAt: b.lastAt}
	switch {
	case b.open && (b.probing || !time.Now().Before(b.until)):
		s.State = HalfOpen
	case b.open:
		s.State, s.Until = Open, b.until
	}
	return s
}

// allow returns the era in which a call may pass. The first call after the cooldown is the
// probe: it holds a lease, so that others wait for its result, but not for ever.
func (b *Breaker) allow() (era int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return b.era, nil
	}
	now := time.Now()
	if now.Before(b.until) {
		e := fault.New(fault.CircuitOpen, nil, "left alone after %d failures in a row, the last one: %s", b.failures, b.lastErr)
		e.RetryAfter = b.until.Sub(now)
		return 0, e
	}
	b.era++ // an earlier probe whose lease ran out has no say any more
	b.probing, b.until = true, now.Add(b.opts.Probe)
	return b.era, nil
}

// record takes in the end of a call that began in the given era.
func (b *Breaker) record(era int, what proof, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if era != b.era {
		return
	}
	now := time.Now()
	switch what {
	case gaveUp:
		if b.probing { // the next call may probe at once
			b.probing, b.until = false, now
		}
	case well:
		b.failures = 0
		if b.open {
			b.open, b.probing = false, false
			b.era++
		}
	case unwell, hopeless:
		b.failures++
		b.lastErr, b.lastAt = fault.Message(err), now
		if b.open || what == hopeless || b.failures >= b.opts.Failures {
			b.trip(now, what)
		}
	}
}

// trip opens the breaker, or keeps it open after a probe that failed.
func (b *Breaker) trip(now time.Time, what proof) {
	cooldown := b.opts.Cooldown
	if what == hopeless {
		cooldown = max(cooldown, b.opts.Park)
	}
	b.open, b.probing, b.until = true, false, now.Add(cooldown)
	b.era++
}
