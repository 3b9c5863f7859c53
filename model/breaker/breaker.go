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

	// Probe is how long that one call may keep others waiting for its result. Default 1m.
	Probe time.Duration
}

func (o Options) withDefaults() Options {
	if o.Failures == 0 {
		o.Failures = 5
	}
	if o.Cooldown == 0 {
		o.Cooldown = 30 * time.Second
	}
	if o.Probe == 0 {
		o.Probe = time.Minute
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
	failures int       // in a row
	until    time.Time // refuse calls before this time
	probing  bool      // a probe is under way; its lease ends at until
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
	if err := g.breaker.allow(); err != nil {
		return model.Response{}, err
	}
	settled := false
	defer func() {
		if !settled { // a panic must not leave the breaker waiting for its probe
			g.breaker.record(context.Canceled)
		}
	}()
	resp, err := g.Model.Score(ctx, req)
	settled = true
	g.breaker.record(err)
	return resp, err
}

// Status returns how things stand now.
func (b *Breaker) Status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Status{State: b.state(time.Now()), Failures: b.failures, LastError: b.lastErr, LastAt: b.lastAt}
	if s.State == Open {
		s.Until = b.until
	}
	return s
}

func (b *Breaker) state(now time.Time) State {
	switch {
	case b.failures < b.opts.Failures:
		return Closed
	case b.probing || !now.Before(b.until):
		return HalfOpen
	}
	return Open
}

// allow returns nil when a call may pass. The first call after the cooldown is the probe: it
// holds a lease, so that others wait for its result, but not for ever.
func (b *Breaker) allow() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.failures < b.opts.Failures {
		return nil
	}
	if now.Before(b.until) {
		err := fault.New(fault.CircuitOpen, nil, "left alone after %d failures in a row", b.failures)
		err.RetryAfter = b.until.Sub(now)
		return err
	}
	b.probing, b.until = true, now.Add(b.opts.Probe)
	return nil
}

// record counts only failures that mean the provider is unwell. An answer of any other kind
// proves that it is up; a caller who gave up proves nothing.
func (b *Breaker) record(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch kind := fault.KindOf(err); {
	case kind == fault.Canceled:
		if b.probing { // the next call may probe at once
			b.probing, b.until = false, now
		}
	case kind.Unhealthy():
		b.failures++
		b.probing, b.until = false, now.Add(b.opts.Cooldown)
		b.lastErr, b.lastAt = fault.Message(err), now
	default:
		b.probing, b.failures = false, 0
	}
}
