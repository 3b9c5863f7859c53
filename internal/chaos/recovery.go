package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

const (
	openCalls   = 20               // failed calls after which a breaker must have opened
	openTime    = 5 * time.Second  // or this long
	backTime    = 15 * time.Second // after which a healed provider must have its traffic back
	recoverRate = 80               // sheets a second
)

// recovery is A4: an outage is noticed, its end too, and a provider that flaps does no harm.
func (r *run) recovery(ctx context.Context) ([]Line, error) {
	l := Line{ID: "A4", What: "outage noticed, and its end; flapping", Target: "open in ≤ 20 calls or 5 s; ≥ 90 % back in ≤ 15 s", Result: Pass}
	w, err := r.start(ctx, plan{name: "A4", first: int(r.Seed % 4)})
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := r.outageAndBack(ctx, w, &l); err != nil {
		return nil, err
	}
	if err := r.flapping(ctx, w, &l); err != nil {
		return nil, err
	}
	l.note("that no history leaves a breaker stuck is shown by the test of 100,000 random ones in model/breaker, which is no part of this run")
	return []Line{l}, ctx.Err()
}

// event is something that happens in the course of a stream.
type event struct {
	at time.Duration
	do func() error
}

// through sends sheets for a time, while events come to pass.
func (r *run) through(ctx context.Context, w *world, length time.Duration, events []event) ([]answer, error) {
	var failed error
	out := r.pace(ctx, recoverRate, func(_ int, since time.Duration) bool {
		for len(events) > 0 && since >= events[0].at {
			if err := events[0].do(); err != nil {
				failed = err
			}
			events = events[1:]
		}
		return since >= length || failed != nil
	}, w.alone)
	return out, failed
}

// outageAndBack measures how soon the breaker of a dead provider opens, and how soon that one has its
// traffic again once it is healed.
func (r *run) outageAndBack(ctx context.Context, w *world, l *Line) error {
	primary := w.providers[0]
	healthy, outage := 2*time.Second, r.long(12*time.Second, time.Minute)
	var died, healed time.Time
	answers, err := r.through(ctx, w, healthy+outage+backTime+time.Second, []event{
		{healthy, func() error {
			died = time.Now()
			return primary.fail(sim.Step{Effect: sim.Effect{Fault: "server_error"}})
		}},
		{healthy + outage, func() error { healed = time.Now(); return primary.fail() }},
	})
	if err != nil || ctx.Err() != nil {
		return err
	}
	opened, ok := after(w.service().lines("model is left alone", primary.model), died)
	calls := 0
	for _, row := range primary.calls(died) {
		if !row.Time.After(opened.at) {
			calls++
		}
	}
	took, back := opened.at.Sub(died), backAfter(answers, primary.name, healed)
	wrong := bad(answers)
	l.Measured = fmt.Sprintf("open after %d calls, %s; 90 %% back after %s", calls, ms(took), inSeconds(back))
	if !ok {
		l.Measured = "never opened"
	}
	if !ok || calls > openCalls && took > openTime || back < 0 || back > backTime || len(wrong)*10_000 > len(answers) {
		l.Result = Fail
	}
	l.figure("calls until open", float64(calls))
	l.figure("open after, ms", float64(took.Milliseconds()))
	l.figure("90 % back after, s", back.Seconds())
	l.figure("outage, failed", float64(len(wrong)))
	l.examples("outage:", wrong)
	return nil
}

func inSeconds(d time.Duration) string {
	if d < 0 {
		return "never"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// backAfter returns how long after a moment the first second began in which the provider answered 90 %
// of the sheets, counted to the end of that second; negative when there was none.
func backAfter(answers []answer, name string, since time.Time) time.Duration {
	for step := time.Duration(0); ; step += 250 * time.Millisecond {
		from, to := since.Add(step), since.Add(step+time.Second)
		all, by, beyond := 0, 0, false
		for _, a := range answers {
			beyond = beyond || !a.due.Before(to)
			if a.due.Before(from) || !a.due.Before(to) {
				continue
			}
			all++
			if a.good() && a.ProviderUsed == name {
				by++
			}
		}
		switch {
		case !beyond:
			return -1
		case by*10 >= all*9 && all > 0:
			return step + time.Second
		}
	}
}

// flapping has the provider that is asked first fail for 5 seconds in 10.
func (r *run) flapping(ctx context.Context, w *world, l *Line) error {
	primary, length := w.providers[0], r.long(30*time.Second, 5*time.Minute)
	var events []event
	for at := time.Duration(0); at < length; at += 10 * time.Second {
		events = append(events,
			event{at, func() error { return primary.fail(sim.Step{Effect: sim.Effect{Fault: "server_error"}}) }},
			event{at + 5*time.Second, func() error { return primary.fail() }})
	}
	from := time.Now()
	answers, err := r.through(ctx, w, length, events)
	if err != nil || ctx.Err() != nil {
		return err
	}
	opened := 0
	for _, line := range w.service().lines("model is left alone", primary.model) {
		if line.at.After(from) {
			opened++
		}
	}
	wrong, outages := bad(answers), len(events)/2
	l.Measured += fmt.Sprintf("; flapping %s %% right, opened %d times in %d outages", percent(len(answers)-len(wrong), len(answers)), opened, outages)
	if len(wrong)*10_000 > len(answers) || opened > outages {
		l.Result = Fail
	}
	l.figure("flapping, failed", float64(len(wrong)))
	l.figure("flapping, sent", float64(len(answers)))
	l.figure("flapping, opened", float64(opened))
	l.examples("flapping:", wrong)
	l.note("%d sheets a second; the outage lasted %v; flapping, 5 s down and 5 s up, for %v: the breaker may open once for each outage, and the run allows one sheet in 10,000 to fail", recoverRate, r.long(12*time.Second, time.Minute), length)
	return nil
}
