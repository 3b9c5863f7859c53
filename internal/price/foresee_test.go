package price_test

import (
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/price"
)

var november = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestImageTokens(t *testing.T) {
	tests := []struct {
		name  string
		model string
		pic   price.Picture
		want  int
	}{
		{"four tiles", "openai/gpt-4o", price.Picture{Width: 1024, Height: 1024}, 765},
		{"one tile", "openai/gpt-4o", price.Picture{Width: 512, Height: 512}, 255},
		{"little detail", "openai/gpt-4o-mini", price.Picture{Width: 1024, Height: 1024, Detail: "low"}, 2833},
		{"a very large picture is shrunk", "openai/gpt-4o", price.Picture{Width: 4096, Height: 8192}, 85 + 6*170},
		{"patches of an upright page", "openai/gpt-6-luna", price.Picture{Width: 724, Height: 1024}, 883},
		{"no more patches than count", "openai/gpt-6-luna", price.Picture{Width: 4000, Height: 4000}, 3000},
		{"a small picture", "google/gemini-2.5-flash", price.Picture{Width: 384, Height: 384}, 258},
		{"any size", "google/gemini-3.8-flash", price.Picture{Width: 4000, Height: 10}, 1090},
		{"a long edge is shrunk", "anthropic/claude-haiku-4-5", price.Picture{Width: 3136, Height: 1568}, 56 * 28},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, known := price.Builtin().ImageTokens(tt.model, november, tt.pic)
			if got != tt.want || !known {
				t.Errorf("ImageTokens = %d, %v; want %d", got, known, tt.want)
			}
		})
	}
	if _, known := price.Builtin().ImageTokens("openai/gpt-9", november, price.Picture{Width: 1, Height: 1}); known {
		t.Error("the rule of a model that there is not is known")
	}
}

func TestImageRulesAreDated(t *testing.T) {
	b, err := price.Parse([]byte(`models: {a: [{in: 1, out: 1}]}
images:
  - {models: [a], kind: fixed, base: 5, until: 2026-11-22}
  - {models: [a], kind: fixed, base: 7, from: 2026-11-23}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := b.ImageTokens("a", november, price.Picture{}); got != 7 {
		t.Errorf("on the second rule's first day: %d tokens, want 7", got)
	}
}

func TestBatch(t *testing.T) {
	tests := []struct {
		model string
		want  string
		known bool
	}{
		{"openai/gpt-6-luna", "0.005", true},
		{"openai/gpt-6-luna@decisions", "", false},
		{"local", "0", true},
		{"perplexity/pplx-decider-flash", "", false},
	}
	for _, tt := range tests {
		got, known := price.Builtin().Batch(tt.model, november, price.Tokens{Input: 1e5})
		if known != tt.known || known && got.String() != tt.want {
			t.Errorf("Batch(%s) = %s, %v; want %s, %v", tt.model, got, known, tt.want, tt.known)
		}
	}
}

func TestLimits(t *testing.T) {
	b := price.Builtin()
	if l, ok := b.Limits("anthropic/claude-haiku-5-5", 5); !ok || l.RPM != 4000 {
		t.Errorf("beyond the last tier: %v, %v; want the last", l, ok)
	}
	if _, ok := b.Limits("openai/gpt-6-luna", 1); ok {
		t.Error("limits that nobody has published are known")
	}
	if _, ok := b.Tier(1)["openai/gpt-4o"]; !ok {
		t.Error("tier 1 knows nothing of gpt-4o")
	}
}

func TestParseLimitsRefuses(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"a negative limit", "a/b:\n  rpm: -1", `line 2: limit "-1"`},
		{"a limit of none", "a/b: {tpm: 0}", "leave out"},
		{"words", "a/b: {tpm: many}", `limit "many"`},
		{"an unknown limit", "a/b:\n  rpm: 5\n  rph: 5", "line 3: field rph not found"},
		{"nothing", "", "no model in it"},
		{"no YAML", "a: [", "line 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := price.ParseLimits([]byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func FuzzParseLimits(f *testing.F) {
	f.Add([]byte("a/b: {rpm: 5, tpm: 10}"))
	f.Add([]byte("a: &x {rpm: 1}\nb: *x"))
	f.Add([]byte("a: ["))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := price.ParseLimits(data)
		if err != nil {
			return
		}
		for m, l := range all {
			if min(l.RPM, l.RPD, l.TPM, l.ITPM, l.OTPM, l.Queue, l.QueueRequests) < 0 {
				t.Errorf("%q has a limit below 0: %+v", m, l)
			}
		}
	})
}
