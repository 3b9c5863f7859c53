package docsift_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// deciders are the models that answer decisions, as policies write them.
func deciders() map[string]string {
	return map[string]string{
		"openai/gpt-6-luna@decisions": "{model: openai/gpt-6-luna@decisions}",
		"google/gemini-decision-1":    "{model: google/gemini-decision-1}",
		"systemone/Kev-4B":            "{model: systemone/Kev-4B, free: true}",
	}
}

// withDeciders returns the simulator and the settings that lead to all its endpoints.
func withDeciders(t testing.TB, o sim.Options) (*sim.Server, map[string]string) {
	t.Helper()
	s, env := providers(t, o)
	env["SYSTEMONE_BASE_URL"] = env["OPENAI_BASE_URL"]
	return s, env
}

// A decision is a probability over the categories, at a price that is known.
func TestDecisions(t *testing.T) {
	for name, spec := range deciders() {
		t.Run(name, func(t *testing.T) {
			s, env := withDeciders(t, sim.Options{Rules: []sim.Rule{{Contains: "Invoice", Answer: sim.Answer{Label: "invoice", Confidence: 0.91}}}})
			c, err := opened(t, env, spec, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := c.Classify(t.Context(), read(t, letter), docsift.Request{Taxonomy: "finance"})
			if err != nil {
				t.Fatal(err)
			}
			if res.Classification != "invoice" || res.ConfidenceKind != model.ScoreProbability || *res.Confidence < 0.9 || *res.Confidence > 0.92 || res.Review.Needed {
				t.Errorf("%s %v (%s), review %v; want invoice at 0.91, a probability", res.Classification, *res.Confidence, res.ConfidenceKind, res.Review)
			}
			row := s.Requests()[0]
			at := res.Attempts[0]
			if at.Model != name || !res.Cost.Known || at.Usage.Input != row.PromptTokens || at.Usage.Output != 0 {
				t.Errorf("attempt %+v at %s, want %s with %d tokens at a known price", at, res.Cost, name, row.PromptTokens)
			}
			if want := int64(row.PromptTokens) * 100; !strings.HasPrefix(name, "systemone") && res.Cost.NanoUSD != want {
				t.Errorf("cost %d nano-dollars, want %d", res.Cost.NanoUSD, want)
			}
		})
	}
}

// What is wrong with a decision is named, costs what it costs, and is never an answer.
func TestDecisionsThatAreNone(t *testing.T) {
	tests := []struct {
		name   string
		effect sim.Effect
		kind   fault.Kind
		want   string
	}{
		{"a refusal", sim.Effect{Finish: "refusal"}, fault.Refused, ""},
		{"another kind of answer", sim.Effect{Finish: "tool_calls"}, fault.BadOutput, "instead of a choice"},
		{"no answer", sim.Effect{Empty: "choices"}, fault.BadOutput, "answer"},
		{"no probabilities", sim.Effect{Empty: "content"}, fault.BadOutput, "no probabilities"},
		{"a choice that was not offered", sim.Effect{Label: "Rechnung"}, fault.BadOutput, `"Rechnung", which was not offered`},
		{"a choice in a fence", sim.Effect{Garbage: "fenced"}, fault.BadOutput, "was not offered"},
		{"a choice that is not the likeliest", sim.Effect{Confidence: "0.001"}, fault.BadOutput, "the choice is"},
		{"a probability that is no number", sim.Effect{Confidence: "NaN"}, fault.BadOutput, "not the JSON"},
		{"a probability as text", sim.Effect{Confidence: `"95%"`}, fault.BadOutput, "not the JSON"},
		{"a probability above 1", sim.Effect{Confidence: "1.7"}, fault.BadOutput, "is none"},
		{"a page of a proxy", sim.Effect{Garbage: "html"}, fault.BadOutput, "not the JSON"},
		{"a rate limit", sim.Effect{Fault: "rate_limit_exceeded"}, fault.RateLimited, ""},
		{"a server that is down", sim.Effect{Fault: "unavailable"}, fault.Unavailable, ""},
		{"a model that is gone", sim.Effect{Fault: "model_not_found"}, fault.ModelGone, ""},
	}
	for name, spec := range deciders() {
		for _, tt := range tests {
			t.Run(name+" "+tt.name, func(t *testing.T) {
				_, env := withDeciders(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: tt.effect}}}})
				c, err := opened(t, env, spec, nil)
				if err != nil {
					t.Fatal(err)
				}
				res, err := c.Classify(t.Context(), read(t, letter), docsift.Request{Taxonomy: "finance"})
				want := fault.NoModel
				if tt.kind == fault.Refused {
					want = "" // somebody has looked, and says nothing of it
				}
				if fault.KindOf(err) != want || len(res.Attempts) == 0 || res.Classification != taxonomy.Unknown {
					t.Fatalf("%s, %+v, %v; want %q", res.Classification, res.Attempts, err, want)
				}
				at := res.Attempts[0]
				if at.Error == nil || at.Error.Code != tt.kind || !strings.Contains(at.Error.Message, tt.want) || at.Category != "" {
					t.Errorf("category %q, error %+v; want %s with %q", at.Category, at.Error, tt.kind, tt.want)
				}
			})
		}
	}
}

