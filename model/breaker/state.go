package breaker

import (
	"context"
	"fmt"
	"time"

	"github.com/docsift/docsift/fault"
)

const (
	maxHold = 15 * time.Minute      // the longest that a provider can keep us away by a rate limit
	lull    = time.Second           // between probes that are let through because nothing else answers
	blur    = 10 * time.Millisecond // by which a refusal may overstate how long to wait
	doubted = time.Minute           // how long failures elsewhere do not count once they were disproved here
	never   = -1 << 60              // long before the breaker was made
)

// ticket is a call's leave to pass.
type ticket struct {
	era   int
	start time.Duration // when the call was sent, its turn having come
	lease int           // of a probe; else 0
	early bool          // a probe before the cooldown has passed
}

// enter lets a call pass or refuses it. The first call after the cooldown is the probe: it holds
// a lease, so that others wait for its result, but not for ever. The last hope passes where an
// ordinary call would be refused.
func (b *Breaker) enter(lastHope bool) (ticket, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.settle()
	t := ticket{era: b.era, start: now}
	switch {
	case b.forced != nil && b.forced.State == Closed:
		return t, nil
	case b.forced != nil:
		return t, b.refuse("shut by hand", b.forced.why, b.forced.left(now))
	case now < b.held:
		return t, b.refuse("not asked: it said when it takes calls again", b.limit, b.held-now)
	case b.phase == Closed:
		return t, nil
	case b.phase == Ramping:
		return t, b.ration(now, lastHope)
	case !b.due(now) && !(lastHope && b.spare(now)):
		b.refused = now
		return t, b.refuse(b.reason, nil, max(b.until, b.away, b.leased(now))-now)
	}
	b.leases++
	t.lease, t.early = b.leases, now < b.until
	b.lease, b.expires, b.probed = b.leases, now+b.opts.Probe, now
	if !t.early {
		b.opts.Tell(News{Topic: Trial, Left: b.opts.Probe})
	}
	return t, nil
}

// due reports whether an open breaker would let the next call through as its probe.
func (b *Breaker) due(now time.Duration) bool { return now >= max(b.until, b.away, b.leased(now)) }

// spare reports whether an open breaker could let a probe through before its time.
func (b *Breaker) spare(now time.Duration) bool {
	return !b.parked && now >= b.leased(now) && (b.leases == 0 || now-b.probed >= lull)
}

// leased returns when the lease of the probe under way ends; now when there is none.
func (b *Breaker) leased(now time.Duration) time.Duration {
	if b.lease == 0 {
		return now
	}
	return max(now, b.expires)
}

// ration lets a share of the calls pass, evenly spread and the first one among them.
func (b *Breaker) ration(now time.Duration, lastHope bool) error {
	share := b.share(now)
	if b.credit += share; b.credit >= 100 {
		b.credit -= 100
		return nil
	}
	if lastHope {
		return nil
	}
	reason := "coming back: one call in two passes"
	if share < 50 {
		reason = "coming back: one call in ten passes"
	}
	return b.refuse(reason, nil, b.healed+2*b.opts.Step-now)
}

// share returns the percentage of calls that pass while ramping.
func (b *Breaker) share(now time.Duration) int {
	if now-b.healed < b.opts.Step {
		return 10
	}
	return 50
}

// refuse returns an error that says how long to wait. It makes a new one only when the latest
// does not hold any more.
func (b *Breaker) refuse(reason string, cause error, wait time.Duration) error {
	e := b.refusal
	if e == nil || e.Msg != reason || wait > e.RetryAfter || e.RetryAfter-wait > blur {
		e = fault.New(fault.CircuitOpen, cause, "%s", reason)
		e.RetryAfter = wait
		b.refusal = e
	}
	return e
}

// leave takes in the end of a call.
func (b *Breaker) leave(ctx context.Context, t ticket, returned bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, what := b.settle(), gaveUp
	if returned {
		what = b.judge(ctx, err, now-t.start)
	}
	if wait := fault.RetryAfter(err); returned && wait > 0 && fault.KindOf(err) == fault.RateLimited {
		if b.hold(now, wait, err) {
			b.opts.Tell(News{Topic: Limit, Left: b.held - now, Why: fault.Message(err)})
		}
	}
	probe := t.lease != 0 && t.lease == b.lease
	if probe {
		b.lease = 0
	}
	if probe && !t.early {
		b.opts.Tell(News{Topic: Trial})
	}
	if t.era != b.era {
		return
	}
	switch what {
	case well, garbled:
		b.failures = 0
		b.window.add(now, what)
		switch garbled := what == garbled; {
		case garbled && b.tooGarbled(now, probe):
			b.lastErr, b.lastAt = fault.Message(err), b.clock.Last()
			b.trip(now, what, err)
		case b.phase == Open && !(garbled && b.babbles):
			b.heal(now)
			b.opts.Tell(News{Topic: Health, State: Closed})
		}
	case unwell, hopeless:
		b.failures++
		b.window.add(now, what)
		b.lastErr, b.lastAt = fault.Message(err), b.clock.Last()
		if what == hopeless || b.opens(now, probe && !t.early) {
			b.trip(now, what, err)
		}
	}
}

