package chaos

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

const (
	mostToDead = 5                // calls a minute that a key without money may get
	alarmTime  = 10 * time.Second // after which the operator must have been told
	keyRate    = 20               // sheets a second
	keyCount   = 10               // keys of one account, of which all but the last are revoked
)

// deadKeys is A6: a key without money, and an account with one good key of ten.
func (r *run) deadKeys(ctx context.Context) ([]Line, error) {
	l := Line{ID: "A6", What: "key without money; 9 of 10 keys revoked", Target: "≤ 5 calls a minute; alert in ≤ 10 s; 100 %", Result: Pass}
	if err := r.noMoney(ctx, &l); err != nil {
		return nil, err
	}
	if err := r.oneOfTen(ctx, &l); err != nil {
		return nil, err
	}
	return []Line{l}, ctx.Err()
}

func (r *run) noMoney(ctx context.Context, l *Line) error {
	w, err := r.start(ctx, plan{name: "A6-quota", first: int(r.Seed % 4)})
	if err != nil {
		return err
	}
	defer w.close()
	dead, length := w.providers[0], r.long(15*time.Second, 3*time.Minute)
	if err := dead.fail(sim.Step{Effect: sim.Effect{Fault: "spend_limit_reached"}}); err != nil {
		return err
	}
	from := time.Now()
	out := r.pace(ctx, keyRate, func(_ int, since time.Duration) bool { return since >= length }, w.alone)
	calls := dead.calls(from)
	if ctx.Err() != nil || len(calls) == 0 {
		return ctx.Err()
	}
	alarm, told := after(w.service().lines("level=ERROR", "somebody has to act", dead.model), calls[0].Time)
	wait, wrong := alarm.at.Sub(calls[0].Time), bad(out)
	minute := mostInAMinute(calls)
	l.Measured = fmt.Sprintf("%d calls a minute, alert after %s, %d of %s sheets failed", minute, ms(wait), len(wrong), grouped(len(out)))
	if minute > mostToDead || !told || wait > alarmTime || len(wrong) > 0 {
		l.Result = Fail
	}
	l.figure("calls a minute", float64(minute))
	l.figure("alert after, ms", float64(wait.Milliseconds()))
	l.figure("no money, failed", float64(len(wrong)))
	l.examples("no money:", wrong)
	l.note("%d sheets a second for %v; those that are under way when the first is refused reach the key too", keyRate, length)
	return nil
}

// mostInAMinute returns the most calls that any minute had.
func mostInAMinute(calls []sim.Request) int {
	most := 0
	for i := range calls {
		n := 0
		for _, c := range calls[i:] {
			if c.Time.Before(calls[i].Time.Add(time.Minute)) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func (r *run) oneOfTen(ctx context.Context, l *Line) error {
	account := accounts()[0]
	var keys []string
	var steps []sim.Step
	for i := range keyCount {
		k := r.leaks.key(fmt.Sprintf("%s-%d", account.key, i+1))
		keys = append(keys, k)
		if i < keyCount-1 {
			steps = append(steps, sim.Step{Match: sim.Match{Key: k}, Effect: sim.Effect{Fault: "invalid_api_key", Message: "no such key: " + k}})
		}
	}
	w, err := r.start(ctx, plan{name: "A6-keys", only: true, env: map[string]string{account.key: strings.Join(keys, ",")}})
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.providers[0].fail(steps...); err != nil {
		return err
	}
	answers := w.rush(ctx, "A6 ten keys", r.part(0.2, 20), few, r.press.hard)
	wrong := bad(answers)
	l.Measured += fmt.Sprintf("; ten keys: %s %%", percent(len(answers)-len(wrong), len(answers)))
	if len(wrong) > 0 {
		l.Result = Fail
	}
	l.figure("ten keys, failed", float64(len(wrong)))
	l.figure("ten keys, sent", float64(len(answers)))
	l.examples("ten keys:", wrong)
	return nil
}
