// Package modeltest holds the fake and the contract that every model must pass.
package modeltest

import (
	"context"
	"math"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Func adapts a function to model.Model.
type Func func(context.Context, model.Request) (model.Response, error)

// Name returns "fake".
func (f Func) Name() string { return "fake" }

// Score calls f.
func (f Func) Score(ctx context.Context, req model.Request) (model.Response, error) {
	return f(ctx, req)
}

// Request returns a document that every model should be able to judge: an invoice, in
// a taxonomy of invoice, receipt and bank_statement.
func Request(t testing.TB) model.Request {
	t.Helper()
	tax, err := taxonomy.New("test", []string{"invoice", "receipt", "bank_statement"})
	if err != nil {
		t.Fatal(err)
	}
	text := "TAX INVOICE\nInvoice number 2041\nInvoice date 3 May 2026\nBill to: Example Traders Ltd\n" +
		"Quantity  Description  Unit price  Amount\n4  Oak shelves  120.00  480.00\nAmount due 480.00\nPayment terms: 30 days"
	return model.Request{
		Taxonomy: tax,
		Document: model.Facts{Name: "a.txt", Type: document.Text, Bytes: len(text), Pages: 1},
		Text:     text,
	}
}

// Run checks the contract of model.Model. Each adapter calls it from its own test, with an
// open that returns a model whose other side is well.
func Run(t *testing.T, open func(t *testing.T) model.Model) {
	t.Run("answers within the closed set, with scores that make 1", func(t *testing.T) {
		req := Request(t)
		resp, err := open(t).Score(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Label != taxonomy.Unknown && !req.Taxonomy.Has(resp.Label) {
			t.Errorf("label %q is neither of %q nor unknown", resp.Label, req.Taxonomy.Names())
		}
		checkScores(t, req.Taxonomy, resp)
	})
	t.Run("honours cancellation", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := open(t).Score(ctx, Request(t))
		if got := fault.KindOf(err); got != fault.Canceled {
			t.Errorf("Score on a cancelled context: kind %q (%v), want %q", got, err, fault.Canceled)
		}
	})
	t.Run("has a name", func(t *testing.T) {
		if open(t).Name() == "" {
			t.Error("Name is empty")
		}
	})
}

// checkScores holds the scores of an answer to what every caller may rely on.
func checkScores(t *testing.T, tax *taxonomy.Taxonomy, resp model.Response) {
	t.Helper()
	if !(resp.Confidence >= 0 && resp.Confidence <= 1) {
		t.Errorf("confidence %v is outside [0,1]", resp.Confidence)
	}
	sum := 0.0
	for _, name := range append(tax.Names(), taxonomy.Unknown) {
		p, ok := resp.Scores[name]
		if !ok || !(p >= 0 && p <= 1) {
			t.Errorf("score of %q = %v, %v; want one in [0,1]", name, p, ok)
		}
		sum += p
	}
	if !(math.Abs(sum-1) <= 1e-6) {
		t.Errorf("scores add up to %v, want 1", sum)
	}
}
