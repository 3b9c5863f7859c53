package docsift

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/limit"
	"github.com/docsift/docsift/taxonomy"
)

// Probe is how a model answered one tiny real question.
type Probe struct {
	Model     string           `json:"model"`
	Key       string           `json:"key"`    // the name of the setting that holds its key; "" when it needs none
	Server    string           `json:"server"` // the host of its base_url; "" when the policy gives none
	LatencyMS float64          `json:"latency_ms"`
	Error     *cascade.Problem `json:"error"` // with the provider's own words; nil when it answered

	// BaseURL is where the model was asked; "" where it is no hosted one.
	BaseURL string `json:"-"` // it may hold a password

	// Features is what it was found to do; nil where it is no hosted model.
	Features *chat.Features `json:"features"`

	// Usage and Cost are what finding out took.
	Usage model.Usage `json:"usage"`
	Cost  model.Cost  `json:"cost"`

	// Shutdown is the day on which the model is switched off, as YYYY-MM-DD; "" when none is known.
	Shutdown string `json:"shutdown"`
}

// lifecycler is a model whose provider says how long it will live.
type lifecycler interface {
	Lifecycle(context.Context) (chat.Lifecycle, error)
}

// prober is a hosted model that finds out what it can do.
type prober interface {
	BaseURL() string
	ProbeFeatures(context.Context, model.Request, func(model.Model) model.Model) (chat.Finding, error)
}

// Probe puts one tiny question to every model of the default policy, past its breaker and its
// limiter, and returns how each answered and what it was found to do. What the provider says of
// limits shows in Models. Hosted models bill a few hundred tokens for it, and twice that where
// nobody knows whether they look at pictures.
func (c *Classifier) Probe(ctx context.Context) []Probe {
	p, _ := c.policy(c.opts.Policy) // New has opened it
	probes := make([]Probe, len(p.models))
	var all sync.WaitGroup
	for i, g := range p.models {
		all.Go(func() {
			probes[i] = probe(ctx, g.keyed, c.opts.Prices)
			probes[i].Server = host(g.base)
		})
	}
	all.Wait()
	return probes
}

// ProbeModel does so with one model of the policies in use, under each of its keys. It fails with
// fault.NotFound when none of them has it.
func (c *Classifier) ProbeModel(ctx context.Context, name string) ([]Probe, error) {
	probes := []Probe{}
	for _, g := range c.named(name) {
		p := probe(ctx, g.keyed, c.opts.Prices)
		p.Server = host(g.base)
		probes = append(probes, p)
	}
	if len(probes) == 0 {
		return nil, fault.New(fault.NotFound, nil, "no policy in use has the model %.100q", name)
	}
	return probes, nil
}

// named returns a model of the policies in use, once for each key and server.
func (c *Classifier) named(name string) []*guarded {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := make(map[[2]string]*guarded)
	for _, p := range c.policies {
		for _, g := range p.models {
			if g.Name() == name {
				seen[[2]string{g.key, g.base}] = g
			}
		}
	}
	return slices.Collect(maps.Values(seen))
}

// ProbeCost is what the question of a Probe costs of a model, about: it is not known where its price is not.
func (c *Classifier) ProbeCost(name string) model.Cost {
	cost, known := c.opts.Prices.Cost(name, time.Now(), price.Tokens{Input: 1000, Output: 200})
	return model.Cost{NanoUSD: int64(cost), Known: known}
}

func probe(ctx context.Context, m keyed, book *price.Book) Probe {
	tax, err := taxonomy.New("probe", []string{"invoice", "receipt"})
	if err != nil {
		panic("docsift: " + err.Error()) // two names that are always good
	}
	text := "INVOICE\nInvoice number 1\nBill to: Example Ltd\nAmount due: 10.00\nPayment terms: 30 days"
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := ask(ctx, m, model.Request{
		Taxonomy: tax, Text: text, Account: model.Account{Stage: "probe"},
		Document: model.Facts{Name: "probe.txt", Type: document.Text, Bytes: len(text), Pages: 1},
	})
	if err != nil {
		out.Error = &cascade.Problem{Code: fault.KindOf(err), Message: strings.TrimPrefix(err.Error(), m.Name()+": ")}
	}
	out.Shutdown = shutdown(ctx, m.raw, book)
	return out
}

// ask puts the question to a model, and to a hosted one until it is known what it takes.
func ask(ctx context.Context, m keyed, req model.Request) (Probe, error) {
	out, start := Probe{Model: m.Name(), Key: m.key, Cost: model.Cost{Known: true}}, time.Now()
	via := func(raw model.Model) model.Model { return told{m.count(raw), m.limiter} }
	hosted, ok := m.raw.(prober)
	if !ok {
		resp, err := via(m.raw).Score(ctx, req)
		out.LatencyMS, out.Usage = milliseconds(time.Since(start)), resp.Usage
		if resp.Cost != nil {
			out.Cost = *resp.Cost
		}
		return out, err
	}
	found, err := hosted.ProbeFeatures(ctx, req, via)
	out.LatencyMS = milliseconds(time.Since(start))
	out.BaseURL, out.Features, out.Usage, out.Cost = hosted.BaseURL(), &found.Features, found.Usage, found.Cost
	return out, err
}

// told is a model whose limiter is told what the provider says of limits.
type told struct {
	model.Model
	limiter *limit.Limiter // nil where there are no limits
}

// Score asks the model.
func (t told) Score(ctx context.Context, req model.Request) (model.Response, error) {
	resp, err := t.Model.Score(ctx, req)
	if t.limiter != nil {
		t.limiter.Learn(resp.Allowances)
	}
	return resp, err
}

// shutdown asks the provider when the model ends, and looks it up where the provider does not say.
func shutdown(ctx context.Context, m model.Model, book *price.Book) string {
	if l, ok := m.(lifecycler); ok {
		if life, err := l.Lifecycle(ctx); err == nil && life.Shutdown != "" {
			return life.Shutdown
		}
	}
	return book.Shutdown(m.Name())
}