// hold keeps calls away for the time that the provider named with err, if that is longer than
// what is known already, and reports whether it is.
func (b *Breaker) hold(now, wait time.Duration, err error) bool {
	until := now + min(wait, maxHold)
	if until <= b.held {
		return false
	}
	b.held, b.limit, b.refusal = until, err, nil
	return true
}

// opens reports whether a failure that was just counted opens the breaker, or keeps it open.
// Of the calls that passed an open one, its probe alone does.
func (b *Breaker) opens(now time.Duration, probe bool) bool {
	switch b.phase {
	case Open:
		return probe
	case Ramping:
		return true
	}
	calls, failed, _ := b.window.count(now)
	return b.failures >= b.opts.Failures || calls >= b.opts.Calls && float64(failed) >= b.opts.Rate*float64(calls)
}

// tooGarbled reports whether answers that are none open the breaker, or keep it open.
func (b *Breaker) tooGarbled(now time.Duration, probe bool) bool {
	calls, _, bad := b.window.count(now)
	switch b.phase {
	case Open:
		return b.babbles && probe
	case Closed:
		return calls >= 2*b.opts.Calls && float64(bad) >= b.opts.Garbled*float64(calls)
	}
	return false
}

// trip opens the breaker, or keeps it open after a probe that failed.
func (b *Breaker) trip(now time.Duration, what proof, why error) {
	if b.phase != Open {
		b.opts.Changed(Change{To: Open, Why: why})
	}
	b.reason = b.why(now)
	b.parked, b.babbles = what == hopeless, what == garbled
	if b.parked { // which says nothing of how steady the provider is
		b.until = now + max(b.cooldown, b.opts.Cooldown, b.opts.Park)
	} else {
		b.cooldown = b.next(now)
		b.until = now + b.cooldown
	}
	b.opened, b.trust, b.adopted = now, now+b.longest(what), false
	b.turn(Open)
	b.tellOpen(now, why)
}

// next returns the cooldown of a breaker that opens now.
func (b *Breaker) next(now time.Duration) time.Duration {
	if b.phase == Open {
		return max(b.opts.Cooldown, b.cooldown, min(2*b.cooldown, b.opts.MaxCooldown/3))
	}
	c := b.cooldown >> min((now-b.healed)/b.opts.Healthy, 62)
	if c < b.opts.Cooldown {
		return b.opts.Cooldown
	}
	return min(2*c, b.opts.MaxCooldown)
}

// why says what opens the breaker.
func (b *Breaker) why(now time.Duration) string {
	calls, failed, bad := b.window.count(now)
	if b.failures == 0 {
		return fmt.Sprintf("left alone after %d of %d answers were none, the last one: %s", bad, calls, b.lastErr)
	}
	if b.phase == Closed && b.failures < min(failed, b.opts.Failures) {
		return fmt.Sprintf("left alone after %d of %d calls failed, the last one: %s", failed, calls, b.lastErr)
	}
	return fmt.Sprintf("left alone after %d failures in a row, the last one: %s", b.failures, b.lastErr)
}

// heal closes the breaker, by and by.
func (b *Breaker) heal(now time.Duration) {
	if b.adopted {
		b.adopted, b.doubt = false, now+doubted
	}
	b.healed, b.parked = now, false
	b.opts.Changed(Change{To: Closed})
	if b.turn(Closed); b.opts.Step > 0 {
		b.phase, b.credit = Ramping, 90
	}
}

// turn begins a new era, in which nothing counts that was before. A probe keeps its lease, so
// that there are never two at once.
func (b *Breaker) turn(to State) {
	b.phase = to
	b.window = window{span: b.opts.Window}
	b.era++
}

// settle returns the time, after what has come to pass by itself.
func (b *Breaker) settle() time.Duration {
	now := b.clock.Elapsed()
	if b.phase == Ramping && now-b.healed >= 2*b.opts.Step {
		b.phase = Closed
	}
	if b.forced != nil && b.forced.left(now) == 0 && !b.forced.Until.IsZero() {
		b.forced = nil
	}
	return now
}
