package price_test

import (
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/price"
)

func TestCost(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		model  string
		at     time.Time
		tokens price.Tokens
		want   string
		known  bool
	}{
		{"the guide's first call", "openai/gpt-4o-mini", now, price.Tokens{Input: 25751, Output: 80}, "0.00391065", true},
		{"the guide's upgrade", "openai/gpt-4o", now, price.Tokens{Input: 1015, Output: 80}, "0.0033375", true},
		{"a cached prefix is cheaper", "openai/gpt-6-luna", now, price.Tokens{Input: 1500, Cached: 1000, Output: 20}, "0.00007", true},
		{"writing a cache costs more", "openai/gpt-6-luna", now, price.Tokens{Input: 1000, CacheWrite: 1000}, "0.000125", true},
		{"the last day of a price", "google/gemini-3.8-flash", time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), price.Tokens{Input: 1e6}, "0.75", true},
		{"the first day of the next", "google/gemini-3.8-flash", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), price.Tokens{Input: 1e6}, "1.5", true},
		{"a long prompt", "anthropic/claude-haiku-5-5", now, price.Tokens{Input: 100001}, "0.0500005", true},
		{"too long for any price we know", "openai/gpt-6-luna", now, price.Tokens{Input: 272001}, "0", false},
		{"the local model is free", "local", now, price.Tokens{}, "0", true},
		{"an unknown model has no price", "openai/gpt-9", now, price.Tokens{Input: 1}, "0", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, known := price.Builtin().Cost(tt.model, tt.at, tt.tokens)
			if got.String() != tt.want || known != tt.known {
				t.Errorf("Cost = %s, %v; want %s, %v", got, known, tt.want, tt.known)
			}
		})
	}
}

func TestShutdown(t *testing.T) {
	for model, want := range map[string]string{"openai/gpt-4o": "2027-01-14", "openai/gpt-6-luna": ""} {
		if got := price.Builtin().Shutdown(model); got != want {
			t.Errorf("Shutdown(%s) = %q, want %q", model, got, want)
		}
	}
}

func TestAmountString(t *testing.T) {
	for a, want := range map[price.Amount]string{0: "0", 1: "0.000000001", -1500: "-0.0000015", 2e9: "2", 1_234_567_890: "1.23456789"} {
		if got := a.String(); got != want {
			t.Errorf("Amount(%d) = %q, want %q", int64(a), got, want)
		}
		if back, err := price.ParseAmount(want); err != nil || back != a {
			t.Errorf("ParseAmount(%q) = %d, %v; want %d", want, int64(back), err, int64(a))
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"a negative price", "models: {a: [{in: -1, out: 0}]}", "not a price"},
		{"a price too fine to keep", "models: {a: [{in: 0.0001, out: 0}]}", "finer than a nano-dollar"},
		{"an unknown field", "models: {a: [{input: 1}]}", "input"},
		{"a broken date", "models: {a: [{in: 1, out: 1, from: soon}]}", "soon"},
		{"more off than all", "{models: {a: [{in: 1, out: 1}]}, batch: {a: 101}}", "outside 0 to 100"},
		{"text of no tokens", "{models: {a: [{in: 1, out: 1}]}, text: {a: 0}}", "outside 0 to 10"},
		{"an image rule of no kind", "{models: {a: [{in: 1, out: 1}]}, images: [{models: [a]}]}", "needs models, a kind"},
		{"a way to count that there is not", "{models: {a: [{in: 1, out: 1}]}, images: [{models: [a], kind: dots}]}", "use tiles"},
		{"nothing", "checked: 2026-01-01", "no models"},
		{"a price of input alone", "models:\n  a:\n    - {in: 1}", "line 3: a price without out"},
		{"a model without prices", "models: {a: []}", "a: no prices"},
		{"days without a price", "models:\n  a:\n    - {in: 1, out: 1, until: 2026-12-31}\n    - {in: 2, out: 2, from: 2027-02-01}", "line 4: there is no price between 2026-12-31 and 2027-02-01"},
		{"no price from some day on", "models:\n  a:\n    - {in: 1, out: 1, until: 2026-12-31}", "line 3: there is no price after 2026-12-31"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := price.Parse([]byte(tt.yaml)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestWith(t *testing.T) {
	own, err := price.Parse([]byte("models: {acme/one: [{in: 3, out: 9}], openai/gpt-6-luna: [{in: 0.05, out: 0.25}]}\nshutdown: {acme/one: 2027-03-01}"))
	if err != nil {
		t.Fatal(err)
	}
	both := price.Builtin().With(own)
	for model, want := range map[string]price.Amount{"acme/one": 12_000, "openai/gpt-6-luna": 300, "openai/gpt-4o": 12_500} {
		if got, ok := both.Cost(model, time.Now(), price.Tokens{Input: 1, Output: 1}); !ok || got != want || !both.Knows(model, time.Now()) {
			t.Errorf("%s: %d, %v; want %d", model, got, ok, want)
		}
	}
	if got := both.Shutdown("acme/one"); got != "2027-03-01" || both.Shutdown("openai/gpt-4o") == "" || both.CacheMin("openai/gpt-6-luna") != 1024 {
		t.Errorf("shutdown %q, want both books' entries", got)
	}
	if price.Builtin().Knows("acme/one", time.Now()) {
		t.Error("the built-in book has changed")
	}
}
