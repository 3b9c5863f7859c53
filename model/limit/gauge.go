package limit

import (
	"math"
	"math/bits"
	"time"

	"github.com/docsift/docsift/fault"
)

// gauge bounds how many calls are under way at once, by how long they take: more are let through
// while that stays near the shortest it was, fewer when it grows.
type gauge struct {
	most  int  // that may ever be under way
	set   bool // most was given, and is no default
	limit float64
	busy  int

	mean  time.Duration // that a call takes; 0: not known
	cut   time.Duration // when the limit was cut by a timeout; calls from before do not cut it again
	sizes [16]typical
	round round
}

// typical is how long calls of one size take, in nanoseconds.
type typical struct {
	calls int
	mean  float64 // lately
	floor float64 // when few are under way
}

// round is a number of calls that are judged together: single ones differ too much.
type round struct {
	calls, peak int
	ratio       float64 // sum of what each took by the floor of its size
}

const (
	firstLimit = 32
	leastRound = 8
	leastFree  = 16 // under way at once, however long calls take: only timeouts lower that
	crowdedAt  = 3  // times the shortest: the provider has too much, or this machine; less than that is ordinary
	easyAt     = 2  // times the shortest: more may be let through
)

func newGauge(most int) gauge {
	g := gauge{most: most, set: most > 0, cut: -1}
	if !g.set {
		g.most = defaultConcurrency
	}
	g.limit = float64(min(g.most, firstLimit))
	return g
}

// tighten lowers the most that may be under way to n, or sets it.
func (g *gauge) tighten(n int) {
	if n <= 0 || g.set && n >= g.most {
		return
	}
	g.most, g.set = n, true
	g.limit = min(g.limit, float64(n))
}

func (g *gauge) allowed() int { return int(g.limit) }

func (g *gauge) free() bool { return g.busy < g.allowed() }

func (g *gauge) take() {
	g.busy++
	g.round.peak = max(g.round.peak, g.busy)
}

func (g *gauge) release() { g.busy-- }

// wait returns how long it is until a call may go that has others ahead of it.
func (g *gauge) wait(ahead int) time.Duration {
	over := ahead + 1 + g.busy - g.allowed()
	if over <= 0 {
		return 0
	}
	return scale(g.mean, float64(over)/g.limit)
}

// observe takes in how long a call of so many tokens took. One that failed at once says nothing
// of how crowded it is.
func (g *gauge) observe(now time.Duration, t ticket, err error) {
	took := now - t.at
	size := &g.sizes[min(bits.Len(uint(t.need[input]))/2, len(g.sizes)-1)]
	switch kind := fault.KindOf(err); {
	case kind == fault.Timeout && float64(took) > 2*size.floor && t.at > g.cut:
		g.cut = now
		g.adjust(g.limit * 0.75)
		g.round = round{peak: g.busy}
		return
	case kind != "" && kind != fault.BadOutput && kind != fault.Refused:
		return
	}
	if g.mean == 0 {
		g.mean = took
	}
	g.mean += (took - g.mean) / 16
	size.observe(float64(took), 2*g.busy < g.allowed())
	g.round.calls++
	g.round.ratio += float64(took) / max(size.floor, 1)
	if g.round.calls >= max(leastRound, g.allowed()) {
		g.judge()
	}
}

func (s *typical) observe(took float64, few bool) {
	s.calls++
	s.mean += (took - s.mean) / float64(min(s.calls, 16))
	switch {
	case s.calls <= leastRound, s.mean < s.floor:
		s.floor = s.mean
	case few: // what was long ago is forgotten
		s.floor += (s.mean - s.floor) / 64
	}
}

// judge ends a round.
func (g *gauge) judge() {
	ratio := g.round.ratio / float64(g.round.calls)
	crowded := float64(g.round.peak) >= 0.8*math.Floor(g.limit)
	switch {
	case ratio > crowdedAt && g.limit > leastFree:
		g.adjust(max(g.limit*0.8, leastFree))
	case ratio > crowdedAt: // it is no crowd that makes them long: they are
		for i := range g.sizes {
			g.sizes[i].floor = g.sizes[i].mean
		}
	case ratio <= easyAt && crowded:
		g.adjust(g.limit + max(1, g.limit/10))
	}
	g.round = round{peak: g.busy}
}

func (g *gauge) adjust(limit float64) { g.limit = min(max(limit, 1), float64(g.most)) }
