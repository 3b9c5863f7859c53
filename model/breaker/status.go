package breaker

import (
	"fmt"
	"time"

	"github.com/docsift/docsift/fault"
)

// Status is what an operator sees of a breaker.
type Status struct {
	State     State
	Failures  int       // in a row
	Until     time.Time // when an open breaker lets a call through; else zero
	LastError string    // of the latest failure, without its cause; "" when there was none
	LastAt    time.Time // of the latest failure

	Rate    float64   // the share of failed calls in the window
	Calls   int       // in the window
	Share   float64   // of calls that pass: 1 closed, 0 open or half open, between while ramping
	Parked  bool      // open for a reason that time alone does not mend
	Limited time.Time // until when the provider asked not to be called; else zero
	Forced  *Forced   // set by hand; else nil

	Elsewhere bool // open because of failures in another process
}

// Forced is a state that somebody set by hand.
type Forced struct {
	State State     // Open or Closed
	Until time.Time // when it ends; zero: when it is released
	By    string    // who set it
	Why   string
}

// force is a Forced in the breaker's own time.
type force struct {
	Forced
	end time.Duration
	why error // for the log
}

// left returns how long it still holds; 0 when that is over, or not known.
func (f *force) left(now time.Duration) time.Duration {
	if f.Until.IsZero() {
		return 0
	}
	return max(f.end-now, 0)
}

// Force holds the breaker open or closed until f ends or is released, whatever the calls say.
// They are still taken in, so that it stands right afterwards. Who calls a model is not told who
// shut it and why. Another State is fault.Invalid.
func (b *Breaker) Force(f Forced) error {
	if f.State != Open && f.State != Closed {
		return fault.New(fault.Invalid, nil, "a breaker can be forced %s or %s, not %q", Open, Closed, f.State)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.settle()
	b.force(now, f)
	b.handed = now
	b.tellHand(now)
	return nil
}

func (b *Breaker) force(now time.Duration, f Forced) {
	b.forced = &force{Forced: f, why: fmt.Errorf("by %q: %s", f.By, f.Why)}
	b.refusal = nil
	if !f.Until.IsZero() {
		b.forced.end = now + max(f.Until.Sub(b.clock.Last()), 0)
	}
}

// Release ends what Force began.
func (b *Breaker) Release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.settle()
	b.forced, b.handed = nil, now
	b.tellHand(now)
}

// Status returns how things stand now.
func (b *Breaker) Status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.settle()
	s := Status{State: b.phase, Failures: b.failures, LastError: b.lastErr, LastAt: b.lastAt, Parked: b.parked, Elsewhere: b.adopted}
	if calls, failed, _ := b.window.count(now); calls > 0 {
		s.Calls, s.Rate = calls, float64(failed)/float64(calls)
	}
	switch {
	case b.phase == Closed:
		s.Share = 1
	case b.phase == Ramping:
		s.Share = float64(b.share(now)) / 100
	case now < b.until && b.lease == 0:
		s.Until = b.clock.Wall(b.until)
	default:
		s.State = HalfOpen
	}
	if now < b.held {
		s.Limited = b.clock.Wall(b.held)
	}
	if b.forced != nil {
		f := b.forced.Forced
		s.Forced, s.State, s.Until = &f, f.State, time.Time{}
		if s.Share = 0; f.State == Closed {
			s.Share = 1
		} else {
			s.Until = f.Until
		}
	}
	return s
}

// LeastBad returns the breaker to let a call through when all of them refuse: the one that would
// reopen first. It is nil when one of them takes calls anyway, and when none can be spared: those
// that are parked, forced or rate limited cannot, nor one that was tried within the last second.
func LeastBad(all []*Breaker) *Breaker {
	var best *Breaker
	var soonest time.Duration
	for _, b := range all {
		wait, takes, spare := b.outlook()
		if takes {
			return nil
		}
		if spare && (best == nil || wait < soonest) {
			best, soonest = b, wait
		}
	}
	return best
}

// Takes reports whether the next call would pass.
func (b *Breaker) Takes() bool {
	_, takes, _ := b.outlook()
	return takes
}

// outlook says whether the breaker takes the next call, and otherwise how long it will refuse
// and whether it could be spared.
func (b *Breaker) outlook() (wait time.Duration, takes, spare bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.settle()
	switch {
	case b.forced != nil:
		return 0, b.forced.State == Closed, false
	case now < b.held:
		return 0, false, false
	case b.phase == Closed, b.phase == Open && b.due(now):
		return 0, true, false
	case b.phase == Ramping:
		return 0, false, true
	}
	return b.until - now, false, b.spare(now)
}
