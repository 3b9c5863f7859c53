package limit

import "time"

// Options configures a Limiter. The zero value is ready to use: it knows no limits but learns
// what the provider says of them.
type Options struct {
	Limits Limits

	// Concurrency is how many calls are under way at once at most. Fewer are while more would
	// only make each slower. Default 256.
	Concurrency int

	// Queue is how many calls may wait. Default 1000.
	Queue int

	// Now is the clock. Its jumps backward count as no time. Default time.Now.
	Now func() time.Time
}

// Limits is what one key may take of one model. 0 is a limit that is not known.
type Limits struct {
	RPM  int // requests a minute
	TPM  int // tokens a minute, input and output
	ITPM int // input tokens a minute; cached ones do not count
	OTPM int // output tokens a minute
	RPD  int // requests a day
	TPD  int // tokens a day, input and output
}

const defaultConcurrency = 256

func (o Options) withDefaults() Options {
	if o.Queue <= 0 {
		o.Queue = 1000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Tighten lowers the limits to those of o where they are lower, and sets those that were not
// known: whoever shares a limiter keeps the limits of all.
func (l *Limiter) Tighten(o Options) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tighten(o.Limits)
	l.slots.tighten(o.Concurrency)
}

func (l *Limiter) tighten(o Limits) {
	for i, n := range [meters]int{o.RPM, o.TPM, o.ITPM, o.OTPM, o.RPD, o.TPD} {
		l.buckets[i].policy = lower(l.buckets[i].policy, float64(max(n, 0)))
	}
}

// lower returns the lower of two limits, either of which may be 0 for not known.
func lower(a, b float64) float64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
