// Package plan foresees a day of documents: what a policy takes in requests, tokens and money,
// which limit of a provider is reached first, and what is left when a provider is lost.
package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

// Options says what a day is like. Of the fields without a default, 0 is what it says.
type Options struct {
	// Docs is the number of documents a day.
	Docs int

	// Answers is, by stage, the share in [0,1] of the documents reaching it that it answers; the
	// rest goes on. Default: DefaultAnswers.
	Answers map[string]float64

	// NoText is the share of documents of which no text can be read. Stages that see text alone
	// are passed over by them.
	NoText float64

	// Fallback is the share of requests to a stage's first model that fail and go to the next.
	// A failed request counts towards limits and costs nothing.
	Fallback float64

	// Prompt is the length of the instructions, in tokens. PromptTokens estimates it. Default 250.
	Prompt int

	// Text is how much text a document has, in characters; a stage shows its chars at most.
	// Default 4000.
	Text int

	// Output is the length of an answer, in tokens. Default 20: a category and a number in JSON.
	Output int

	// Page gives the proportions of a page. Default an upright A4 sheet.
	Page price.Picture

	// CacheHits is the share of prompts that a provider still keeps, if they are long enough. The
	// others are kept anew, which some models bill. With 0 nothing is kept.
	CacheHits float64

	// Batch sends everything in batches: cheaper, and bound by queues instead of minutes.
	Batch bool

	// At is the day of the prices. Default today.
	At time.Time

	// Limits is what providers let through, by model. A model that is not in it has limits that
	// are not known.
	Limits map[string]price.Limits

	// Hours is how many hours of the day documents come in, evenly. Limits by the minute count
	// during these alone. Default 24.
	Hours int

	// Load is the share of a limit to plan with; the rest is for peaks and for asking again.
	// Default 0.65.
	Load float64

	// Book is where prices and image rules stand. Default price.Builtin.
	Book *price.Book
}

// Plan is what a day takes.
type Plan struct {
	Policy  string       `json:"policy"`
	Docs    int          `json:"docs_per_day"`
	Day     string       `json:"day"`            // of the prices
	Checked string       `json:"prices_checked"` // when they were last held to their sources
	Batch   bool         `json:"batch"`
	Hours   int          `json:"hours"` // of the day in which documents come in
	Load    float64      `json:"load"`  // the share of a limit that is planned with
	Uses    []Use        `json:"uses"`  // by stage, then model
	Total   Use          `json:"total"`
	Review  int          `json:"review"` // documents that no stage answers
	Limits  []Pressure   `json:"limits"` // fullest first: the first one binds
	Alone   []Capacity   `json:"alone"`  // each provider by itself
	All     *Capacity    `json:"all"`    // nil when no provider is asked
	Lost    []Capacity   `json:"lost"`   // all but one
	Guide   []Claim      `json:"guide"`
	Notes   []string     `json:"notes"`
	Month   cascade.Cost `json:"month_of_30_days"`
}

// Use is what one model does in one stage on one day.
type Use struct {
	Stage     string       `json:"stage"`
	Model     string       `json:"model"`
	Documents int          `json:"documents"` // that reach the stage
	Requests  int          `json:"requests"`
	Input     int          `json:"input_tokens"`
	Cached    int          `json:"cached_tokens"` // part of Input
	Output    int          `json:"output_tokens"`
	Cost      cascade.Cost `json:"cost"`
}

// DefaultAnswers is the share of the documents reaching a stage that it answers, unless told
// otherwise: 75 % where the local model stands, 85 % where text is read, 80 % where pages are
// looked at, and all where any answer is accepted. They are assumptions, not measurements:
// docsift eval measures them on documents of one's own.
func DefaultAnswers(s cascade.Stage) float64 {
	switch {
	case s.Confidence != nil && *s.Confidence == 0:
		return 1
	case s.Models[0].Model == local:
		return 0.75
	case s.Views[0] == cascade.TextView:
		return 0.85
	}
	return 0.80
}

// The largest numbers that a plan takes.
const (
	MaxDocs   = 100_000_000 // documents a day
	MaxPrompt = 100_000     // tokens
	MaxText   = 1_000_000   // characters
	MaxOutput = 10_000      // tokens
)

// local is the model that asks nobody.
const local = "local"

// CharsPerToken is how many characters of text make a token: the usual figure for English.
// Other languages make more tokens of them.
const CharsPerToken = 4

// PromptTokens estimates the tokens of the instructions for t: their characters and some 110 of
// facts and marks around the document's text, at CharsPerToken.
func PromptTokens(t *taxonomy.Taxonomy) int {
	return textTokens(len([]rune(chat.Instructions(model.Request{Taxonomy: t}))) + 110)
}

// textTokens returns chars / CharsPerToken, rounded up.
func textTokens(chars int) int { return (chars + CharsPerToken - 1) / CharsPerToken }

