// Package breaker leaves a failing provider alone for a while, and comes back to it with care.
package breaker

import (
	"context"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/clock"
	"github.com/docsift/docsift/model"
)

// State is the state of a breaker.
type State string

// The states of a breaker.
const (
	Closed   State = "closed"    // calls pass
	Open     State = "open"      // calls are refused
	HalfOpen State = "half_open" // one call passes to see whether the provider is back
	Ramping  State = "ramping"   // it is back: a share of the calls passes, then a larger one, then all
)

// Breaker remembers how the models that it guards have fared. Several models that stand or
// fall together (one provider's model under several settings) share one.
type Breaker struct {
	opts Options

	mu    sync.Mutex
	clock clock.Clock
	phase State // Closed, Open or Ramping; an open breaker whose cooldown has passed shows as half open
	era   int   // counts the changes of phase: what began in another era proves nothing

	until    time.Duration // an open breaker lets a probe through from then on
	cooldown time.Duration // the latest one; it grows when the breaker opens again
	parked   bool          // open for a reason that time alone does not mend
	babbles  bool          // open because of answers that are none
	reason   string        // why it is open

	leases  int // counts the probes
	lease   int // the probe under way; 0 when there is none
	expires time.Duration
	probed  time.Duration // when the latest probe began

	healed time.Duration // when the latest probe succeeded
	credit int           // of calls while ramping, in percent of one

	held    time.Duration // the provider asked not to be called before
	limit   error         // with which it did
	forced  *force
	refusal *fault.Error // the latest, given again while it holds

	opened  time.Duration // when it opened the latest time, or failed elsewhere
	adopted bool          // it is open because of failures elsewhere alone
	trust   time.Duration // until when those may keep it open
	doubt   time.Duration // until when those do not count
	away    time.Duration // until when a probe elsewhere keeps its own waiting
	handed  time.Duration // when it was set by hand
	refused time.Duration // when an open one latest refused a call

	failures int // in a row
	window   window
	lastErr  string
	lastAt   time.Time
}

// New returns a closed breaker.
func New(o Options) *Breaker {
	o = o.withDefaults()
	return &Breaker{
		opts: o, phase: Closed, clock: clock.New(o.Now), window: window{span: o.Window},
		healed: never, opened: never, handed: never,
	}
}

// Guard returns m behind the breaker. While that is open, and until the time that a provider
// named with a rate limit, Score returns fault.CircuitOpen and m is not asked. In the second
// case the cause is the rate limit.
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
	b := g.breaker
	t, err := b.enter(false)
	if err != nil && b.opts.Last != nil && b.opts.Last() {
		t, err = b.enter(true)
	}
	if err != nil {
		return model.Response{}, err
	}
	returned := false // a panic proves nothing, and must not leave a probe open
	defer func() { b.leave(ctx, t, returned, err) }()
	resp, err := g.Model.Score(ctx, req)
	returned = true
	t.start += resp.Waited
	return resp, err
}

// proof is what the end of a call says of the provider.
type proof int

const (
	gaveUp proof = iota // nothing: the caller went away, or the call was not sent
	well
	garbled // it is up, and its answer is none
	unwell
	hopeless // unwell, and no short wait will mend it
)

// judge says what a call that ended with err after so long proves. A rate limit and a refusal
// prove that the provider is up; that nothing was sent proves nothing.
func (b *Breaker) judge(ctx context.Context, err error, took time.Duration) proof {
	kind := fault.KindOf(err)
	switch {
	case kind.Unsent():
		return gaveUp
	case kind == fault.BadOutput:
		return garbled
	case (ctx.Err() != nil || kind == fault.Canceled) && took < b.opts.Slow:
		return gaveUp
	case kind == fault.Quota, kind == fault.Auth, kind == fault.ModelGone:
		return hopeless
	case kind.Unhealthy(), ctx.Err() != nil:
		return unwell
	}
	return well
}
