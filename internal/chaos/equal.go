package chaos

import (
	"context"
	"fmt"
	"time"
)

// equal is C2: equal documents come to two services of one database at once, again and again.
func (r *run) equal(ctx context.Context) ([]Line, error) {
	const atOnce = 100
	l := Line{ID: "C2", What: "100 identical uploads at once, 2 services", Target: "1 paid call; 100 equal answers"}
	w, err := r.start(ctx, plan{name: "C2", only: true, services: 2})
	if err != nil {
		return nil, err
	}
	defer w.close()
	rounds, most, wrong := r.part(0.004, 2), 0, 0
	for range rounds {
		sh, from := r.press.hard(), time.Now()
		answers := w.rush(ctx, "C2", atOnce, atOnce, func() sheet { return sh })
		most, wrong = max(most, len(w.calls(from))), wrong+len(bad(answers))
		l.examples("C2:", bad(answers))
	}
	l.Measured = fmt.Sprintf("%d paid calls at most, %d of %s answers wrong, in %d rounds", most, wrong, grouped(rounds*atOnce), rounds)
	l.Result = verdict(most == 1 && wrong == 0)
	l.figure("paid calls at most", float64(most))
	l.figure("wrong answers", float64(wrong))
	return []Line{l}, ctx.Err()
}