// More categories than fit into a question are refused before anything is sent, and the model
// beside it answers.
func TestDecisionsOverManyCategories(t *testing.T) {
	s, env := withDeciders(t, sim.Options{Answer: func(c sim.Call) sim.Answer { return sim.Answer{Label: c.Labels[3]} }})
	names := make([]string, 40)
	for i := range names {
		names[i] = fmt.Sprintf("kind_%d", i)
	}
	c, err := opened(t, env, "{model: systemone/Qwen/Qwen3-0.6B, choices: 26}, {model: google/gemini-decision-1}", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Classify(t.Context(), read(t, letter), docsift.Request{Categories: names})
	if err != nil || res.Classification != "kind_3" || res.ProviderUsed != "google" {
		t.Fatalf("%s by %s, %v; want kind_3 by google", res.Classification, res.ProviderUsed, err)
	}
	at := res.Attempts[0]
	if at.Error == nil || at.Error.Code != fault.Rejected || !strings.Contains(at.Error.Message, "41 choices, and it takes 26") || !at.Cost.Known {
		t.Errorf("attempt %+v, want one rejected for 41 choices", at)
	}
	if s.Count(sim.SystemOne, "") != 0 {
		t.Error("the question was sent all the same")
	}
}

// Doctor's probe asks them as it asks every model.
func TestProbeOfDeciders(t *testing.T) {
	_, env := withDeciders(t, sim.Options{})
	for name, spec := range deciders() {
		c, err := opened(t, env, spec, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Probe(t.Context()); len(got) != 1 || got[0].Model != name || got[0].Error != nil {
			t.Errorf("probe %+v, want %s without an error", got, name)
		}
	}
}

// One model asked in two ways is two models: what one endpoint does says nothing of the other.
func TestChatAndDecisionsHaveTheirOwnBreakers(t *testing.T) {
	_, env := withDeciders(t, sim.Options{})
	p, err := cascade.ParsePolicy("two.yaml", []byte(`{name: mine, version: "1", stages: [
		{name: a, views: [text], models: [{model: openai/gpt-6-luna, api: decisions}, {model: openai/gpt-6-luna, effort: none}]},
		{name: b, views: [text], models: [{model: openai/gpt-6-luna@decisions}]}]}`), lookup(env))
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, env, docsift.Options{Policy: p.Name, Policies: []cascade.Policy{p}})
	if got := c.Models(); len(got) != 2 || got[0].Model != "openai/gpt-6-luna@decisions" || got[1].Model != "openai/gpt-6-luna" {
		t.Errorf("models %+v, want the two of stage a alone", got)
	}
}
