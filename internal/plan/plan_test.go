package plan_test

import (
	"math"
	"strings"
	"testing"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/plan"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/taxonomy"
)

// policy is a small cascade: two equal models read text, another looks at pages.
const policy = `name: small
version: "1"
confidence: 0.8
stages:
  - {name: local, views: [text], models: [{model: local}]}
  - {name: text, views: [text], models: [{model: openai/gpt-4o-mini}, {model: anthropic/claude-haiku-4-5}]}
  - {name: page, views: [page_image], models: [{model: openai/gpt-4o}]}
`

func small(t *testing.T) cascade.Policy {
	t.Helper()
	p, err := cascade.ParsePolicy("small.yaml", []byte(policy), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func planned(t *testing.T, o plan.Options) plan.Plan {
	t.Helper()
	o.At = golden
	p, err := plan.New(small(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFlow(t *testing.T) {
	tests := []struct {
		name     string
		o        plan.Options
		requests []int // by use: local, text, page
		review   int
	}{
		{"each stage answers its share", plan.Options{Docs: 10_000}, []int{10_000, 2500, 375}, 75},
		{"shares may be given", plan.Options{Docs: 1000, Answers: map[string]float64{"local": 0, "text": 0.5, "page": 1}}, []int{1000, 1000, 500}, 0},
		{"scans pass stages that see text alone", plan.Options{Docs: 1000, NoText: 0.5}, []int{500, 125, 519}, 104},
		{"what fails goes to the next model", plan.Options{Docs: 10_000, Fallback: 0.1}, []int{10_000, 2500, 250, 375}, 75},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := planned(t, tt.o)
			var got []int
			sum := plan.Use{}
			for _, u := range p.Uses {
				got = append(got, u.Requests)
				sum.Input += u.Input
				sum.Cost.NanoUSD += u.Cost.NanoUSD
			}
			if len(got) != len(tt.requests) {
				t.Fatalf("%d uses, want %d", len(got), len(tt.requests))
			}
			for i := range got {
				if got[i] != tt.requests[i] {
					t.Errorf("use %d: %d requests, want %d", i, got[i], tt.requests[i])
				}
			}
			if p.Review != tt.review || p.Total.Input != sum.Input || p.Total.Cost.NanoUSD != sum.Cost.NanoUSD {
				t.Errorf("review %d, want %d; total %+v, want %+v", p.Review, tt.review, p.Total, sum)
			}
		})
	}
}

// A failed request counts towards the limits of its model, and is not paid for.
func TestFallbackIsNotPaidTwice(t *testing.T) {
	p := planned(t, plan.Options{Docs: 10_000, Fallback: 1})
	if u := p.Uses[1]; u.Requests != 2500 || u.Input != 0 || u.Cost.NanoUSD != 0 {
		t.Errorf("the first model: %+v, want requests alone", u)
	}
}

func TestCapacity(t *testing.T) {
	limits := map[string]price.Limits{
		"openai/gpt-4o-mini":         {RPM: 100},
		"openai/gpt-4o":              {RPM: 10},
		"anthropic/claude-haiku-4-5": {RPM: 60},
	}
	// 25 % of the documents reach the text, 3.75 % the page.
	p := planned(t, plan.Options{Docs: 100_000, Limits: limits, Load: 0.5})
	tests := []struct {
		got   plan.Capacity
		who   string
		most  int
		binds string
		gaps  string
	}{
		{p.Alone[0], "openai", 384_000, "requests per minute of openai/gpt-4o", ""},
		{p.Alone[1], "anthropic", 345_600, "requests per minute of anthropic/claude-haiku-4-5", "page"},
		{*p.All, "all", 384_000, "requests per minute of openai/gpt-4o", ""},
		{p.Lost[0], "without openai", 345_600, "requests per minute of anthropic/claude-haiku-4-5", "page"},
		{p.Lost[1], "without anthropic", 384_000, "requests per minute of openai/gpt-4o", ""},
	}
	for _, tt := range tests {
		c := tt.got
		if c.Who != tt.who || *c.Most != tt.most || c.Binds != tt.binds || strings.Join(c.Gaps, " ") != tt.gaps {
			t.Errorf("%s: %d by %q, gaps %v; want %s: %d by %q, gaps %q", c.Who, *c.Most, c.Binds, c.Gaps, tt.who, tt.most, tt.binds, tt.gaps)
		}
		if want := float64(tt.most)/2/100_000 - 1; *c.Planned != tt.most/2 || math.Abs(*c.Headroom-want) > 1e-9 {
			t.Errorf("%s: planned %d, headroom %v; want half, and %v", c.Who, *c.Planned, *c.Headroom, want)
		}
	}
	if first := p.Limits[0]; first.Model != "openai/gpt-4o" || first.Most != 14_400 || first.Used != 3750 {
		t.Errorf("the first limit to bind is %+v", first)
	}
}

// Two models of one stage add up when each is the only thing that holds its provider back.
func TestEqualModelsAddUp(t *testing.T) {
	p := planned(t, plan.Options{Docs: 1, Limits: map[string]price.Limits{
		"openai/gpt-4o-mini": {RPM: 100}, "openai/gpt-4o": {RPM: 1000}, "anthropic/claude-haiku-4-5": {RPM: 60},
	}})
	if want := 160 * 1440 * 4; *p.All.Most != want {
		t.Errorf("all take %d, want %d", *p.All.Most, want)
	}
}

func TestUnknownLimits(t *testing.T) {
	p := planned(t, plan.Options{Docs: 1, Limits: map[string]price.Limits{"openai/gpt-4o-mini": {RPM: 1}}})
	if p.All.Most != nil || strings.Join(p.All.Unknown, " ") != "page" {
		t.Errorf("with a stage of which nothing is known: %+v", *p.All)
	}
	p = planned(t, plan.Options{Docs: 1, Limits: map[string]price.Limits{"openai/gpt-4o-mini": {RPM: 1}, "openai/gpt-4o": {RPM: 1}}})
	if p.All.Most == nil || !p.All.AtLeast {
		t.Errorf("with a model of which nothing is known: %+v", *p.All)
	}
	if !strings.Contains(strings.Join(p.Notes, "\n"), "the limits of anthropic/claude-haiku-4-5 are not known") {
		t.Errorf("notes %q do not say so", p.Notes)
	}
}

// Batches are bound by their queue, which a day's tokens have to fit into.
func TestBatchQueue(t *testing.T) {
	o := plan.Options{Docs: 1, Prompt: 750, Batch: true, Limits: map[string]price.Limits{
		"openai/gpt-4o-mini": {RPM: 1, Queue: 1_000_000}, "openai/gpt-4o": {Queue: 1e9},
	}}
	if p := planned(t, o); *p.All.Most != 4000 { // 1,000 tokens for each of a quarter
		t.Errorf("%d documents, want 4000", *p.All.Most)
	}
}

func TestAPriceThatIsNotKnown(t *testing.T) {
	for spec, want := range map[*cascade.Spec]string{
		{Model: "openai/mine"}:           "unknown",
		{Model: "vllm/mine", Free: true}: "$0", // its owner says so
	} {
		p, err := plan.New(cascade.Policy{Name: "own", Stages: []cascade.Stage{
			{Name: "only", Views: []cascade.View{cascade.PageView}, Models: []cascade.Spec{*spec}},
		}}, plan.Options{Docs: 1, At: golden})
		if err != nil || p.Total.Cost.String() != want {
			t.Errorf("%s: cost %v, error %v; want %s", spec.Model, p.Total.Cost, err, want)
		}
	}
}

func TestLocalPolicy(t *testing.T) {
	p, err := cascade.Find("local", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.New(p, plan.Options{Docs: 1000})
	if err != nil || got.All != nil || got.Total.Cost.String() != "$0" {
		t.Errorf("plan %+v, error %v; want no provider and no cost", got, err)
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name string
		o    plan.Options
		want string
	}{
		{"no documents", plan.Options{}, "documents: 0: give a number from 1 to 100000000"},
		{"a stage that there is not", plan.Options{Docs: 1, Answers: map[string]float64{"vision": 1}}, `no stage "vision"; it has ["local" "text" "page"]`},
		{"more than all", plan.Options{Docs: 1, Answers: map[string]float64{"text": 1.5}}, "stage text: 1.5 is no share"},
		{"less than nothing", plan.Options{Docs: 1, NoText: -1}, "-1 is no share"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plan.New(small(t), tt.o)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want an invalid one with %q", err, tt.want)
			}
		})
	}
}

func TestPromptTokens(t *testing.T) {
	all, err := taxonomy.Find("all")
	if err != nil {
		t.Fatal(err)
	}
	finance, err := taxonomy.Find("finance")
	if err != nil {
		t.Fatal(err)
	}
	if a, f := plan.PromptTokens(all), plan.PromptTokens(finance); f < 100 || a < 2*f {
		t.Errorf("%d tokens for finance, %d for all", f, a)
	}
}

func TestWritten(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 999: "999", 28_800: "28,800", 576_000: "576k", 999_600: "1M", 43.2e6: "43.2M", 14.4e9: "14.4G", math.NaN(): "not known"} {
		if got := plan.Count(n); got != want {
			t.Errorf("Count(%v) = %q, want %q", n, got, want)
		}
	}
	for a, want := range map[price.Amount]string{0: "$0.00", 52_000: "$0.000052", 13_734_450_000_000: "$13,734.45", 1_234_567_891_000_000_000: "$1,234,567,891.00"} {
		if got := plan.Dollars(a); got != want {
			t.Errorf("Dollars(%d) = %q, want %q", a, got, want)
		}
	}
}

// Documents that come in within eight hours meet a third of the limits by the minute, and all of
// those by the day.
func TestHours(t *testing.T) {
	limits := map[string]price.Limits{"openai/gpt-4o-mini": {RPM: 3}, "openai/gpt-4o": {RPD: 162}}
	for hours, want := range map[int]int{24: 4320, 8: 4320, 2: 1440} {
		p := planned(t, plan.Options{Docs: 1, Hours: hours, Limits: limits})
		if *p.Alone[0].Most != want {
			t.Errorf("%d hours: %d documents, want %d", hours, *p.Alone[0].Most, want)
		}
	}
}

func TestNotes(t *testing.T) {
	p := planned(t, plan.Options{Docs: 1, Prompt: 2000})
	for _, want := range []string{
		"openai/gpt-4o-mini is switched off on 2027-01-14",
		"instructions of 2000 tokens are long enough for the caches of openai:",
	} {
		if !strings.Contains(strings.Join(p.Notes, "\n"), want) {
			t.Errorf("notes %q do not say %q", p.Notes, want)
		}
	}
}

// A prompt of 2,000 tokens, half of the time in luna's cache: a hit costs $0.01 a million tokens,
// keeping one $0.125; 250 tokens of text come to $0.10 and 20 of answer to $0.50.
func TestCacheHits(t *testing.T) {
	p := one(t, "openai/gpt-6-luna", cascade.TextView, 1000, plan.Options{Docs: 1_000_000, Prompt: 2000, CacheHits: 0.5})
	if got, want := p.Total.Cost.String(), "$170"; got != want || p.Total.Cached != 1_000_000_000 {
		t.Errorf("%s, %d tokens cached; want %s, half of the prompts", got, p.Total.Cached, want)
	}
	short := one(t, "openai/gpt-6-luna", cascade.TextView, 1000, plan.Options{Prompt: 1000, CacheHits: 1})
	if short.Total.Cached != 0 {
		t.Errorf("%d tokens of a short prompt are cached, want none", short.Total.Cached)
	}
}

// The largest day of the dearest model is still a sum.
func TestLargest(t *testing.T) {
	p := one(t, "openai/gpt-6-astra", cascade.PageView, plan.MaxText, plan.Options{
		Docs: plan.MaxDocs, Prompt: 20_000, Text: plan.MaxText, Output: plan.MaxOutput,
	})
	if !p.Total.Cost.Known || p.Total.Cost.NanoUSD < 1e17 || p.Month.Known && p.Month.NanoUSD < 0 {
		t.Errorf("a day of %s, a month of %s", p.Total.Cost, p.Month)
	}
}
