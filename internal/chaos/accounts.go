package chaos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"time"

	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/internal/store/sqlite"
)

// The shares of calls of C1 that meet a fault: of those whose bill is lost, and of those that are
// answered oddly. Neither is so common that a provider is left alone for good.
const (
	lostShare = 0.015
	oddShare  = 0.085
)

// lost is what leaves us without a bill, whether or not there is one.
func lost() []sim.Effect {
	yes := true
	return []sim.Effect{
		{Cut: "before"}, {Cut: "middle"}, {Cut: "reset"}, {Hang: true}, {Usage: "missing"}, {Usage: "absurd"},
		{Fault: "server_error", Billed: &yes}, {Fault: "bad_gateway", Billed: &yes}, {Fault: "timeout", Billed: &yes},
		{Fault: "server_error"}, {Garbage: "not_json"}, {Garbage: "truncated"}, {Garbage: "html"},
	}
}

// odd is what is answered, and billed or turned away for all to see.
func odd() []sim.Effect {
	return []sim.Effect{
		{Fault: "unavailable"}, {Fault: "rate_limit_exceeded", RetryAfter: "1"},
		{Garbage: "bom"}, {Garbage: "fenced"}, {Garbage: "prose"}, {Empty: "choices"}, {Empty: "content"},
		{Finish: "length"}, {Finish: "refusal"}, {Finish: "tool_calls"},
		{WrongLabel: true}, {Label: "INVOICE"}, {Label: "Rechnung"}, {Label: "invoice, receipt"},
		{Confidence: "1.7"}, {Confidence: "NaN"}, {Confidence: `"high"`}, {Confidence: "-1"}, {Confidence: sim.Missing},
	}
}

// mixture is what may befall a call of C1.
func mixture() []sim.Step {
	var steps []sim.Step
	for _, part := range []struct {
		effects []sim.Effect
		share   float64
	}{{lost(), lostShare}, {odd(), oddShare}} {
		for _, e := range part.effects {
			steps = append(steps, sim.Step{Match: sim.Match{Share: part.share / float64(len(part.effects))}, Effect: e})
		}
	}
	return steps
}

// accounts is C1: our ledger is held against those of the providers. Calls that a busy machine has
// cut off have no bill; where these are too many, and nothing else is wrong, it is measured once more.
func (r *run) accounts(ctx context.Context) ([]Line, error) {
	from := time.Now()
	b, l, err := r.settleUp(ctx)
	if late := r.pulse.since(from); err == nil && b.exact() && l.Result == Fail && late > busy {
		first := l
		if _, l, err = r.settleUp(ctx); err == nil {
			l.note("measured once more, because the run's own timers were %s late; the first time: %s", ms(late), first.Measured)
		}
	}
	return []Line{l}, err
}

// settleUp makes the measurement.
func (r *run) settleUp(ctx context.Context) (balance, Line, error) {
	w, err := r.start(ctx, plan{name: "C1", first: int(r.Seed % 4)})
	if err != nil {
		return balance{}, Line{}, err
	}
	for _, p := range w.providers {
		if err := p.fail(mixture()...); err != nil {
			w.close()
			return balance{}, Line{}, err
		}
	}
	n := r.part(0.8, 2000)
	answers := w.rush(ctx, "C1", n, workers/2, r.press.hard)
	w.end() // so that every entry is closed
	w.settled(ctx)
	if ctx.Err() != nil {
		return balance{}, Line{}, ctx.Err()
	}
	entries, err := readLedger(ctx, w.data())
	if err != nil {
		return balance{}, Line{}, err
	}
	b := balance{}
	for _, p := range w.providers {
		b.add(p, entries)
	}
	b.paidTwice = paidTwice(entries)
	l := b.line()
	l.note("%s sheets; %.0f %% of the calls met one of %d faults that lose the bill, %.0f %% one of %d odd answers; %d sheets were not answered rightly or at all, which some of these are for",
		grouped(n), 100*lostShare, len(lost()), 100*oddShare, len(odd()), len(bad(answers)))
	return b, l, nil
}

// entry is a request as our ledger has it.
type entry struct {
	ledger.Sent
	id     string
	closed *ledger.Closed // nil: never
}

