// Package limit keeps what a provider lets through to one key at one model, so that it never has
// to answer 429: what is beyond the limits waits its turn, or is refused at once.
package limit

import (
	"context"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/clock"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
)

// Limiter counts what one key takes of one model. All that ask the model with the key share one.
type Limiter struct {
	opts Options

	mu      sync.Mutex
	clock   clock.Clock
	buckets [meters]bucket
	slots   gauge

	held    time.Duration // no call leaves before
	cause   error         // of the hold
	backoff time.Duration // the latest hold that the provider did not name
	shrunk  time.Duration // when the rate was lowered; calls that left before do not lower it again
	slowed  time.Duration // the same of the rate of tokens

	queue []*waiter // in the order in which they are served
	seq   int
	timer *time.Timer // runs while there is a queue
}

// New returns a Limiter of which nothing is used.
func New(o Options) *Limiter {
	o = o.withDefaults()
	l := &Limiter{opts: o, clock: clock.New(o.Now), slots: newGauge(o.Concurrency)}
	for i := range l.buckets {
		l.buckets[i] = newBucket(meter(i))
	}
	l.shrunk, l.slowed = -1, -1
	l.tighten(o.Limits)
	return l
}

// Terms is how the calls of one guarded model are to be treated.
type Terms struct {
	// Estimate foresees the tokens of a call. What a reply says of its usage is put in place of
	// it. Default: none, so that tokens count once they are used.
	Estimate func(model.Request) price.Tokens

	// Wait is the longest that a call waits for its turn. Negative: none waits. Default 10s.
	Wait time.Duration
}

// Guard returns m behind the limiter. A call beyond the limits waits while it can be served
// within t.Wait and before its deadline. Else Score returns fault.Throttled at once, which says
// when to come back, and m is not asked. The earliest deadline is served first.
func (l *Limiter) Guard(m model.Model, t Terms) model.Model {
	if t.Wait == 0 {
		t.Wait = 10 * time.Second
	}
	return guarded{m, l, t}
}

type guarded struct {
	model.Model
	limiter *Limiter
	terms   Terms
}

// Score asks the model when its turn comes.
func (g guarded) Score(ctx context.Context, req model.Request) (resp model.Response, err error) {
	if err := ctx.Err(); err != nil {
		return model.Response{}, err
	}
	var foreseen price.Tokens
	if g.terms.Estimate != nil {
		foreseen = g.terms.Estimate(req)
	}
	l := g.limiter
	t, err := l.enter(ctx, amountsOf(foreseen), g.terms.Wait)
	if err != nil {
		return model.Response{Waited: t.waited}, err
	}
	returned := false // a panic must not keep its place
	defer func() { l.leave(t, returned, &resp, err) }()
	resp, err = g.Model.Score(ctx, req)
	returned = true
	resp.Waited += t.waited
	return resp, err
}

// ticket is a call's leave to go.
type ticket struct {
	need   amounts       // that is reserved for it
	at     time.Duration // when it was given
	waited time.Duration
}

// enter gives a call leave to go, as soon as it is its turn, or refuses it.
func (l *Limiter) enter(ctx context.Context, need amounts, wait time.Duration) (ticket, error) {
	w, t, err := l.knock(ctx, need, wait)
	if w == nil {
		return t, err
	}
	select {
	case <-w.done:
	case <-ctx.Done():
	}
	return l.turn(ctx, w)
}

// knock takes what a call needs, or lines it up, or refuses it.
func (l *Limiter) knock(ctx context.Context, need amounts, wait time.Duration) (*waiter, ticket, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.settle()
	if len(l.queue) == 0 && l.fits(now, need) {
		return nil, l.take(now, need), nil
	}
	w, err := l.join(ctx, now, need, wait)
	return w, ticket{}, err
}

// turn returns the end of a wait: leave to go, a refusal, or that the caller went away.
func (l *Limiter) turn(ctx context.Context, w *waiter) (ticket, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.settle()
	gone := ctx.Err()
	switch {
	case w.err != nil:
		return ticket{waited: now - w.since}, w.err
	case gone == nil:
		return w.ticket, nil
	case w.served:
		l.slots.release()
		l.correct(w.ticket, amounts{})
	default:
		l.remove(w)
	}
	l.serve(now)
	return ticket{waited: now - w.since}, gone
}

// fits reports whether a call may go now. It takes nothing, so that what one limit refuses
// costs nothing of the others.
func (l *Limiter) fits(now time.Duration, need amounts) bool {
	if now < l.held || !l.slots.free() {
		return false
	}
	for i := range l.buckets {
		if !l.buckets[i].fits(now, need[i]) {
			return false
		}
	}
	return true
}

func (l *Limiter) take(now time.Duration, need amounts) ticket {
	for i := range l.buckets {
		l.buckets[i].take(need[i])
	}
	l.slots.take()
	return ticket{need: need, at: now}
}

// leave takes in the end of a call. What it used takes the place of what was foreseen.
func (l *Limiter) leave(t ticket, returned bool, resp *model.Response, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.settle()
	l.slots.release()
	if returned {
		l.slots.observe(now, t, err)
		l.heed(now, t, err)
		l.correct(t, used(t.need, resp.Usage, err))
		l.learn(now, resp.Allowances)
	}
	l.serve(now)
}

// correct puts what a call took in place of what was reserved for it.
func (l *Limiter) correct(t ticket, took amounts) {
	for i := range l.buckets {
		l.buckets[i].correct(t.at, took[i]-t.need[i])
	}
}

// settle returns the time, after what has come to pass by itself.
func (l *Limiter) settle() time.Duration {
	now := l.clock.Elapsed()
	for i := range l.buckets {
		l.buckets[i].advance(now)
	}
	return now
}

// refuse returns the error of a call that is not let through, and that may come back after wait.
func refuse(cause error, wait time.Duration, format string, args ...any) error {
	e := fault.New(fault.Throttled, cause, format, args...)
	e.RetryAfter = max(wait, time.Millisecond)
	return e
}
