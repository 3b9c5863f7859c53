package chaos

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	rate  = 125 // sheets a second of a measurement of latency
	paces = 375 // sheets of one, to each of two services
)

// pair is how long sheets took with one provider dead, and with all alive at the same time.
type pair struct {
	p50, p99, healthy50, healthy99 time.Duration
	noise                          time.Duration // by which the run's own timers were late
}

// holds reports whether A2 is kept: the median at most 10 % above the healthy one, or 5 ms where
// that is more, and the 99th percentile 50 ms, and what the machine itself was late.
func (p pair) holds() bool {
	return p.p50 <= p.healthy50+max(p.healthy50/10, 5*time.Millisecond) &&
		p.p99 <= p.healthy99+50*time.Millisecond+p.noise
}

// excess is by how much p is worse than another.
func (p pair) excess() time.Duration { return p.p99 - p.healthy99 }

func (p pair) String() string {
	return fmt.Sprintf("p50 %s with all alive, %s with one dead; p99 %s and %s", ms(p.healthy50), ms(p.p50), ms(p.healthy99), ms(p.p99))
}

// ms writes milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000) }

// availability is A1 and A2: one of four providers is dead, in each of ten ways.
func (r *run) availability(ctx context.Context) ([]Line, error) {
	a1 := Line{ID: "A1", What: "one of four providers dead, ten ways", Target: "≥ 99.99 % right, not degraded"}
	a2 := Line{ID: "A2", What: "latency with it, once it is left alone", Target: "p50 ≤ +10 %, p99 ≤ +50 ms"}
	healthy, err := r.start(ctx, plan{name: "A2-healthy"})
	if err != nil {
		return nil, err
	}
	defer healthy.close()
	if found := bad(healthy.rush(ctx, "all alive", 200, workers, r.press.hard)); len(found) > 0 {
		a1.examples("all alive:", found)
	}
	sent, failed, kept, worst := 0, 0, true, pair{}
	for i, o := range outages() {
		if !r.plays(o) {
			continue
		}
		answers, times, err := r.oneDeadInTime(ctx, o, i, healthy, &a1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		wrong := bad(answers)
		sent, failed = sent+len(answers), failed+len(wrong)
		a1.examples(o.name+":", wrong)
		a1.figure("failed "+o.name, float64(len(wrong)))
		a2.figure("p99 over healthy, ms, "+o.name, float64(times.excess().Microseconds())/1000)
		kept = kept && times.holds()
		if worst == (pair{}) || times.excess() > worst.excess() || !times.holds() {
			worst = times
		}
		r.say("A1 %s: %s of %s right; %v; timers %s late", o.name, grouped(len(answers)-len(wrong)), grouped(len(answers)), times, ms(times.noise))
	}
	a1.Measured = fmt.Sprintf("%s %% (%s of %s)", percent(sent-failed, sent), grouped(sent-failed), grouped(sent))
	a1.Result = verdict(sent > 0 && failed*10_000 <= sent)
	a2.Measured, a2.Result = "worst: "+worst.String(), verdict(kept)
	a2.note("both are asked at the same time, %d a second each; +10 %% may be 5 ms where that is more; p99 may be worse by what the run's own timers were late at the 99th percentile, %s in the worst way; a way that does not hold is measured once more", rate, ms(worst.noise))
	return []Line{a1, a2}, ctx.Err()
}

// plays reports whether a way of A1 is wanted.
func (r *run) plays(o outage) bool {
	return !slices.ContainsFunc(r.Only, isOutage) || slices.ContainsFunc(r.Only, func(name string) bool {
		return name == o.name || name == "A1" || name == "A2"
	})
}

// oneDeadInTime is oneDead, once more where sheets failed on a machine that had no time for the run.
func (r *run) oneDeadInTime(ctx context.Context, o outage, i int, healthy *world, l *Line) ([]answer, pair, error) {
	from := time.Now()
	answers, times, err := r.oneDead(ctx, o, i, healthy)
	late, failed := r.pulse.since(from), len(bad(answers))
	if err != nil || late <= busy || failed == 0 {
		return answers, times, err
	}
	l.note("%s: %d of %d failed while the run's own timers were %s late: measured once more", o.name, failed, len(answers), ms(late))
	return r.oneDead(ctx, o, i, healthy)
}

// oneDead has the provider that is asked first die, and returns all that was answered since.
func (r *run) oneDead(ctx context.Context, o outage, i int, healthy *world) ([]answer, pair, error) {
	w, err := r.startDying(ctx, o, (i+int(r.Seed%4))%len(accounts()))
	if err != nil {
		return nil, pair{}, err
	}
	defer w.close()
	if err := o.begin(r, w.providers[0]); err != nil {
		return nil, pair{}, err
	}
	measured := min(paces, r.Requests/2)
	answers := w.rush(ctx, "A1 "+o.name, r.Requests-measured, workers, r.press.hard)
	more, times := r.compare(ctx, w, healthy, measured)
	answers = append(answers, more...)
	if !times.holds() {
		r.say("A2 %s: measured once more: %v", o.name, times)
		if more, again := r.compare(ctx, w, healthy, measured); again.holds() {
			answers, times = append(answers, more...), again
		}
	}
	return answers, times, nil
}

// startDying starts a world whose first provider has the address that the outage needs. Where calls
// arrive, it is a healthy one for a while.
func (r *run) startDying(ctx context.Context, o outage, first int) (*world, error) {
	p := plan{name: "A1-" + o.name, first: first}
	if o.lost || o.bad {
		p.dying = o.address
	}
	w, err := r.start(ctx, p)
	if err != nil || p.dying != nil {
		return w, err
	}
	w.rush(ctx, "before "+o.name, min(100, r.Requests), workers, r.press.hard)
	return w, nil
}

// compare sends sheets to a world with a dead provider and to a healthy one, in turn. Both meet the
// same machine.
func (r *run) compare(ctx context.Context, dead, healthy *world, n int) ([]answer, pair) {
	from := time.Now()
	both := r.pace(ctx, 2*rate, func(i int, _ time.Duration) bool { return i >= 2*n }, func(i int) *service {
		return []*world{dead, healthy}[i%2].service()
	})
	var split [2][]answer
	for i, a := range both {
		split[i%2] = append(split[i%2], a)
	}
	d, h := times(split[0]), times(split[1])
	return split[0], pair{
		p50: quantile(d, 0.5), p99: quantile(d, 0.99), healthy50: quantile(h, 0.5), healthy99: quantile(h, 0.99),
		noise: r.pulse.since(from),
	}
}

// percent writes a share with as many digits as tell it from the next.
func percent(part, whole int) string {
	if part == whole {
		return "100"
	}
	return fmt.Sprintf("%.3f", 100*float64(part)/float64(max(1, whole)))
}
