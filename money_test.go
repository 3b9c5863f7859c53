package docsift_test

import (
	"slices"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
)

// Our account of each attempt is held against the provider's own: what it bills is never
// called free, and where both know the tokens, they agree.
func TestCostAgreesWithTheProvider(t *testing.T) {
	effects := map[string]sim.Effect{
		"an answer":                 {Label: "invoice", Confidence: "0.95"},
		"an unsure answer":          {Label: "invoice", Confidence: "0.2"},
		"a label outside the set":   {Label: "Rechnung"},
		"a refusal":                 {Finish: "refusal"},
		"a filter":                  {Finish: "content_filter"},
		"a truncated answer":        {Finish: "length"},
		"a tool call":               {Finish: "tool_calls"},
		"no choices":                {Empty: "choices"},
		"no content":                {Empty: "content"},
		"fenced JSON":               {Garbage: "fenced", Label: "invoice", Confidence: "0.95"},
		"not JSON":                  {Garbage: "not_json"},
		"an HTML page":              {Garbage: "html"},
		"a huge body":               {Garbage: "huge"},
		"no usage":                  {Usage: "missing", Label: "invoice", Confidence: "0.95"},
		"cut before the answer":     {Cut: "before"},
		"cut in the middle":         {Cut: "middle"},
		"a reset":                   {Cut: "reset"},
		"a rate limit":              {Fault: "rate_limit_exceeded", RetryAfter: "3600"},
		"no money left":             {Fault: "insufficient_quota"},
		"overload":                  {Fault: "server_is_overloaded"},
		"a server error":            {Fault: "server_error"},
		"a server error, billed":    {Fault: "server_error", Billed: new(true)},
		"a gateway error, billed":   {Fault: "bad_gateway", Billed: new(true)},
		"a revoked key":             {Fault: "invalid_api_key"},
		"a model that is gone":      {Fault: "model_not_found"},
		"a request that is refused": {Fault: "context_length_exceeded"},
		"a silence":                 {Hang: true},
	}
	for name, effect := range effects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: effect}}}})
			delete(env, "GOOGLE_API_KEY")
			delete(env, "ANTHROPIC_API_KEY")
			c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance", Client: impatient(t)})
			res, _ := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
			sent := slices.DeleteFunc(slices.Clone(res.Attempts), func(a cascade.Attempt) bool {
				return a.Error != nil && a.Error.Code == fault.CircuitOpen // nothing left for the provider
			})
			rows := s.Requests()
			if len(rows) != len(sent) {
				t.Fatalf("%d attempts were sent, %d requests at the provider", len(sent), len(rows))
			}
			for i, a := range sent {
				free := a.Cost.Known && a.Cost.NanoUSD == 0
				if rows[i].Billed && free {
					t.Errorf("attempt %d was billed and is called free: %+v", i+1, a)
				}
				if a.Usage.Known && (a.Usage.Input != rows[i].PromptTokens || a.Usage.Output != rows[i].CompletionTokens) {
					t.Errorf("attempt %d: %d and %d tokens, the provider says %d and %d", i+1,
						a.Usage.Input, a.Usage.Output, rows[i].PromptTokens, rows[i].CompletionTokens)
				}
				if !free && effect.Fault == "" && effect.Label == "invoice" && effect.Usage == "" && !a.Cost.Known {
					t.Errorf("attempt %d: an ordinary answer has no known cost: %+v", i+1, a)
				}
			}
		})
	}
}

func TestFreeFailures(t *testing.T) {
	for _, name := range []string{"rate_limit_exceeded", "insufficient_quota", "server_is_overloaded", "invalid_api_key", "model_not_found"} {
		_, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Fault: name}}}}})
		c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
		res, _ := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
		if !res.Cost.Known || res.Cost.NanoUSD != 0 {
			t.Errorf("%s: cost %s, want nothing", name, res.Cost)
		}
	}
	_, env := providers(t, sim.Options{})
	env["OPENAI_BASE_URL"] = "http://127.0.0.1:1/v1" // nobody listens there
	delete(env, "GOOGLE_API_KEY")
	delete(env, "ANTHROPIC_API_KEY")
	c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
	res, _ := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
	if !res.Cost.Known || res.Cost.NanoUSD != 0 {
		t.Errorf("a refused connection: cost %s, want nothing", res.Cost)
	}
}
