package docsift_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
)

// policyOf is a policy of one stage, in which one model after another is asked.
func policyOf(name string, specs ...cascade.Spec) cascade.Policy {
	return cascade.Policy{
		Name: name, Version: "1", Confidence: 0.8,
		Stages: []cascade.Stage{{Name: "only", Views: []cascade.View{cascade.TextView}, Models: specs}},
	}
}

// A key's limits are those of all policies together, and what is beyond them goes sideways at once.
func TestLimitsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := &flaky{name: "fake/one"}, &flaky{name: "fake/two"}
		limits := cascade.Limits{RPM: 5, Wait: time.Second}
		c := open(t, nil, docsift.Options{
			Policy: "a", Taxonomy: "finance", Models: []model.Model{one, two},
			Policies: []cascade.Policy{
				policyOf("a", cascade.Spec{Model: "fake/one", Limits: limits}, cascade.Spec{Model: "fake/two"}),
				policyOf("b", cascade.Spec{Model: "fake/one"}),
			},
		})
		for i := range 8 {
			policy := "a"
			if i < 3 {
				policy = "b"
			}
			if _, err := c.Classify(t.Context(), read(t, letter), docsift.Request{Policy: policy}); err != nil {
				t.Fatal(err)
			}
		}
		if one.calls != 5 || two.calls != 3 {
			t.Errorf("%d calls of the one with limits and %d of the other, want 5 and 3", one.calls, two.calls)
		}
		res, err := c.Classify(t.Context(), read(t, letter), docsift.Request{Policy: "b"})
		if fault.KindOf(err) != fault.NoModel || fault.RetryAfter(err) > 61*time.Second || len(res.Attempts) != 1 || res.Attempts[0].Error.Code != fault.Throttled || !res.Cost.Known || res.Cost.NanoUSD != 0 {
			t.Errorf("%v, attempts %+v; want one that was not sent and cost nothing", err, res.Attempts)
		}
		for _, m := range c.Models() {
			if m.Model != "fake/one" {
				continue
			}
			if m.Breaker != "closed" || m.Rate != 0 || m.Load != 1 || len(m.Limits) != 1 || m.Limits[0] != (docsift.LimitStatus{Name: "requests per minute", Most: 5, Full: 5, Used: 1, Source: "policy"}) {
				t.Errorf("policy %s: %+v", m.Policy, m)
			}
		}
	})
}

// A document that comes beyond the limit waits its turn, and is answered.
func TestDocumentsWaitTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &flaky{name: "fake/one"}
		c := open(t, nil, docsift.Options{
			Policy: "a", Taxonomy: "finance", Models: []model.Model{m},
			Policies: []cascade.Policy{policyOf("a", cascade.Spec{Model: "fake/one", Limits: cascade.Limits{RPM: 600, Wait: 10 * time.Second}})},
		})
		begin := time.Now()
		for range 200 {
			if _, err := c.Classify(t.Context(), read(t, letter), docsift.Request{}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begin); m.calls != 200 || took < 9*time.Second || took > 11*time.Second {
			t.Errorf("%d calls in %v, want 200 in 10s: a sixth of a minute's worth at once, then ten a second", m.calls, took)
		}
	})
}

// What a provider says of its limits shows beside its model, and after a probe too.
func TestLimitsShow(t *testing.T) {
	_, env := providers(t, sim.Options{Limits: []sim.Limit{{RPM: 500, TPM: 200_000}}})
	c := open(t, env, docsift.Options{Policy: "guide"})
	c.Probe(t.Context())
	for _, m := range c.Models() {
		found := map[string]docsift.LimitStatus{}
		for _, l := range m.Limits {
			found[l.Name] = l
		}
		requests, tokens := found["requests per minute"], found["tokens per minute"]
		switch m.Provider {
		case "google": // says nothing
			if len(m.Limits) != 0 {
				t.Errorf("%s: %+v", m.Model, m.Limits)
			}
		default:
			if requests.Most != 500 || requests.Source != "provider" || requests.Used <= 0 || requests.Used > 1.0/500 || tokens.Most != 200_000 || tokens.Used <= 0 {
				t.Errorf("%s: %+v", m.Model, m.Limits)
			}
		}
	}
}
