package docsift

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

// Probe is how a model answered one tiny real question.
type Probe struct {
	Model     string           `json:"model"`
	Key       string           `json:"key"`    // the name of the setting that holds its key; "" when it needs none
	Server    string           `json:"server"` // the host of its base_url; "" when the policy gives none
	LatencyMS float64          `json:"latency_ms"`
	Error     *cascade.Problem `json:"error"` // with the provider's own words; nil when it answered

	// Shutdown is the day on which the model is switched off, as YYYY-MM-DD; "" when none is known.
	Shutdown string `json:"shutdown"`
}

// lifecycler is a model whose provider says how long it will live.
type lifecycler interface {
	Lifecycle(context.Context) (chat.Lifecycle, error)
}

// Probe puts one tiny question to every model of the default policy, past its breaker and its
// limiter, and returns how each answered. What the provider says of limits shows in Models.
// Hosted models bill a few hundred tokens for it.
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

func probe(ctx context.Context, m keyed, book *price.Book) Probe {
	tax, err := taxonomy.New("probe", []string{"invoice", "receipt"})
	if err != nil {
		panic("docsift: " + err.Error()) // two names that are always good
	}
	text := "INVOICE\nInvoice number 1\nBill to: Example Ltd\nAmount due: 10.00\nPayment terms: 30 days"
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	start := time.Now()
	resp, err := m.Score(ctx, model.Request{
		Taxonomy: tax, Text: text, Account: model.Account{Stage: "probe"},
		Document: model.Facts{Name: "probe.txt", Type: document.Text, Bytes: len(text), Pages: 1},
	})
	out := Probe{Model: m.Name(), Key: m.key, LatencyMS: milliseconds(time.Since(start))}
	if err != nil {
		out.Error = &cascade.Problem{Code: fault.KindOf(err), Message: strings.TrimPrefix(err.Error(), m.Name()+": ")}
	}
	if m.limiter != nil {
		m.limiter.Learn(resp.Allowances)
	}
	out.Shutdown = shutdown(ctx, m.raw, book)
	return out
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
