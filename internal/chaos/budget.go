package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
)

// callers is how many sheets are under way at once in C3.
const callers = 200

// budget is C3: two services share a ledger and a budget, and many callers at once try to overdraw it.
func (r *run) budget(ctx context.Context) ([]Line, error) {
	l := Line{ID: "C3", What: "budget, 200 callers, 2 services", Target: "over by ≤ a call × those under way; then 0 calls"}
	day := time.Now().UTC().Day()
	if err := r.overdraw(ctx, &l); err != nil {
		return nil, err
	}
	if time.Now().UTC().Day() != day { // a new day has a new budget
		l = Line{ID: l.ID, What: l.What, Target: l.Target}
		return []Line{l}, r.overdraw(ctx, &l)
	}
	return []Line{l}, ctx.Err()
}

func (r *run) overdraw(ctx context.Context, l *Line) error {
	n := r.part(0.25, 250)
	each, err := r.priceOfACall(ctx)
	if err != nil {
		return err
	}
	cap := each * price.Amount(n/3) // so that the money is gone when a third is answered
	w, err := r.start(ctx, plan{name: "C3", only: true, services: 2, env: map[string]string{"DOCSIFT_BUDGET_DAY": cap.String()}})
	if err != nil {
		return err
	}
	defer w.close()
	first := w.rush(ctx, "C3", n, callers, r.press.hard)
	for range n { // until not even one more fits
		a := w.service().ask(ctx, r.press.hard(), time.Now())
		if !a.good() || ctx.Err() != nil {
			break
		}
	}
	spent, dearest := w.charged()
	from := time.Now()
	then := w.rush(ctx, "C3 spent", min(callers, n), callers, r.press.hard)
	late := len(w.calls(from))
	room := dearest * price.Amount(w.atOnce())
	l.Measured = fmt.Sprintf("$%s of $%s spent (%+.1f %%); then %d calls", spent, cap, 100*float64(spent-cap)/float64(cap), late)
	l.Result = verdict(spent <= cap+room && spent >= cap/2 && late == 0 && ctx.Err() == nil)
	l.figure("budget, nano-dollars", float64(cap))
	l.figure("spent, nano-dollars", float64(spent))
	l.figure("dearest call, nano-dollars", float64(dearest))
	l.figure("most calls at once", float64(w.atOnce()))
	l.figure("calls once spent", float64(late))
	l.note("%d callers on two services with one ledger; %d of %s sheets were answered before the money was gone, and none of %d after; a service that has too much to do at once says so, and its callers come again",
		callers, len(first)-len(bad(first)), grouped(n), len(then))
	return nil
}

// priceOfACall is what a provider charges for one sheet.
func (r *run) priceOfACall(ctx context.Context) (price.Amount, error) {
	w, err := r.start(ctx, plan{name: "C3-price", only: true})
	if err != nil {
		return 0, err
	}
	defer w.close()
	if a := w.service().ask(ctx, r.press.hard(), time.Now()); !a.good() {
		return 0, fault.New(fault.Internal, a.err, "a healthy provider gave no answer: %s", a)
	}
	sum, _ := w.charged()
	return sum, nil
}

// charged returns what the providers charge in all, and for the dearest call.
func (w *world) charged() (sum, dearest price.Amount) {
	for _, p := range w.providers {
		for _, row := range p.sim.Requests() {
			cost := charged(p.model, row)
			sum += cost
			dearest = max(dearest, cost)
		}
	}
	return sum, dearest
}

// atOnce is the most documents that the services take at once.
func (w *world) atOnce() int { return len(w.services) * 64 }
