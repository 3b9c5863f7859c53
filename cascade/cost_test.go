package cascade_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// What cannot be true of a bill is not believed, and a price that is not known is not guessed.
func TestImplausibleUsage(t *testing.T) {
	tests := []struct {
		name   string
		usage  model.Usage
		served string
		known  bool
	}{
		{"an ordinary bill", model.Usage{Known: true, Input: 500, Output: 20}, "", true},
		{"a dated name of the same model", model.Usage{Known: true, Input: 500, Output: 20}, "gpt-6-luna-2026-10-01", true},
		{"no tokens at all", model.Usage{Known: true}, "", false},
		{"more cached than there were", model.Usage{Known: true, Input: 5, Cached: 500}, "", false},
		{"negative tokens", model.Usage{Known: true, Input: 500, Output: -20}, "", false},
		{"more tokens than there are", model.Usage{Known: true, Input: 1 << 40}, "", false},
		{"another model, of which no price is known", model.Usage{Known: true, Input: 500, Output: 20}, "gpt-9-ultra", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: func(n int, req model.Request) (model.Response, error) {
				resp, err := always("invoice", 0.9)(n, req)
				resp.Usage, resp.Served = tt.usage, tt.served
				return resp, err
			}}}
			out, err := newCascade(t, ladder, f).Run(t.Context(), input(t, words, true))
			if err != nil || out.Cost.Known != tt.known || out.Cost.NanoUSD < 0 {
				t.Errorf("cost %s, %v; want known %v", out.Cost, err, tt.known)
			}
		})
	}
}

func TestCostJSON(t *testing.T) {
	for want, cost := range map[string]cascade.Cost{
		`{"usd":"0.003911","known":true,"at_least_usd":"0.003911","estimated_usd":"0.003911"}`: {NanoUSD: 3_911_000, Known: true},
		`{"usd":null,"known":false,"at_least_usd":"0.4","estimated_usd":"0.5"}`:                {NanoUSD: 400_000_000, Guess: 100_000_000},
		`{"usd":"0","known":true,"at_least_usd":"0","estimated_usd":"0"}`:                      {Known: true},
	} {
		b, err := json.Marshal(cost)
		if err != nil || string(b) != want {
			t.Errorf("%s, %v; want %s", b, err, want)
		}
		var back cascade.Cost
		if err := json.Unmarshal(b, &back); err != nil || back != cost {
			t.Errorf("%s reads back as %+v, %v", b, back, err)
		}
	}
}

// What a document cost is the sum over all attempts. What may have been billed is not free.
func TestCost(t *testing.T) {
	tests := []struct {
		name string
		say  func(int, model.Request) (model.Response, error)
		want string
	}{
		{"an answer", always("invoice", 0.9), "$0.00006"},
		{"two answers", func(n int, req model.Request) (model.Response, error) { return always("invoice", 0.5)(n, req) }, "$0.00012"},
		{"a rate limit is free", failing(fault.RateLimited, 1), "$0.00006"},
		{"a timeout may have been billed", func(n int, req model.Request) (model.Response, error) {
			if n == 1 {
				late := fault.New(fault.Timeout, nil, "too slow")
				late.MaybeBilled = true
				return model.Response{}, late
			}
			return always("invoice", 0.9)(n, req)
		}, "unknown"},
		{"a timeout before anything was sent is free", failing(fault.Timeout, 1), "$0.00006"},
		{"a refusal without usage may have been billed", failing(fault.Refused, 1), "unknown"},
		{"an answer that is none was paid for", func(n int, req model.Request) (model.Response, error) {
			resp, _ := always("invoice", 0.9)(n, req)
			if n == 1 {
				return model.Response{Usage: resp.Usage}, fault.New(fault.BadOutput, nil, "not JSON")
			}
			return resp, nil
		}, "$0.00012"},
		{"an answer without usage has no known price", func(n int, req model.Request) (model.Response, error) {
			resp, _ := always("invoice", 0.9)(n, req)
			resp.Usage = model.Usage{}
			return resp, nil
		}, "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: tt.say}}
				out, err := newCascade(t, ladder, f).Run(t.Context(), input(t, words, true))
				if err != nil {
					t.Fatal(err)
				}
				if got := out.Cost.String(); got != tt.want {
					t.Errorf("cost %s, want %s, of %d attempts", got, tt.want, len(out.Attempts))
				}
			})
		})
	}
}