// New plans a day of p. What does not fit is fault.Invalid.
func New(p cascade.Policy, o Options) (Plan, error) {
	o = o.withDefaults()
	if err := o.check(p); err != nil {
		return Plan{}, err
	}
	d := newDay(p, o)
	out := Plan{
		Policy: p.Name, Docs: o.Docs, Day: o.At.Format(time.DateOnly), Checked: o.Book.Checked(),
		Batch: o.Batch, Hours: o.Hours, Load: o.Load, Review: round(d.left * float64(o.Docs)),
		Uses: []Use{}, Alone: []Capacity{}, Lost: []Capacity{}, Notes: []string{},
		Guide: Guide(o.Book, o.At), Total: Use{Documents: o.Docs, Cost: cascade.Cost{Known: true}},
	}
	for _, u := range d.uses() {
		out.Uses = append(out.Uses, u)
		out.Total.add(u)
	}
	out.Month = cost(30*float64(out.Total.Cost.NanoUSD), out.Total.Cost.Known)
	out.Limits = d.pressures()
	d.capacities(&out)
	out.Notes = append(out.Notes, d.notes()...)
	return out, nil
}

func (u *Use) add(v Use) {
	u.Requests += v.Requests
	u.Input += v.Input
	u.Cached += v.Cached
	u.Output += v.Output
	u.Cost = u.Cost.Plus(v.Cost)
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		field *int
		value int
	}{{&o.Prompt, 250}, {&o.Text, 4000}, {&o.Output, 20}, {&o.Hours, 24}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if o.Page.Width == 0 {
		o.Page = price.Picture{Width: 210, Height: 297}
	}
	if o.At.IsZero() {
		o.At = time.Now().UTC()
	}
	if o.Load == 0 {
		o.Load = 0.65
	}
	if o.Book == nil {
		o.Book = price.Builtin()
	}
	return o
}

func (o Options) check(p cascade.Policy) error {
	for _, n := range []struct {
		what        string
		value, most int
	}{
		{"documents", o.Docs, MaxDocs}, {"tokens of instructions", o.Prompt, MaxPrompt}, {"characters of text", o.Text, MaxText},
		{"tokens of output", o.Output, MaxOutput}, {"page width", o.Page.Width, 1e6}, {"page height", o.Page.Height, 1e6},
	} {
		if n.value < 1 || n.value > n.most {
			return fault.New(fault.Invalid, nil, "%s: %d: give a number from 1 to %d", n.what, n.value, n.most)
		}
	}
	if o.Hours < 1 || o.Hours > 24 {
		return fault.New(fault.Invalid, nil, "%d hours: give a number from 1 to 24", o.Hours)
	}
	for _, s := range []float64{o.NoText, o.Fallback, o.CacheHits, o.Load} {
		if !(s >= 0 && s <= 1) {
			return fault.New(fault.Invalid, nil, "%v is no share from 0 to 1", s)
		}
	}
	stages := make(map[string]bool)
	var names []string
	for _, s := range p.Stages {
		stages[s.Name] = true
		names = append(names, s.Name)
	}
	for name, share := range o.Answers {
		switch {
		case !stages[name]:
			return fault.New(fault.Invalid, nil, "policy %s has no stage %q; it has %q", p.Name, name, names)
		case !(share >= 0 && share <= 1):
			return fault.New(fault.Invalid, nil, "stage %s: %v is no share from 0 to 1", name, share)
		}
	}
	return nil
}

// notes says what a reader should know of the models: which ends, and of which the limits are
// not known.
func (d day) notes() []string {
	var notes, unknown []string
	for _, m := range d.models() {
		if s := d.o.Book.Shutdown(m); s != "" {
			verb := "is"
			if s <= d.o.At.Format(time.DateOnly) {
				verb = "was"
			}
			notes = append(notes, fmt.Sprintf("%s %s switched off on %s: choose another in the policy", m, verb, s))
		}
		if len(d.ceilings(m)) == 0 {
			unknown = append(unknown, m)
		}
	}
	if len(unknown) > 0 {
		line := "rpm: 5000, tpm: 2000000"
		if d.o.Batch {
			line = "queue: 20000000"
		}
		notes = append(notes, fmt.Sprintf("the limits of %s are not known: look them up in your account and give them in a file of --limits, a line a model, such as %s: {%s}", strings.Join(unknown, ", "), unknown[0], line))
	}
	if n := d.keepers(); n != "" && d.o.CacheHits == 0 {
		notes = append(notes, fmt.Sprintf("instructions of %d tokens are long enough for the caches of %s: --cache-hits says how often they are found there", d.o.Prompt, n))
	}
	return notes
}

// keepers names the providers that keep instructions as long as these.
func (d day) keepers() string {
	var names []string
	for _, m := range d.models() {
		least := d.o.Book.CacheMin(m)
		if least > 0 && d.o.Book.TextTokens(m, d.o.Prompt) >= least && !slices.Contains(names, provider(m)) {
			names = append(names, provider(m))
		}
	}
	return strings.Join(names, ", ")
}

// cost returns a sum of nano-dollars; one too large to keep is not known.
func cost(nano float64, known bool) cascade.Cost {
	if nano >= math.MaxInt64 {
		return cascade.Cost{}
	}
	return cascade.Cost{NanoUSD: int64(math.Round(nano)), Known: known}
}

func round(f float64) int { return int(math.Round(f)) }
