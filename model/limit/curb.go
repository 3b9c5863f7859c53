package limit

import (
	"math"
	"time"
)

// curb is a limit that was lowered after the provider complained, and grows back.
type curb struct {
	limit float64 // 0: none
	since time.Duration
	base  float64 // the limit, or where none was known the rate then
	ramp  bool    // it grows by a half in fifteen minutes, else by a tenth of base a minute
}

const (
	rampSpan = 15 * time.Minute
	rampMost = 1.5 // times in a rampSpan
)

func (c curb) at(now time.Duration) float64 {
	switch {
	case c.limit == 0:
		return math.Inf(1)
	case c.ramp:
		return c.limit * math.Pow(rampMost, float64(now-c.since)/float64(rampSpan))
	}
	return c.limit + c.base/10*(now-c.since).Minutes()
}

// lifted reports whether a curb is over: it has grown to the known limit, or to a multiple of
// what was used where none is known.
func (c curb) lifted(now time.Duration, known float64) bool {
	if known == 0 {
		known = 4 * c.base
	}
	return c.limit > 0 && c.at(now) >= known
}

// shrink lowers the limit to a part of the rate at which calls go now.
func (b *bucket) shrink(now time.Duration, factor float64, ramp bool) {
	rate := min(b.limit, b.rate(now))
	base := b.known()
	if base == 0 {
		base = max(b.curb.base, rate)
	}
	b.curb = curb{limit: max(1, factor*rate), since: now, base: base, ramp: ramp || b.curb.ramp}
	b.advance(now)
}

// rate returns what a whole span would use if all of it were like the latest part in which
// anything was.
func (b *bucket) rate(now time.Duration) float64 {
	for turn := max(0, b.turn-parts); turn < b.turn; turn++ {
		if b.cells[turn%(parts+1)] > 0 {
			age := min(now-time.Duration(turn)*b.part, b.span)
			return max(b.little, b.used*float64(b.span)/float64(age))
		}
	}
	return max(b.little, b.used*parts)
}
