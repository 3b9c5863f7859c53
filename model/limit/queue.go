package limit

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/docsift/docsift/fault"
)

// waiter is a call that waits for its turn.
type waiter struct {
	need     amounts
	deadline time.Duration // of its context; math.MaxInt64: none
	seq      int
	since    time.Duration
	until    time.Duration // it waits no longer

	done   chan struct{} // closed when one of these is set
	served bool
	ticket ticket
	err    error
}

func (w *waiter) compare(other *waiter) int {
	if w.deadline != other.deadline {
		return compare(w.deadline, other.deadline)
	}
	return w.seq - other.seq
}

func compare(a, b time.Duration) int {
	if a < b {
		return -1
	}
	return 1
}

const never = time.Duration(math.MaxInt64)

// join lines a call up, or refuses it when its turn would come too late.
func (l *Limiter) join(ctx context.Context, now time.Duration, need amounts, wait time.Duration) (*waiter, error) {
	w := &waiter{need: need, deadline: never, seq: l.seq, since: now, until: now + max(wait, 0), done: make(chan struct{})}
	if at, ok := ctx.Deadline(); ok {
		w.deadline = now + at.Sub(l.clock.Last())
	}
	l.seq++
	place, _ := slices.BinarySearchFunc(l.queue, w, (*waiter).compare)
	ahead := line{}
	for _, other := range l.queue[:place] {
		ahead.add(other.need)
	}
	f := l.foresee(now, ahead, need)
	switch {
	case wait < 0 || f.wait > l.patience(w, now):
		return nil, f.refusal()
	case len(l.queue) >= l.opts.Queue:
		return nil, refuse(nil, f.wait, "%d calls wait for their turn already", len(l.queue))
	}
	l.queue = slices.Insert(l.queue, place, w)
	if place < len(l.queue)-1 { // those behind it wait longer now
		l.cull(now)
	}
	l.arm(now)
	return w, nil
}

// patience returns how long a call can still wait: its answer takes time too.
func (l *Limiter) patience(w *waiter, now time.Duration) time.Duration {
	if w.deadline == never {
		return w.until - now
	}
	return min(w.until, w.deadline-l.slots.mean) - now
}

// line is what the calls before another one take.
type line struct {
	calls int
	amounts
}

func (l *line) add(need amounts) {
	l.calls++
	l.amounts.add(need)
}

// forecast is when a call's turn will come, and what keeps it waiting.
type forecast struct {
	wait  time.Duration
	what  string
	cause error
}

func (f forecast) refusal() error {
	return refuse(f.cause, f.wait, "its turn would come too late: %s", f.what)
}

// foresee returns when a call's turn comes.
func (l *Limiter) foresee(now time.Duration, ahead line, need amounts) forecast {
	f := forecast{wait: l.slots.wait(ahead.calls), what: "as many calls are under way as may be at once"}
	for i := range l.buckets {
		if d := l.buckets[i].wait(now, ahead.amounts[i], need[i]); d > f.wait {
			f.wait, f.what = d, "the limit of "+meter(i).String()+" is reached"
		}
	}
	if hold := l.held - now; hold > 0 && hold >= f.wait {
		f = forecast{hold, "the provider asked not to be called", l.cause}
		if fault.KindOf(l.cause) == fault.Quota {
			f.what = "the provider's quota is used up"
		}
	}
	return f
}

// slack is by how much a forecast may be off.
const slack = time.Second

// cull refuses those whose turn will come too late after all.
func (l *Limiter) cull(now time.Duration) {
	ahead := line{}
	l.queue = slices.DeleteFunc(l.queue, func(w *waiter) bool {
		f := l.foresee(now, ahead, w.need)
		if now < w.until && f.wait <= l.patience(w, now)+slack {
			ahead.add(w.need)
			return false
		}
		w.err = f.refusal()
		close(w.done)
		return true
	})
}

// serve lets those go whose turn it is.
func (l *Limiter) serve(now time.Duration) {
	n := 0
	for _, w := range l.queue {
		if !l.fits(now, w.need) {
			break
		}
		w.ticket, w.served = l.take(now, w.need), true
		w.ticket.waited = now - w.since
		close(w.done)
		n++
	}
	l.queue = slices.Delete(l.queue, 0, n)
	l.arm(now)
}

func (l *Limiter) remove(w *waiter) {
	if i := slices.Index(l.queue, w); i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
	}
}

// arm sees to it that the queue is looked at when its first call's turn comes, and every second.
func (l *Limiter) arm(now time.Duration) {
	if len(l.queue) == 0 {
		if l.timer != nil {
			l.timer.Stop()
		}
		return
	}
	d := l.foresee(now, line{}, l.queue[0].need).wait
	d = min(max(d, time.Millisecond), time.Second)
	if l.timer == nil {
		l.timer = time.AfterFunc(d, l.tick)
		return
	}
	l.timer.Reset(d)
}

func (l *Limiter) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.settle()
	l.serve(now)
	l.cull(now)
	l.arm(now)
}
