package chaos

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/taxonomy"
)

// The times of a call and of a document where no provider answers.
const (
	shortTimeout  = 500 * time.Millisecond
	shortDeadline = 1800 * time.Millisecond
)

// manyDead is A3: two, three and all of four providers are dead.
func (r *run) manyDead(ctx context.Context) ([]Line, error) {
	l := Line{ID: "A3", What: "two, three, all of four dead", Target: "≥ 99.99 %, ≥ 99.9 %; all: degraded or 503 in ≤ 2 s", Result: Pass}
	for _, part := range []struct{ dead, tolerated int }{{2, 1}, {3, 10}} { // of 10,000
		answers, err := r.someDead(ctx, part.dead)
		if err != nil {
			return nil, err
		}
		wrong := bad(answers)
		l.Measured += percent(len(answers)-len(wrong), len(answers)) + " %, "
		l.figure(fmt.Sprintf("%d dead, failed", part.dead), float64(len(wrong)))
		l.figure(fmt.Sprintf("%d dead, sent", part.dead), float64(len(answers)))
		l.examples(fmt.Sprintf("%d dead:", part.dead), wrong)
		if len(wrong)*10_000 > part.tolerated*len(answers) {
			l.Result = Fail
		}
	}
	if err := r.allDead(ctx, &l); err != nil {
		return nil, err
	}
	l.note("somebody waits for each of these: what no provider can answer is answered degraded or refused with Retry-After; what is accepted to be answered later waits instead")
	return []Line{l}, ctx.Err()
}

// someDead has that many of the providers die, the one that is asked first falling silent.
func (r *run) someDead(ctx context.Context, dead int) ([]answer, error) {
	w, err := r.start(ctx, plan{name: fmt.Sprintf("A3-%d-dead", dead), first: int(r.Seed % 4)})
	if err != nil {
		return nil, err
	}
	defer w.close()
	ways := []sim.Effect{{Hang: true}, {Fault: "server_error"}, {Fault: "insufficient_quota"}}
	for i := range dead {
		if err := w.providers[i].fail(sim.Step{Effect: ways[i]}); err != nil {
			return nil, err
		}
	}
	return w.rush(ctx, fmt.Sprintf("A3 %d dead", dead), r.part(0.2, 20), workers, r.press.hard), nil
}

// allDead has all providers fall silent. A sheet that the local model is sure of is answered as ever.
func (r *run) allDead(ctx context.Context, l *Line) error {
	w, err := r.start(ctx, plan{name: "A3-all-dead", local: true, short: true})
	if err != nil {
		return err
	}
	defer w.close()
	w.rush(ctx, "A3", 50, workers, r.press.mixed)
	if err := w.fail(sim.Effect{Hang: true}); err != nil {
		return err
	}
	from, n := time.Now(), r.part(0.05, 20)
	out := stream{rate: 25, stop: func(i int, _ time.Duration) bool { return i >= n }, to: w.alone, next: r.press.mixed}.run(ctx)
	calls := len(w.calls(from))

	sure := slices.DeleteFunc(slices.Clone(out), func(a answer) bool { return !a.good() })
	wrong := slices.DeleteFunc(bad(out), func(a answer) bool { return a.degraded() || a.refused() })
	slowest, noise := quantile(times(out), 1), r.pulse.since(from)
	l.Measured += fmt.Sprintf("all: %s %% in ≤ %.2f s", percent(n-len(wrong), n), slowest.Seconds())
	if len(wrong) > 0 || slowest > 2*time.Second+noise {
		l.Result = Fail
	}
	l.examples("all dead:", wrong)
	l.figure("all dead, failed", float64(len(wrong)))
	l.figure("all dead, slowest, ms", float64(slowest.Milliseconds()))
	l.figure("all dead, calls of providers", float64(calls))
	l.note("all dead: of %d sheets the local model was sure of %d, and the others were answered degraded or refused; %d calls reached the providers; the run's own timers were %s late at the 99th percentile, which is allowed for",
		n, len(sure), calls, ms(noise))
	return nil
}

// degraded reports whether the answer says that it is not all that it should be, and is in the set.
func (a answer) degraded() bool {
	return a.err == nil && a.status == http.StatusOK && a.Degraded && inSet(a.Classification)
}

// refused reports whether the caller was told to come back.
func (a answer) refused() bool {
	return a.err == nil && a.status == http.StatusServiceUnavailable && a.retryAfter != ""
}

func inSet(label string) bool {
	return label == taxonomy.Unknown || slices.Contains(categories(), label)
}

// fail has every call of every provider meet an effect.
func (w *world) fail(e sim.Effect) error {
	for _, p := range w.providers {
		if err := p.fail(sim.Step{Effect: e}); err != nil {
			return err
		}
	}
	return nil
}

// calls returns the requests that all providers have got since a moment.
func (w *world) calls(since time.Time) []sim.Request {
	var rows []sim.Request
	for _, p := range w.providers {
		rows = append(rows, p.calls(since)...)
	}
	return rows
}
