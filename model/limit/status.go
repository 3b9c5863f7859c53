package limit

import "time"

// Status is what an operator sees of a limiter.
type Status struct {
	Limits []Limit // those known, by the minute first
	Load   float64 // as Load returns it

	Waiting     int // calls
	InFlight    int
	Concurrency int // how many may be under way now
	Most        int // how many ever may

	Held time.Time // until when no call leaves; else zero
}

// Limit is one limit, and how much of it is used.
type Limit struct {
	Name string  // such as "requests per minute"
	Most int     // of them
	Used float64 // share, in [0,1]
	From Source
	Full int // what Most will grow back to; Most itself where it was not lowered, 0 where it is not known
}

// Source says where a limit comes from.
type Source string

// The sources.
const (
	FromPolicy   Source = "policy"   // it was set
	FromProvider Source = "provider" // the provider said so
	FromRefusals Source = "refusals" // the provider refused calls, and it was lowered for a while
)

// Status returns how things stand now.
func (l *Limiter) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.settle()
	s := Status{
		Load: l.load(now), Waiting: len(l.queue),
		InFlight: l.slots.busy, Concurrency: l.slots.allowed(), Most: l.slots.most,
	}
	for i := range l.buckets {
		if b := &l.buckets[i]; b.limited() {
			s.Limits = append(s.Limits, Limit{meter(i).String(), int(b.limit), b.share(now), b.source(), int(b.known())})
		}
	}
	if now < l.held {
		s.Held = l.clock.Wall(l.held)
	}
	return s
}

func (b *bucket) source() Source {
	switch {
	case b.known() == 0 || b.limit < b.known():
		return FromRefusals
	case b.limit == b.provider:
		return FromProvider
	}
	return FromPolicy
}

// Load returns how much of the fullest limit is used, in [0,1]: 1 means that a call would have to
// wait. Of several keys, ask the one with the least.
func (l *Limiter) Load() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.load(l.settle())
}

func (l *Limiter) load(now time.Duration) float64 {
	if now < l.held || len(l.queue) > 0 {
		return 1
	}
	most := min(1, float64(l.slots.busy)/float64(l.slots.allowed()))
	for i := range l.buckets {
		most = max(most, l.buckets[i].share(now))
	}
	return most
}
