package limit

import (
	"math"
	"time"

	"github.com/docsift/docsift/internal/price"
)

// meter is one thing that is limited.
type meter int

const (
	requests meter = iota
	tokens
	input
	output
	dayRequests
	dayTokens
	meters // how many there are
)

func (m meter) String() string {
	return [meters]string{
		"requests per minute", "tokens per minute", "input tokens per minute", "output tokens per minute",
		"requests per day", "tokens per day",
	}[m]
}

// amounts is what a call takes, by meter.
type amounts [meters]float64

func amountsOf(t price.Tokens) amounts {
	all := float64(t.Input + t.Output)
	return amounts{1, all, float64(t.Input - t.Cached), float64(t.Output), 1, all}
}

func (a *amounts) add(b amounts) {
	for i := range a {
		a[i] += b[i]
	}
}

// parts is into how many parts a span is cut. One more is kept, so that a whole span is covered
// while the latest part is not over.
const parts = 60

// bucket counts one thing over the latest span, and spreads it. Providers count in different
// ways. Never more than the limit in any span is within all of them; hence the window. That
// alone would let a minute's worth through in its first second, and nothing after; hence the debt.
type bucket struct {
	span, part time.Duration
	spread     bool
	burst      float64 // what may go at once, where the limit is that high
	little     float64 // what is next to nothing, and no measure of a rate

	policy, provider float64 // limits; 0: not known
	curb             curb
	own              float64 // the limit on what is taken here; infinite: there is none
	limit            float64 // the lowest of all

	cells [parts + 1]float64
	turn  int64   // of the latest cell
	used  float64 // sum of the cells

	debt float64 // what was taken ahead of an even pace
	paid time.Duration

	others leak // what others take with the same key
}

func newBucket(m meter) bucket {
	b := bucket{span: time.Minute, spread: true, own: math.Inf(1), limit: math.Inf(1), little: 10_000}
	switch m {
	case requests:
		b.burst, b.little = 10, 10
	case dayRequests, dayTokens:
		b.span, b.spread = 24*time.Hour, false
	}
	b.part = b.span / parts
	return b
}

// advance lets time pass. Every other method speaks of the time of the latest advance.
func (b *bucket) advance(now time.Duration) {
	turn := int64(now / b.part)
	if turn-b.turn > parts {
		b.cells, b.used, b.turn = [parts + 1]float64{}, 0, turn
	}
	for b.turn < turn {
		b.turn++
		c := &b.cells[b.turn%(parts+1)]
		b.used -= *c
		*c = 0
	}
	if b.curb.lifted(now, b.known()) {
		b.curb = curb{}
	}
	b.own = min(orInfinite(b.policy), b.curb.at(now))
	b.limit = min(b.own, orInfinite(b.provider))
	b.pay(now)
}

// pay works off the debt at an even pace.
func (b *bucket) pay(now time.Duration) {
	if !b.limited() || !b.spread {
		b.debt = 0
	} else {
		b.debt = max(0, b.debt-b.limit*float64(now-b.paid)/float64(b.span))
	}
	b.paid = now
}

func orInfinite(limit float64) float64 {
	if limit == 0 {
		return math.Inf(1)
	}
	return limit
}

func (b *bucket) limited() bool { return !math.IsInf(b.limit, 1) }

// known returns the limit that was set or learned; 0 when there is none.
func (b *bucket) known() float64 { return lower(b.policy, b.provider) }

// credit is how much debt there may be: a sixth of a span's worth.
func (b *bucket) credit() float64 { return max(b.limit/6, min(b.limit, b.burst), 1) }

// room returns how much may still be taken when gone of the cells and some of the others' part
// is left.
func (b *bucket) room(gone, others float64) float64 {
	return min(b.own-gone, orInfinite(b.provider)-gone-others)
}

// fits reports whether n may be taken now. What is more than a whole limit passes alone: the
// estimate may be wrong, and if it is not, the provider says so.
func (b *bucket) fits(now time.Duration, n float64) bool {
	if !b.limited() || n == 0 {
		return true
	}
	if b.spread && b.debt+min(n, b.credit()) > b.credit() {
		return false
	}
	return min(n, b.limit) <= b.room(b.used, b.others.at(now))
}

func (b *bucket) take(n float64) {
	b.cells[b.turn%(parts+1)] += n
	b.used += n
	b.debt += n
}

// correct changes by diff what was taken at a time before.
func (b *bucket) correct(at time.Duration, diff float64) {
	turn := int64(at / b.part)
	if diff == 0 || b.turn-turn > parts {
		return
	}
	b.cells[turn%(parts+1)] += diff
	b.used += diff
	b.debt = max(0, b.debt+diff)
}

// wait returns how long it is until n fits, when ahead is taken before it.
func (b *bucket) wait(now time.Duration, ahead, n float64) time.Duration {
	if !b.limited() || n == 0 {
		return 0
	}
	w := b.turnover(now, ahead+min(n, b.limit))
	if owed := b.debt + ahead + min(n, b.credit()) - b.credit(); b.spread && owed > 0 {
		w = max(w, scale(b.span, owed/b.limit))
	}
	return w
}

// turnover returns how long it is until need may be taken in the window, all in all. After each
// span, a whole limit may be taken again.
func (b *bucket) turnover(now time.Duration, need float64) time.Duration {
	whole := max(0, math.Ceil(need/b.limit)-1)
	need -= whole * b.limit
	w := scale(b.span, whole)
	gone := b.used
	if need <= b.room(gone, b.others.at(now)) {
		return w
	}
	for turn := b.turn - parts; turn <= b.turn; turn++ {
		gone -= b.cells[(turn+parts+1)%(parts+1)] // before the first turn there is nothing
		end := time.Duration(turn+parts+1) * b.part
		if need <= b.room(gone, b.others.at(end)) {
			return w + end - now
		}
	}
	return w + b.span + b.part
}

// scale returns d times f, for waits of a month at most.
func scale(d time.Duration, f float64) time.Duration {
	return time.Duration(min(float64(d)*f, float64(30*24*time.Hour)))
}

// share returns how much of the limit is used, in [0,1].
func (b *bucket) share(now time.Duration) float64 {
	if !b.limited() {
		return 0
	}
	return min(1, max(0, (b.limit-b.room(b.used, b.others.at(now)))/b.limit))
}

// leak is an amount that runs out evenly.
type leak struct {
	amount      float64
	from, until time.Duration
}

func (l leak) at(now time.Duration) float64 {
	if now >= l.until {
		return 0
	}
	return l.amount * float64(l.until-now) / float64(l.until-l.from)
}
