package limit

import (
	"errors"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

const (
	maxHold  = 15 * time.Minute // the longest that a rate limit keeps the key unused
	maxQuota = 25 * time.Hour   // the longest that a spent quota does

	// minuteful is the longest that a limit by the minute takes to be whole again.
	minuteful = 90 * time.Second

	// absurd is more tokens than any call can take.
	absurd = 2_000_000
)

// used returns what a call took of the limits. Where it is not known, that is what was foreseen.
func used(foreseen amounts, u model.Usage, err error) amounts {
	if u.Known && u.Input <= absurd && u.Output <= absurd {
		all := float64(u.Input + u.Output)
		return amounts{1, all, float64(u.Input - u.Cached), float64(u.Output), 1, all}
	}
	e, ok := asFault(err)
	if !ok || fault.MaybeBilled(e) {
		return foreseen
	}
	switch kind := e.Kind; {
	case kind.Unsent(), kind == fault.Config, kind == fault.Canceled, kind == fault.Timeout: // it has not left
		return amounts{}
	}
	switch e.Kind {
	case fault.RateLimited, fault.Quota, fault.Auth, fault.ModelGone, fault.Rejected, fault.TooLong, fault.Unavailable:
		return amounts{requests: 1, dayRequests: 1}
	}
	return foreseen
}

// Learn takes in what the provider says that it lets through, from a reply to a call past the
// limiter.
func (l *Limiter) Learn(all []model.Allowance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.settle()
	l.learn(now, all)
	l.serve(now)
}

func (l *Limiter) learn(now time.Duration, all []model.Allowance) {
	for _, a := range all {
		minute, day, ok := metersOf(a.Kind)
		if !ok || a.Limit <= 0 || a.Remaining < 0 || a.Remaining > a.Limit || a.Reset < 0 {
			continue
		}
		b := &l.buckets[minute]
		if a.Reset > minuteful && day < meters {
			if b.provider == float64(a.Limit) { // what looked like a minute's was a day's
				b.provider, b.others = 0, leak{}
				b.advance(now)
			}
			b = &l.buckets[day]
		}
		b.learn(now, a)
	}
}

// metersOf returns the meters by the minute and by the day that a kind of allowance may mean.
func metersOf(k model.AllowanceKind) (minute, day meter, ok bool) {
	switch k {
	case model.Requests:
		return requests, dayRequests, true
	case model.Tokens:
		return tokens, dayTokens, true
	case model.InputTokens:
		return input, meters, true
	case model.OutputTokens:
		return output, meters, true
	}
	return 0, 0, false
}

// learn takes over a provider's limit. What is gone beyond our own count, others with the same
// key have taken, or our estimates were too low. It comes back until the time named.
func (b *bucket) learn(now time.Duration, a model.Allowance) {
	b.provider = float64(a.Limit)
	b.advance(now)
	if extra := float64(a.Limit-a.Remaining) - b.used; extra > b.others.at(now) {
		reset := a.Reset
		if reset == 0 || reset > b.span {
			reset = b.span
		}
		b.others = leak{amount: extra, from: now, until: now + reset}
	}
}

// heed draws the lesson of how a call ended: one that a rate limit refused lowers the rate, and
// holds further calls back.
func (l *Limiter) heed(now time.Duration, t ticket, err error) {
	e, ok := asFault(err)
	switch {
	case err == nil:
		if t.at >= l.held {
			l.backoff = 0
		}
	case ok && e.Kind == fault.Quota && e.RetryAfter > 0:
		l.hold(now, min(e.RetryAfter, maxQuota), err)
	case ok && e.Kind == fault.RateLimited:
		l.slow(now, t, e)
		l.hold(now, l.pause(now, t, e), err)
	}
}

// pause returns how long to leave the provider alone after a rate limit: as long as it said, or
// else a second, doubled each time up to a minute.
func (l *Limiter) pause(now time.Duration, t ticket, e *fault.Error) time.Duration {
	if e.RetryAfter > 0 {
		return min(e.RetryAfter, maxHold)
	}
	if t.at < l.held { // it left before the latest hold began, and tells nothing new
		return 0
	}
	l.backoff = min(max(2*l.backoff, time.Second), time.Minute)
	return l.backoff
}

func (l *Limiter) hold(now, wait time.Duration, cause error) {
	if now+wait <= l.held {
		return
	}
	l.held, l.cause = now+wait, cause
	l.cull(now)
}

// slow lowers the rate, once for all calls that were under way at the same time.
func (l *Limiter) slow(now time.Duration, t ticket, e *fault.Error) {
	switch {
	case e.SlowDown && t.at > l.slowed:
		l.slowed = now
		for _, m := range []meter{tokens, input} {
			if b := &l.buckets[m]; m == tokens || b.limited() {
				b.shrink(now, 0.5, true)
			}
		}
	case !e.SlowDown && t.at > l.shrunk:
		l.shrunk = now
		factor := 0.75
		if e.RetryAfter <= 0 {
			factor = 0.5
		}
		l.buckets[requests].shrink(now, factor, false)
	}
}

// asFault returns the outermost fault in err's tree.
func asFault(err error) (*fault.Error, bool) { return errors.AsType[*fault.Error](err) }
