package plan

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/internal/price"
)

// Claim is a figure that the scaling guide prints, and what it comes to.
type Claim struct {
	What    string `json:"what"`
	Printed string `json:"printed"`
	True    string `json:"true"`
}

// The guide's models, and what stands for its backups, which are gone.
const (
	mini   = "openai/gpt-4o-mini"
	full   = "openai/gpt-4o"
	gemini = "google/gemini-2.5-flash-lite"
	claude = "anthropic/claude-haiku-4-5"
)

// Guide returns the scaling guide's own scenarios with the figures it prints beside those that
// the price book gives. Its call is a page of 1024 × 1024 pixels, 250 tokens of prompt, 80 of
// answer; its day has 100,000 documents, of which 20 % are asked about again.
func Guide(b *price.Book, at time.Time) []Claim {
	g := guide{b, at}
	claims := g.prices()
	claims = append(claims, g.days()...)
	claims = append(claims, g.limits()...)
	return append(claims, g.totals()...)
}

// minutes is the length of a day.
const minutes = 1440

type guide struct {
	book *price.Book
	at   time.Time
}

// options are those of the guide's call.
func (g guide) options() Options {
	return Options{
		Docs: 100_000, Prompt: 250, Output: 80, Text: 1, Page: price.Picture{Width: 1, Height: 1},
		At: g.at, Book: g.book,
	}.withDefaults()
}

// call returns the guide's call to a model.
func (g guide) call(model string) ask {
	return g.options().request(cascade.Spec{Model: model}, cascade.PageView, 0)
}

// usd returns n calls to a model, in dollars.
func (g guide) usd(n float64, model string) float64 { return n * g.call(model).nano / 1e9 }

func (g guide) prices() []Claim {
	perK := func(model string) string {
		c, _ := g.book.Cost(model, g.at, price.Tokens{Input: 1000})
		return "$" + c.String()
	}
	m := g.call(mini)
	return []Claim{
		{"GPT-4o-mini, 1,000 input tokens", "$0.00015", perK(mini)},
		{"GPT-4o, 1,000 input tokens", "$0.005", perK(full)},
		{"tokens of a GPT-4o-mini request", "1,000-1,500", Count(m.input + m.output)},
		{"a GPT-4o-mini request", "$0.003", fmt.Sprintf("$%.6f", g.usd(1, mini))},
		{"a GPT-4o request", "$0.010", fmt.Sprintf("$%.6f", g.usd(1, full))},
		{"a request to a backup", "$0.005", fmt.Sprintf("$%.6f Gemini, $%.6f Claude", g.usd(1, gemini), g.usd(1, claude))},
	}
}

// days are the guide's scenarios. A document that is asked about again pays for both calls.
func (g guide) days() []Claim {
	first := g.usd(100_000, mini) + g.usd(20_000, full)
	second := g.usd(95_000, mini) + g.usd(20_000, full) + g.usd(5_000, gemini)
	day := func(usd float64) string { return Dollars(price.Amount(math.Round(usd * 1e9))) }
	return []Claim{
		{"scenario 1, a day: 20 % upgraded", "$440", day(first)},
		{"scenario 1, a month of 30 days", "$13,200", day(30 * first)},
		{"scenario 2, a day: 5 % to a backup (Gemini)", "$450", day(second)},
		{"scenario 2, a month of 30 days", "$13,500", day(30 * second)},
		{"before: a day of GPT-4o alone", "$150", day(g.usd(100_000, full))},
	}
}

// limits are what the guide says of GPT-4o-mini's limits, which belong to two tiers: 30,000
// requests per minute to the fifth, 200,000 tokens per minute to the first; and of a day before,
// which GPT-4o's first tier explains.
func (g guide) limits() []Claim {
	first, _ := g.book.Limits(mini, 1)
	fifth, _ := g.book.Limits(mini, 5)
	before, _ := g.book.Limits(full, 1)
	day := func(l price.Limit, tokens float64) string { return Count(minutes * float64(l) / tokens) }
	tokens := func(model string) float64 { c := g.call(model); return c.input + c.output }
	return []Claim{
		{"30,000 requests per minute: documents a day", "43.2M", day(fifth.RPM, 1)},
		{"200,000 tokens per minute: documents a day", "400-800", fmt.Sprintf("%s at 500 tokens, %s at 250, %s at the %s of a page", day(first.TPM, 500), day(first.TPM, 250), day(first.TPM, tokens(mini)), Count(tokens(mini)))},
		{"the same account: documents a day, by requests per day", "", Count(float64(first.RPD))},
		{"before, one provider (GPT-4o, tier 1): documents a day", "29k", fmt.Sprintf("%s at 1,500 tokens, %s at the %s of a page", day(before.TPM, 1500), day(before.TPM, tokens(full)), Count(tokens(full)))},
	}
}

// totals are the largest days of the guide's cascade by tier of the accounts.
func (g guide) totals() []Claim {
	tiers := func(providers ...string) string {
		var days []string
		for tier := 1; tier <= 5; tier++ {
			days = append(days, Count(g.capacity(tier, providers...)))
		}
		return strings.Join(days, " · ")
	}
	const title = ": documents a day on tiers 1 to 5"
	return []Claim{
		{"GPT-4o-mini, 20 % to GPT-4o" + title, "2M+", tiers("openai")},
		{"Claude" + title, "500k+", tiers("anthropic")},
		{"Gemini" + title, "1M+", "not known: Google shows limits to the account alone"},
		{"all together" + title, "3.5M+", tiers("openai", "anthropic") + " without Gemini"},
	}
}

// capacity is what some providers take of the guide's cascade on a tier.
func (g guide) capacity(tier int, providers ...string) float64 {
	spec := func(m string) cascade.Spec { return cascade.Spec{Model: m} }
	backups := []cascade.Spec{spec(claude)}
	none := 0.0
	o := g.options()
	o.Limits = g.book.Tier(tier)
	d := newDay(cascade.Policy{Name: "guide", Stages: []cascade.Stage{
		{Name: "primary", Views: []cascade.View{cascade.PageView}, Models: []cascade.Spec{spec(mini)}, Backups: backups},
		{Name: "upgrade", Views: []cascade.View{cascade.PageView}, Models: []cascade.Spec{spec(full)}, Backups: backups, Confidence: &none},
	}}, o)
	c := d.capacity("", func(p string) bool { return slices.Contains(providers, p) })
	if c.Most == nil {
		return math.NaN()
	}
	return float64(*c.Most)
}

// Dollars writes a sum to the cent, such as $13,734.45; one below a cent as it is.
func Dollars(a price.Amount) string {
	const cent = 1e7
	if a != 0 && a < cent {
		return "$" + a.String()
	}
	cents := int64(a+cent/2) / cent
	return fmt.Sprintf("$%s.%02d", Grouped(cents/100), cents%100)
}

// Grouped writes n with a comma after each three digits.
func Grouped(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s,%03d", Grouped(n/1000), n%1000)
}

// Count writes a large number to three digits, such as 43.2M or 576k.
func Count(n float64) string {
	switch {
	case math.IsNaN(n):
		return "not known"
	case n >= 999.5e6:
		return fmt.Sprintf("%.3gG", n/1e9)
	case n >= 999.5e3:
		return fmt.Sprintf("%.3gM", n/1e6)
	case n >= 99_950:
		return fmt.Sprintf("%.0fk", n/1e3)
	}
	return Grouped(int64(math.Round(n)))
}
