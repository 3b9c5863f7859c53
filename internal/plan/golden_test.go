package plan_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/internal/plan"
	"github.com/docsift/docsift/internal/price"
)

// The tests of this file hold plans, made from the price book alone, to the figures of the
// provider facts of 2026-11-23, section by section. What is not reproduced:
//
//   - §2, after its tables: 1,000 to 1,500 tokens of gpt-4o-mini at $0.00022 to $0.00026. The section does not say
//     how they divide into input and output: 1,000 of input cost $0.00015, 1,500 and 100 of output $0.000285.
//   - §2: width × height / 750 for Claude, which is the older rule; the book has the newer.
//   - §4: the tokens a minute of gpt-5-mini and of Gemini. They come without requests a minute, so a
//     capacity made from them would be too large; the book leaves them out.
var golden = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// one is a day on which every document is one request to one model.
func one(t *testing.T, model string, v cascade.View, chars int, o plan.Options) plan.Plan {
	t.Helper()
	o.At, o.Page = golden, price.Picture{Width: 1, Height: 1}
	if o.Docs == 0 {
		o.Docs = 100_000
	}
	p, err := plan.New(cascade.Policy{Name: "one", Stages: []cascade.Stage{
		{Name: "only", Views: []cascade.View{v}, Chars: chars, Models: []cascade.Spec{{Model: model}}},
	}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// §2, first table: the tokens of a page of 1024 × 1024 pixels.
func TestSection2ImageTokens(t *testing.T) {
	for model, want := range map[string]int{
		"openai/gpt-4o": 765, "openai/gpt-4.1": 765, "openai/gpt-4o-mini": 25_501,
		"openai/gpt-4.1-mini": 1659, "openai/gpt-4.1-nano": 2519, "openai/gpt-5": 630, "openai/gpt-5.1": 630,
		"openai/gpt-5-mini": 1659, "openai/gpt-5-nano": 2519, "openai/gpt-5.4-mini": 1659,
		"openai/gpt-5.5": 1229, "openai/gpt-5.6-luna": 1229, "openai/gpt-6-luna": 1229, "openai/gpt-6.1-sol": 1229,
		"google/gemini-2.5-flash": 1032, "google/gemini-3.5-flash-lite": 1090, "google/gemini-3.8-flash": 1090,
		"anthropic/claude-haiku-4-5": 1369, "anthropic/claude-haiku-5-5": 1369, "anthropic/claude-sonnet-5-5": 1369,
	} {
		got, known := price.Builtin().ImageTokens(model, golden, price.Picture{Width: 1024, Height: 1024})
		if got != want || !known {
			t.Errorf("%s: %d tokens, %v; want %d", model, got, known, want)
		}
	}
	low := price.Picture{Width: 1024, Height: 1024, Detail: "low"}
	for model, want := range map[string]int{"openai/gpt-4o": 85, "openai/gpt-4o-mini": 2833} {
		if got, _ := price.Builtin().ImageTokens(model, golden, low); got != want {
			t.Errorf("%s, detail low: %d tokens, want %d", model, got, want)
		}
	}
}

// §2, second table: a page, 250 tokens of prompt and 80 of answer. The section gives the model
// that a picture of little detail is sent to under detail low.
func TestSection2Call(t *testing.T) {
	tests := []struct {
		model, detail string
		input         int
		each, day     string // dollars: one request, 100,000
	}{
		{"openai/gpt-4o-mini", "", 25_751, ".003911", "391.06"}, // 391.065, rounded down there
		{"openai/gpt-4o", "", 1015, ".003338", "333.75"},
		{"openai/gpt-4o-mini", "low", 3083, ".000510", "51.05"},
		{"openai/gpt-4o", "low", 335, ".001638", "163.75"},
		{"openai/gpt-4.1-nano", "", 2769, ".000309", "30.89"},
		{"openai/gpt-5-nano", "", 2769, ".000170", "17.05"},
		{"openai/gpt-5-mini", "", 1909, ".000637", "63.73"},
		{"openai/gpt-6-luna", "", 1479, ".000188", "18.79"},
		{"openai/gpt-6-luna@decisions", "", 1479, ".000148", "14.79"},
		{"google/gemini-2.5-flash-lite", "", 1282, ".000160", "16.02"},
		{"google/gemini-3.5-flash-lite", "", 1340, ".000602", "60.20"},
		{"anthropic/claude-haiku-4-5", "", 1619, ".002019", "201.90"},
		{"anthropic/claude-haiku-5-5", "", 1694, ".000221", "22.14"},
		{"openai/gpt-6.1-sol", "", 1479, ".003758", "375.80"},
		{"anthropic/claude-sonnet-5-5", "", 1694, ".004428", "442.80"},
	}
	for _, tt := range tests {
		t.Run(tt.model+tt.detail, func(t *testing.T) {
			spec := cascade.Spec{Model: tt.model}
			spec.Detail = tt.detail
			p, err := plan.New(cascade.Policy{Name: "one", Stages: []cascade.Stage{
				{Name: "only", Views: []cascade.View{cascade.PageView}, Models: []cascade.Spec{spec}},
			}}, plan.Options{Docs: 100_000, Prompt: 250, Output: 80, At: golden, Page: price.Picture{Width: 1, Height: 1}})
			if err != nil {
				t.Fatal(err)
			}
			nano := p.Total.Cost.NanoUSD
			if got := p.Total.Input / p.Docs; got != tt.input {
				t.Errorf("%d input tokens, want %d", got, tt.input)
			}
			if !near(nano, tt.day, 1) || !near(nano/100_000, tt.each, 1) {
				t.Errorf("%d nano-dollars for all, want $%s, and $%s each", nano, tt.day, tt.each)
			}
		})
	}
}

// §2, the lines after its tables, and what §0 draws from them: the guide's figures against the
// true ones, and models against each other.
func TestSection2Ratios(t *testing.T) {
	call := func(model string) float64 { return float64(vision(t, model, 100_000, 80, false)) / 1e14 }
	mini, full, luna := call("openai/gpt-4o-mini"), call("openai/gpt-4o"), call("openai/gpt-6-luna")
	tests := []struct {
		name, got, want string
	}{
		{"gpt-4o-mini at $0.003 is too low by", fmt.Sprintf("%.0f %%", 100*(1-0.003/mini)), "23 %"},
		{"gpt-4o at $0.010 is too high by", fmt.Sprintf("%.1fx", 0.010/full), "3.0x"},
		{"gpt-4o alone is cheaper than the guide's cascade by", fmt.Sprintf("%.0f %%", 100*(1-full/(mini+0.2*full))), "27 %"},
		{"on a page luna is cheaper than gpt-4o-mini by", fmt.Sprintf("%.0fx", mini/luna), "21x"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

// near reports whether nano rounds, up or down, to the dollars of want times n.
func near(nano int64, want string, n int64) bool {
	var dollars float64
	places := 0
	fmt.Sscanf("0"+want, "%g", &dollars)
	for i := range want {
		if want[i] == '.' {
			places = len(want) - i - 1
		}
	}
	half := 0.5
	for range places {
		half /= 10
	}
	off := float64(nano)/1e9 - dollars*float64(n)
	return off < half*1.001 && -off < half*1.001
}

// §3, first paragraph: dollars per million tokens of input, cached input and output.
func TestSection3Prices(t *testing.T) {
	later := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		model           string
		at              time.Time
		in, cached, out string
	}{
		{"openai/gpt-4o-mini", golden, "0.15", "0.075", "0.6"},
		{"openai/gpt-4o", golden, "2.5", "1.25", "10"},
		{"openai/gpt-4.1-mini", golden, "0.4", "0.1", "1.6"},
		{"openai/gpt-4.1-nano", golden, "0.1", "0.025", "0.4"},
		{"openai/gpt-5-mini", golden, "0.25", "0.025", "2"},
		{"openai/gpt-5-nano", golden, "0.05", "0.005", "0.4"},
		{"openai/gpt-5.4-mini", golden, "0.75", "0.075", "4.5"},
		{"openai/gpt-5.4-nano", golden, "0.2", "0.02", "1.25"},
		{"openai/gpt-5.6-luna", golden, "0.2", "0.02", "1.2"},
		{"openai/gpt-6-luna", golden, "0.1", "0.01", "0.5"},
		{"openai/gpt-6-sol", golden, "2", "0.2", "10"},
		{"openai/gpt-6.1-sol", golden, "2", "0.1", "10"},
		{"openai/gpt-6-astra", golden, "10", "1", "50"},
		{"google/gemini-2.0-flash", golden, "0.1", "0.025", "0.4"},
		{"google/gemini-2.5-flash", golden, "0.3", "0.03", "2.5"},
		{"google/gemini-2.5-flash-lite", golden, "0.1", "0.01", "0.4"},
		{"google/gemini-3.1-flash-lite", golden, "0.25", "0.025", "1.5"},
		{"google/gemini-3.5-flash-lite", golden, "0.3", "0.03", "2.5"},
		{"google/gemini-3.6-flash", golden, "0.75", "0.075", "3.75"},
		{"google/gemini-3.7-flash", golden, "0.75", "0.075", "3.75"},
		{"google/gemini-3.8-flash", golden, "0.75", "0.075", "3.75"},
		{"google/gemini-3.8-flash", later, "1.5", "0.15", "7.5"},
		{"google/gemini-decision-1", golden, "0.1", "0.1", "0"},
		{"anthropic/claude-haiku-3-5", golden, "0.8", "0.08", "4"},
		{"anthropic/claude-haiku-4-5", golden, "1", "0.1", "5"},
		{"anthropic/claude-haiku-5-5", golden, "0.1", "0.01", "0.5"},
		{"anthropic/claude-sonnet-4-5", golden, "3", "0.3", "15"},
		{"anthropic/claude-sonnet-4-6", golden, "3", "0.3", "15"},
		{"anthropic/claude-sonnet-5", golden, "2", "0.2", "10"},
		{"anthropic/claude-sonnet-5-5", golden, "2", "0.2", "10"},
		{"anthropic/claude-opus-5-5", golden, "4", "0.2", "20"},
		{"perplexity/pplx-decider-v1.2", golden, "0.02", "0.02", "0"},
		{"perplexity/pplx-decider-flash", golden, "0.01", "0.01", "0"},
	}
	for _, tt := range tests {
		const k = 1000 // tokens: below every size at which a price changes
		for _, c := range []struct {
			tokens price.Tokens
			want   string
		}{{price.Tokens{Input: k}, tt.in}, {price.Tokens{Input: k, Cached: k}, tt.cached}, {price.Tokens{Output: k}, tt.out}} {
			got, known := price.Builtin().Cost(tt.model, tt.at, c.tokens)
			if (got*1000).String() != c.want || !known {
				t.Errorf("%s: %+v cost $%s a million, %v; want $%s", tt.model, c.tokens, got*1000, known, c.want)
			}
		}
	}
}

// textFirst is §3's text call: 250 tokens of prompt, 1,000 characters, 20 of answer.
func textFirst(t *testing.T, model string, batch bool) int64 {
	return one(t, model, cascade.TextView, 1000, plan.Options{Prompt: 250, Output: 20, Batch: batch}).Total.Cost.NanoUSD
}

// vision is §2's call to so many documents.
func vision(t *testing.T, model string, docs, output int, batch bool) int64 {
	return one(t, model, cascade.PageView, 0, plan.Options{Docs: docs, Prompt: 250, Output: output, Batch: batch}).Total.Cost.NanoUSD
}

// §3, second table: dollars for 100,000 documents, at once and in batches.
func TestSection3Days(t *testing.T) {
	luna := func(t *testing.T, batch bool) int64 {
		// $27.2 and the 69 % of it that the section ascribes to the last stage come out when luna
		// answers the page in 20 tokens as it does the text, and only sol in 80. With 80 for both it is $27.6.
		return textFirst(t, "openai/gpt-6-luna", batch) + vision(t, "openai/gpt-6-luna", 15_000, 20, batch) + vision(t, "openai/gpt-6.1-sol", 5_000, 80, batch)
	}
	text := func(model string) func(*testing.T, bool) int64 {
		return func(t *testing.T, batch bool) int64 { return textFirst(t, model, batch) }
	}
	behindLocal := func(percent int64) func(*testing.T, bool) int64 {
		return func(t *testing.T, batch bool) int64 { return luna(t, batch) * (100 - percent) / 100 }
	}
	tests := []struct {
		name        string
		nano        func(t *testing.T, batch bool) int64
		sync, batch string // none: not told, or not offered
	}{
		{"the guide, paid honestly", func(t *testing.T, b bool) int64 {
			return vision(t, "openai/gpt-4o-mini", 100_000, 80, b) + vision(t, "openai/gpt-4o", 20_000, 80, b)
		}, "457.8", ""},
		{"the same with luna and sol", func(t *testing.T, b bool) int64 {
			return vision(t, "openai/gpt-6-luna", 100_000, 80, b) + vision(t, "openai/gpt-6.1-sol", 20_000, 80, b)
		}, "94.0", "47.0"},
		{"text by gpt-4o-mini", text("openai/gpt-4o-mini"), "8.70", "4.35"},
		{"and 15 % by gpt-4o on the page", func(t *testing.T, b bool) int64 {
			return textFirst(t, "openai/gpt-4o-mini", b) + vision(t, "openai/gpt-4o", 15_000, 80, b)
		}, "58.8", "29.4"},
		{"text by gpt-5-nano", text("openai/gpt-5-nano"), "3.30", "1.65"},
		{"text by gpt-4.1-nano", text("openai/gpt-4.1-nano"), "5.80", "2.90"},
		{"text by gemini-2.5-flash-lite", text("google/gemini-2.5-flash-lite"), "5.80", "2.90"},
		{"text by luna", text("openai/gpt-6-luna"), "6.00", "3.00"},
		{"text by luna's decisions", text("openai/gpt-6-luna@decisions"), "5.00", ""},
		{"text by gemini-decision-1", text("google/gemini-decision-1"), "5.00", ""},
		{"text by pplx-decider", text("perplexity/pplx-decider-v1.2"), "1.00", ""},
		{"text by pplx-decider-flash", text("perplexity/pplx-decider-flash"), "0.50", ""},
		{"text by haiku 5.5", text("anthropic/claude-haiku-5-5"), "7.80", "3.90"},
		{"text by haiku 4.5", text("anthropic/claude-haiku-4-5"), "60.0", "30.0"},
		{"text by gemini-3.5-flash-lite", text("google/gemini-3.5-flash-lite"), "20.0", "10.0"},
		{"luna's text, 15 % luna's page, 5 % sol's", luna, "27.2", "13.6"},
		{"behind a local model that answers 50 %", behindLocal(50), "13.6", "6.8"},
		{"behind a local model that answers 70 %", behindLocal(70), "8.15", "4.1"},
		{"behind a local model that answers 90 %", behindLocal(90), "2.72", "1.4"},
		{"luna with a prefix of 1,300 tokens", func(t *testing.T, b bool) int64 {
			return one(t, "openai/gpt-6-luna", cascade.TextView, 1000, plan.Options{Prompt: 1300, Batch: b}).Total.Cost.NanoUSD
		}, "16.5", ""},
		{"the same from the cache", func(t *testing.T, b bool) int64 {
			return one(t, "openai/gpt-6-luna", cascade.TextView, 1000, plan.Options{Prompt: 1300, CacheHits: 1, Batch: b}).Total.Cost.NanoUSD
		}, "4.8", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if nano := tt.nano(t, false); !near(nano, tt.sync, 1) {
				t.Errorf("%d nano-dollars, want $%s", nano, tt.sync)
			}
			if tt.batch == "" {
				return
			}
			if nano := tt.nano(t, true); !near(nano, tt.batch, 1) {
				t.Errorf("%d nano-dollars in batches, want $%s", nano, tt.batch)
			}
		})
	}
	share := float64(vision(t, "openai/gpt-6.1-sol", 5_000, 80, false)) / float64(luna(t, false))
	if got := fmt.Sprintf("%.0f %%", 100*share); got != "69 %" {
		t.Errorf("the last stage is %s of it, want 69 %%", got)
	}
}

// §4, the table and the lines below it: the largest day by tier, in millions of documents.
func TestSection4(t *testing.T) {
	tests := []struct {
		name          string
		model         string
		input, output int
		want          []string // by tier; "" is not told
	}{
		{"gpt-4o-mini, 520 tokens", "openai/gpt-4o-mini", 500, 20, []string{"0.01", "5.54", "7.20", "14.4", "43.2"}},
		{"gpt-4o-mini, 1,500 tokens", "openai/gpt-4o-mini", 1480, 20, []string{"0.01", "1.92", "3.84", "9.60", "43.2"}},
		{"gpt-4o-mini, a page", "openai/gpt-4o-mini", 25_751, 80, []string{"0.01", "0.11", "0.22", "0.56", "8.36"}},
		// The section rounds the 1,095 tokens of the guide's call up.
		{"gpt-4o, 1,100 tokens", "openai/gpt-4o", 1020, 80, []string{"0.04", "0.59", "1.05", "2.62", "14.4"}},
		{"haiku 4.5, 650 and 26 tokens", "anthropic/claude-haiku-4-5", 650, 26, []string{"0.07", "1.0", "2.2", "5.76"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, want := range tt.want {
				p := one(t, tt.model, cascade.TextView, 0, plan.Options{Prompt: tt.input, Output: tt.output, Limits: price.Builtin().Tier(i + 1)})
				if p.All.Most == nil {
					t.Fatalf("tier %d: not known", i+1)
				}
				if !near(int64(*p.All.Most)*1000, want, 1) {
					t.Errorf("tier %d: %d documents a day, want %s million", i+1, *p.All.Most, want)
				}
			}
		})
	}
}

// §4: the longest document, in tokens, of which 3.5 million a day pass; requests a minute at that
// number; and what 200,000 tokens a minute let through of 250 and 500 tokens.
func TestSection4Tokens(t *testing.T) {
	for tier, want := range map[int]int{2: 823, 3: 1646, 4: 4114, 5: 61_714} {
		l, _ := price.Builtin().Limits("openai/gpt-4o-mini", tier)
		if got := (1440*float64(l.TPM))/3.5e6 + 0.5; int(got) != want {
			t.Errorf("tier %d: %d tokens, want %d", tier, int(got), want)
		}
	}
	if got := math.Round(3.5e6 / 1440); got != 2431 {
		t.Errorf("%v requests a minute, want 2431", got)
	}
	l := map[string]price.Limits{"openai/gpt-4o-mini": {TPM: 200_000}}
	for tokens, want := range map[int]int{250: 1_152_000, 500: 576_000} {
		p := one(t, "openai/gpt-4o-mini", cascade.TextView, 0, plan.Options{Prompt: tokens - 20, Limits: l})
		if *p.All.Most != want {
			t.Errorf("%d tokens: %d documents a day, want %d", tokens, *p.All.Most, want)
		}
	}
}

// §2, last lines, and §4: what the guide prints beside what it comes to.
func TestGuide(t *testing.T) {
	want := map[string][2]string{
		"GPT-4o, 1,000 input tokens":                                   {"$0.005", "$0.0025"},
		"a GPT-4o-mini request":                                        {"$0.003", "$0.003911"},
		"a GPT-4o request":                                             {"$0.010", "$0.003338"},
		"scenario 1, a day: 20 % upgraded":                             {"$440", "$457.82"},
		"before: a day of GPT-4o alone":                                {"$150", "$333.75"},
		"200,000 tokens per minute: documents a day":                   {"400-800", "576k at 500 tokens, 1.15M at 250, 11,149 at the 25,831 of a page"},
		"30,000 requests per minute: documents a day":                  {"43.2M", "43.2M"},
		"before, one provider (GPT-4o, tier 1): documents a day":       {"29k", "28,800 at 1,500 tokens, 39,452 at the 1,095 of a page"},
		"GPT-4o-mini, 20 % to GPT-4o: documents a day on tiers 1 to 5": {"2M+", "10,000 · 111k · 223k · 557k · 8.36M"},
	}
	for _, c := range plan.Guide(price.Builtin(), golden) {
		if w, ok := want[c.What]; ok && w != [2]string{c.Printed, c.True} {
			t.Errorf("%s: printed %q, true %q; want %q", c.What, c.Printed, c.True, w)
		}
		delete(want, c.What)
	}
	for what := range want {
		t.Errorf("%q is not among the claims", what)
	}
}