// readLedger reads the account in a service's folder of data, in the order in which requests were sent.
func readLedger(ctx context.Context, data string) (all []*entry, err error) {
	s, err := sqlite.Open(ctx, filepath.Join(data, "docsift.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, fmt.Errorf("open the account: %w", err)
	}
	err = s.Account(ctx, func(e ledger.Entry) bool {
		all = append(all, &entry{Sent: *e.Sent, id: e.ID, closed: e.Closed})
		return true
	})
	return all, errors.Join(err, s.Close())
}

// balance is both sides' account of the same requests.
type balance struct {
	entries, requests int
	unrecorded        int // requests at the provider of which we know nothing
	twice             int // of its requests that two of our entries claim
	lost              int // our entries of which the provider knows nothing
	open              int // our entries that were never closed
	mispriced         int // bills that we understood, and that are not what the provider charges
	paidTwice         int // answers that were bought although there was one

	ours, theirs price.Amount
	guessed      price.Amount // the part of ours that is foreseen, for want of a bill
}

// add holds the entries under a provider's key against its requests. Those with the same name are the
// same; of those whose reply was lost, there must be as many on each side.
func (b *balance) add(p *provider, entries []*entry) {
	rows := make(map[string]sim.Request)
	for _, row := range p.sim.Requests() {
		rows[row.ID] = row
		b.requests++
		b.theirs += charged(p.model, row)
	}
	claimed, nameless := make(map[string]bool), 0
	for _, e := range entries {
		if e.Key != p.key {
			continue
		}
		b.entries++
		if e.closed == nil {
			b.open++
			b.ours += e.Estimate
			nameless++
			continue
		}
		b.ours += e.closed.Cost
		if e.closed.State == ledger.Unknown {
			b.guessed += e.closed.Cost
		}
		row, known := rows[e.closed.RequestID]
		switch {
		case !known:
			nameless++
		case claimed[row.ID]:
			b.twice++
		case e.closed.State == ledger.Settled && e.closed.Cost != charged(p.model, row):
			b.mispriced++
		}
		claimed[e.closed.RequestID] = known
	}
	delete(claimed, "")
	unclaimed := len(rows) - len(claimed)
	b.unrecorded += max(0, unclaimed-nameless)
	b.lost += max(0, nameless-unclaimed)
}

// charged is what the provider charges for a request.
func charged(model string, row sim.Request) price.Amount {
	if !row.Billed {
		return 0
	}
	sum, _ := price.Builtin().Cost(model, row.Time, price.Tokens{Input: row.PromptTokens, Output: row.CompletionTokens})
	return sum
}

// paidTwice counts requests that were sent for a document after one of the same run had a good answer.
func paidTwice(entries []*entry) int {
	answered, n := make(map[string]bool), 0
	for _, e := range entries {
		at := e.Run + " " + e.Stage
		if answered[at] {
			n++
		}
		answered[at] = answered[at] || e.closed != nil && e.closed.Error == ""
	}
	return n
}

// over is by how much our sum is above the providers', as a share of that.
func (b balance) over() float64 {
	return float64(b.ours-b.theirs) / math.Max(1, float64(b.theirs))
}

// exact reports whether nothing is wrong but that we may count too much where there is no bill.
func (b balance) exact() bool {
	return b.requests > 0 && b.ours >= b.theirs && b.unrecorded+b.twice+b.paidTwice+b.open+b.mispriced == 0
}

func (b balance) line() Line {
	l := Line{ID: "C1", What: "our ledger against the providers'", Target: "0 % to +0.5 %; every request once"}
	l.Measured = fmt.Sprintf("%+.2f %% of $%s; %s requests, %d not recorded, %d twice", 100*b.over(), b.theirs, grouped(b.requests), b.unrecorded, b.twice+b.paidTwice)
	l.Result = verdict(b.exact() && b.over() <= 0.005 && b.lost*1000 <= b.entries)
	for name, n := range map[string]int{
		"entries": b.entries, "requests": b.requests, "unrecorded": b.unrecorded, "twice": b.twice, "never arrived": b.lost,
		"open": b.open, "mispriced": b.mispriced, "bought although answered": b.paidTwice,
	} {
		l.figure(name, float64(n))
	}
	l.figure("ours, nano-dollars", float64(b.ours))
	l.figure("theirs, nano-dollars", float64(b.theirs))
	l.note("$%s of ours (%.1f %%) is foreseen, for want of a bill, where the providers charge $%s; every other bill is right to the nano-dollar but for %d; %d entries are of requests that did not arrive",
		b.guessed, 100*float64(b.guessed)/math.Max(1, float64(b.ours)), b.theirs-(b.ours-b.guessed), b.mispriced, b.lost)
	return l
}

// settled waits until no call is open at a provider.
func (w *world) settled(ctx context.Context) {
	for range 100 {
		open := false
		for _, row := range w.calls(time.Time{}) {
			open = open || row.Outcome == "open"
		}
		if !open || ctx.Err() != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
