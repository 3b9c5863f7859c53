// Package meter writes down every request to a provider before it is sent, and says what it cost.
package meter

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
)

// Options configures a meter. The zero value knows docsift's own prices and keeps no ledger.
type Options struct {
	// Key is the name of the setting that holds the key; "" when there is none.
	Key string

	// Free says that the model bills nothing, such as one on a machine of one's own.
	Free bool

	// Prices is what models cost. Default price.Builtin().
	Prices *price.Book

	// Ledger is where requests are written down. Default: nowhere.
	Ledger ledger.Ledger

	// Estimate foresees what a request will be billed for. It reports false where the model's way
	// to count is not known: the figures are then the least. Default: nothing is foreseen.
	Estimate func(model.Request) (price.Tokens, bool)

	// Watch watches the requests. Default: nobody does.
	Watch Watch

	// Log is told when a bill is far from what was foreseen. Default: none.
	Log *slog.Logger
}

// Watch is told of a request that is about to leave, and by what it returns of how that ended. The
// request is made with the context that it returns.
type Watch func(ctx context.Context, s ledger.Sent) (context.Context, func(model.Response, ledger.Closed))

// New returns m with its requests written down and priced. It stands next to the model: behind
// breakers and limits, so that it sees what is sent and nothing else.
func New(m model.Model, o Options) model.Model {
	if o.Prices == nil {
		o.Prices = price.Builtin()
	}
	if o.Estimate == nil {
		o.Estimate = func(model.Request) (price.Tokens, bool) { return price.Tokens{}, false }
	}
	if o.Watch == nil {
		o.Watch = func(ctx context.Context, _ ledger.Sent) (context.Context, func(model.Response, ledger.Closed)) {
			return ctx, func(model.Response, ledger.Closed) {}
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &metered{Model: m, opts: o}
}

type metered struct {
	model.Model
	opts    Options
	habit   habit
	alarmed atomic.Int64 // when the log was last told, in Unix seconds
}

// Score asks the model. When the request may not be sent, because a budget does not allow it or
// the ledger cannot be written, the error is fault.Budget or fault.Unrecorded.
func (m *metered) Score(ctx context.Context, req model.Request) (resp model.Response, err error) {
	start := time.Now()
	tokens, _ := m.opts.Estimate(req)
	foreseen, priced := m.price("", start, tokens)
	likely := m.habit.guess(foreseen)
	sent := m.sent(req.Account, likely, priced)
	id, err := m.begin(sent)
	if err != nil {
		return model.Response{Cost: &model.Cost{Known: true}}, err
	}
	closed := ledger.Closed{State: ledger.Unknown, Cost: likely, Priced: priced, Error: string(fault.Internal)}
	ctx, watched := m.opts.Watch(ctx, sent)
	defer func() { // a panic may have come after the request had left
		m.end(id, closed)
		watched(resp, closed)
	}()
	resp, err = m.Model.Score(ctx, req)
	closed = m.close(&resp, err, tokens, start)
	switch closed.State {
	case ledger.Settled:
		m.habit.learn(closed.Cost, foreseen)
	case ledger.Unknown:
		closed.Cost, closed.Priced = likely, priced
		resp.Cost = &model.Cost{Guess: int64(likely)}
	}
	return resp, err
}

func (m *metered) sent(a model.Account, foreseen price.Amount, priced bool) ledger.Sent {
	return ledger.Sent{
		Document: a.Document, Run: a.Run, Policy: a.Policy, Stage: a.Stage, Model: m.Name(), Key: m.opts.Key,
		Tenant: a.Tenant, Client: a.Client.Key, ClientDay: price.Amount(a.Client.Day),
		Estimate: foreseen, Priced: priced, Before: price.Amount(a.Spent),
	}
}

func (m *metered) begin(s ledger.Sent) (string, error) {
	if m.opts.Ledger == nil {
		return "", nil
	}
	return m.opts.Ledger.Begin(s)
}

func (m *metered) end(id string, c ledger.Closed) {
	if m.opts.Ledger != nil {
		m.opts.Ledger.End(id, c)
	}
}

// close prices what came back, puts the cost into resp, and returns the end of the entry.
func (m *metered) close(resp *model.Response, err error, tokens price.Tokens, at time.Time) ledger.Closed {
	c := ledger.Closed{Served: resp.Served, RequestID: resp.RequestID, Error: string(fault.KindOf(err))}
	u := &resp.Usage
	if u.Known && !m.opts.Free && !plausible(*u, tokens) {
		*u = model.Usage{}
		resp.Notes = append(resp.Notes, "its usage cannot be true")
	}
	switch {
	case u.Known:
		c.State, c.Input, c.Cached, c.Output = ledger.Settled, u.Input, u.Cached, u.Output
		c.Cost, c.Priced = m.price(resp.Served, at, price.Tokens{Input: u.Input, Cached: u.Cached, CacheWrite: u.CacheWrite, Output: u.Output})
		resp.Cost = &model.Cost{NanoUSD: int64(c.Cost), Known: c.Priced}
		m.compare(resp, tokens)
	case m.opts.Free || err != nil && !fault.MaybeBilled(err):
		c.State, c.Priced = ledger.Free, true
		resp.Cost = &model.Cost{Known: true}
	default:
		c.State = ledger.Unknown // and counts as much as is likely
	}
	return c
}

// price returns what t costs with the model that has served it, or "" for the one that was asked.
func (m *metered) price(served string, at time.Time, t price.Tokens) (price.Amount, bool) {
	if m.opts.Free {
		return 0, true
	}
	provider, short, _ := strings.Cut(m.Name(), "/")
	base, endpoint, named := strings.Cut(short, "@") // which has a price of its own
	// A provider may hand a retired model's traffic to another, at that one's price.
	if served != "" {
		other := provider + "/" + served
		if named {
			other += "@" + endpoint
		}
		if sum, ok := m.opts.Prices.Cost(other, at, t); ok {
			return sum, true
		}
		if !strings.HasPrefix(served, base) { // nor is it a dated name of the same
			return 0, false
		}
	}
	return m.opts.Prices.Cost(m.Name(), at, t)
}

const (
	far    = 3   // times the tokens that were foreseen: worth an alarm
	absurd = 100 // times the tokens that were foreseen: not to be believed
)

// compare says so when a bill is far from what was foreseen.
func (m *metered) compare(resp *model.Response, foreseen price.Tokens) {
	billed, want := resp.Usage.Input, foreseen.Input
	if want == 0 || billed < far*want && want < far*billed {
		return
	}
	resp.Notes = append(resp.Notes, fmt.Sprintf("billed for %d tokens of input where %d were foreseen", billed, want))
	now := time.Now().Unix()
	if last := m.alarmed.Load(); now-last >= 60 && m.alarmed.CompareAndSwap(last, now) {
		m.opts.Log.Warn("a bill is far from what was foreseen", "model", m.Name(), "key", m.opts.Key, "input_tokens", billed, "foreseen", want)
	}
}

// plausible reports whether a bill can be true: an answer of a hosted model has a prompt, and no
// document takes a hundred million tokens.
func plausible(u model.Usage, foreseen price.Tokens) bool {
	const most = 100_000_000
	for _, n := range []int{u.Input, u.Cached, u.CacheWrite, u.Output, u.Reasoning} {
		if n < 0 || n > most {
			return false
		}
	}
	if foreseen.Input > 0 && u.Input > absurd*foreseen.Input {
		return false
	}
	return u.Cached+u.CacheWrite <= u.Input && u.Input > 0
}
