package breaker

import (
	"time"

	"github.com/docsift/docsift/fault"
)

// Topic is what news is about. Each is told and taken in by itself.
type Topic string

// The topics of news.
const (
	Health Topic = "health" // the breaker opened, or healed
	Limit  Topic = "limit"  // the provider named a time before which it takes no calls
	Hand   Topic = "hand"   // the breaker was set by hand, or released
	Trial  Topic = "trial"  // a probe is under way, or over
)

// News is what a breaker tells those of the same model and key in other processes. It tells spans
// of time, so that their clocks need not agree.
type News struct {
	Topic Topic
	State State         // Open or Closed of Health and Hand; "" of Hand: it was released
	Age   time.Duration // since it came to pass
	Left  time.Duration // how long it still holds; 0 of Hand: until it is released
	Kind  fault.Kind    // of the failure that opened it
	Why   string        // for people, without what is for the log alone
	By    string        // who set it by hand
}

// Adopt takes in what happened elsewhere, unless something newer is known here; it is not told
// on. However much of it comes, the breaker lets a probe of its own through within MaxCooldown
// (or Park) of its own latest proof, and Probe where one is under way elsewhere. Where that
// probe succeeds, nothing opens it for a minute but its own calls.
func (b *Breaker) Adopt(n News) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.settle()
	since := now - max(n.Age, 0)
	switch {
	case n.Topic == Health && n.State == Open:
		b.adoptOpen(now, since, n)
	case n.Topic == Health && n.State == Closed:
		if b.phase == Open && since >= b.opened {
			b.heal(now)
		}
	case n.Topic == Limit && n.Left > 0:
		b.hold(now, n.Left, fault.New(fault.RateLimited, nil, "%s", n.Why))
	case n.Topic == Hand && since >= b.handed:
		b.adoptHand(now, since, n)
	case n.Topic == Trial && b.phase == Open:
		b.away = min(now+max(n.Left, 0), b.until+b.opts.Probe)
	}
}

// adoptOpen opens the breaker, or keeps it open, because of a failure elsewhere.
func (b *Breaker) adoptOpen(now, since time.Duration, n News) {
	what := weigh(n.Kind)
	if what == gaveUp || n.Left <= 0 || now < b.doubt || since < max(b.opened, b.healed) {
		return
	}
	longest := b.longest(what)
	switch {
	case b.phase != Open:
		b.opts.Changed(Change{To: Open, Why: fault.New(n.Kind, nil, "%s", n.Why), Elsewhere: true})
		b.adopted, b.parked, b.trust = true, false, now+longest
		b.until = now + min(n.Left, longest)
	case what == hopeless && !b.parked:
		b.trust = now + longest
	}
	if what != hopeless {
		b.cooldown = b.next(now)
	}
	b.until = max(b.until, min(now+n.Left, b.trust))
	b.reason, b.opened = n.Why, since
	b.parked, b.babbles = b.parked || what == hopeless, what == garbled
	b.turn(Open)
}

// longest returns how long a failure may keep the breaker open without another one here.
func (b *Breaker) longest(what proof) time.Duration {
	if what == hopeless {
		return max(b.cooldown, b.opts.Cooldown, b.opts.Park)
	}
	return b.opts.MaxCooldown
}

// weigh returns what a failure elsewhere proves by its kind: gaveUp where none of that kind opens
// a breaker.
func weigh(kind fault.Kind) proof {
	switch {
	case kind == fault.BadOutput:
		return garbled
	case kind == fault.Quota, kind == fault.Auth, kind == fault.ModelGone:
		return hopeless
	case kind.Unhealthy():
		return unwell
	}
	return gaveUp
}

func (b *Breaker) adoptHand(now, since time.Duration, n News) {
	switch n.State {
	case "":
		b.forced = nil
	case Open, Closed:
		f := Forced{State: n.State, By: n.By, Why: n.Why}
		if n.Left > 0 {
			f.Until = b.clock.Wall(now + n.Left)
		}
		b.force(now, f)
	default:
		return
	}
	b.handed, b.refusal = since, nil
}

// tellOpen tells others that the breaker opened, or stays open, because of err.
func (b *Breaker) tellOpen(now time.Duration, err error) {
	kind := fault.KindOf(err)
	if weigh(kind) == gaveUp { // a caller who waited long and in vain
		kind = fault.Timeout
	}
	b.opts.Tell(News{Topic: Health, State: Open, Left: b.until - now, Kind: kind, Why: b.reason})
}

// tellHand tells others what was set by hand.
func (b *Breaker) tellHand(now time.Duration) {
	n := News{Topic: Hand}
	if f := b.forced; f != nil {
		n.State, n.Left, n.By, n.Why = f.State, f.left(now), f.By, f.Why
		if n.Left == 0 && !f.Until.IsZero() { // over before it began
			n.State = ""
		}
	}
	b.opts.Tell(n)
}

// asked is how lately a call must have been refused for the next probe to be wanted.
const asked = time.Second

// Due returns in how long an open breaker lets a probe through, and whether calls wait for that.
// It is false when the breaker is not open, or its probe is under way.
func (b *Breaker) Due() (in time.Duration, wanted, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.settle()
	if b.phase != Open || b.forced != nil || b.leased(now) > now {
		return 0, false, false
	}
	return max(b.until, b.away, b.held, now) - now, b.refused > 0 && now-b.refused < asked, true
}
