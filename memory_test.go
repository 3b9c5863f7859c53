package docsift_test

import (
	"context"
	"sync"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
)

// notes is a Memory that outlives a Classifier as a database does.
type notes struct {
	sync.Mutex
	said map[string]model.Response
	lost int // how many it was asked for and does not have
}

func (n *notes) Recall(_ context.Context, run, key string) (model.Response, bool) {
	n.Lock()
	defer n.Unlock()
	r, ok := n.said[run+key]
	if !ok {
		n.lost++
	}
	return r, ok
}

func (n *notes) Keep(_ context.Context, run, key string, r model.Response) {
	n.Lock()
	defer n.Unlock()
	n.said[run+key] = r
}

// What a model has answered to a run is not paid for again when the run is begun anew, and counts
// for what it cost. Another run, other categories and another document are asked about.
func TestRunAgain(t *testing.T) {
	const run = "01a21c78-151a-7535-a687-78075ecaeda1"
	s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}}})
	memory := &notes{said: make(map[string]model.Response)}
	classify := func(text string, req docsift.Request) (res docsift.Result, ledger docsift.Spend) {
		t.Helper()
		account, err := docsift.OpenLedger(docsift.LedgerOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c := open(t, env, docsift.Options{Policy: "lone", Policies: policies(t, lone), Taxonomy: "finance", Memory: memory, Ledger: account})
		if res, err = c.Classify(t.Context(), read(t, text), req); err != nil || res.Classification != "invoice" {
			t.Fatalf("%q, %v", res.Classification, err)
		}
		return res, account.Spend()
	}
	first, _ := classify(vague, docsift.Request{ID: run})
	again, spent := classify(vague, docsift.Request{ID: run})
	if n := len(s.Requests()); n != 1 {
		t.Errorf("paid for %d requests, want 1", n)
	}
	if again.Cost != first.Cost || again.Cost.NanoUSD == 0 || again.Usage != first.Usage || *again.Confidence != *first.Confidence {
		t.Errorf("again %s and %+v, want %s and %+v", again.Cost, again.Usage, first.Cost, first.Usage)
	}
	if spent.Sent != 0 {
		t.Errorf("%d requests are written down as sent, want none", spent.Sent)
	}
	for name, other := range map[string]docsift.Request{
		"another run": {ID: "01a21c78-151a-7535-a687-78075ecaeda2"}, "other categories": {ID: run, Categories: []string{"invoice", "letter"}},
	} {
		before := len(s.Requests())
		if classify(vague, other); len(s.Requests()) != before+1 {
			t.Errorf("%s: nobody was asked", name)
		}
	}
	before, lost := len(s.Requests()), memory.lost
	if classify(vague, docsift.Request{}); len(s.Requests()) != before+1 || memory.lost != lost {
		t.Error("a run without an id is looked up")
	}
	if classify(vague+" and more", docsift.Request{ID: run}); len(s.Requests()) != before+2 {
		t.Error("another document: nobody was asked")
	}
}
