// Package price says what an answer costs, exactly: whole tokens times whole nano-dollars.
package price

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// Amount is a sum of money in nano-dollars (10⁻⁹ US dollars). Micro-dollars would not do:
// a token at $0.10 a million costs 100 nano-dollars.
type Amount int64

// String returns the amount as a decimal number of dollars without trailing zeros, such as "0.003911".
func (a Amount) String() string {
	sign := ""
	n := uint64(a)
	if a < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%09d", sign, n/1e9, n%1e9)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// ParseAmount reads what String writes.
func ParseAmount(s string) (Amount, error) {
	whole, part, _ := strings.Cut(s, ".")
	if len(part) > 9 {
		return 0, fmt.Errorf("%q is finer than a nano-dollar", s)
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", 9-len(part)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a sum of dollars", s)
	}
	return Amount(n), nil
}

// Tokens is what is billed for one answer. Cached and CacheWrite are part of Input.
type Tokens struct {
	Input, Cached, CacheWrite, Output int
}

// Book is a list of prices by model, and of what it takes to foresee a bill: how a model counts
// pictures and text, and what its provider lets through. It is immutable.
type Book struct {
	checked  day
	rates    map[string][]rate
	shutdown map[string]day
	batch    map[string]int // percent off, by model or provider
	cacheMin map[string]int // tokens, by model or provider
	text     map[string]float64
	images   map[string][]imageRule
	limits   map[string]map[int]Limits // by tier
}

// rate is a price in force between two days and up to a size of prompt.
type rate struct {
	From       day   `yaml:"from"`  // first day, UTC; none: since ever
	Until      day   `yaml:"until"` // last day, UTC; none: until further notice
	UpTo       int   `yaml:"up_to"` // input tokens; 0: any
	Input      perM  `yaml:"in"`
	Cached     *perM `yaml:"cached"`      // default: as Input
	CacheWrite *perM `yaml:"cache_write"` // default: as Input
	Output     perM  `yaml:"out"`

	line int
}

// perM is dollars per million tokens, kept as nano-dollars per token.
type perM int64

// UnmarshalYAML refuses a price finer than a nano-dollar a token, rather than round it.
func (p *perM) UnmarshalYAML(n *yaml.Node) error {
	dollars, err := strconv.ParseFloat(n.Value, 64)
	if err != nil || dollars < 0 {
		return fmt.Errorf("line %d: %q is not a price in dollars per million tokens", n.Line, n.Value)
	}
	nano := math.Round(dollars * 1000)
	if math.Abs(nano-dollars*1000) > 1e-6 {
		return fmt.Errorf("line %d: %s dollars per million tokens is finer than a nano-dollar a token", n.Line, n.Value)
	}
	*p = perM(nano)
	return nil
}

type day struct{ time.Time }

// UnmarshalYAML reads a date such as 2026-12-31.
func (d *day) UnmarshalYAML(n *yaml.Node) (err error) {
	d.Time, err = time.Parse(time.DateOnly, n.Value)
	return err
}

//go:embed prices.yaml
var builtin []byte

// Builtin returns the prices that docsift ships with.
func Builtin() *Book { return loaded() }

var loaded = sync.OnceValue(func() *Book {
	b, err := Parse(builtin)
	if err != nil {
		panic("price: " + err.Error()) // part of the program: the first test run shows it
	}
	return b
})

// Parse reads a book in YAML: for each model a list of rates, the first that fits wins.
func Parse(data []byte) (*Book, error) {
	var f struct {
		Checked  day                       `yaml:"checked"` // the day the prices were looked up
		Models   map[string][]rate         `yaml:"models"`
		Shutdown map[string]day            `yaml:"shutdown"`
		Batch    map[string]int            `yaml:"batch"`
		CacheMin map[string]int            `yaml:"cache_min"`
		Text     map[string]float64        `yaml:"text"`
		Images   []imageRule               `yaml:"images"`
		Limits   map[string]map[int]Limits `yaml:"limits"`
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("read prices: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(f.Models) == 0 {
		return nil, errors.New("read prices: no models")
	}
	if err := holes(f.Models); err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	if err := sensible(f.Batch, f.Text, f.Images); err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	b := &Book{
		checked: f.Checked, rates: f.Models, shutdown: f.Shutdown, batch: f.Batch, cacheMin: f.CacheMin,
		text: f.Text, images: make(map[string][]imageRule), limits: f.Limits,
	}
	for _, r := range f.Images {
		for _, m := range r.Models {
			b.images[m] = append(b.images[m], r)
		}
	}
	return b, nil
}

// sensible returns what is wrong with figures that YAML alone does not refuse.
func sensible(batch map[string]int, text map[string]float64, images []imageRule) error {
	for name, off := range batch {
		if off < 0 || off > 100 {
			return fmt.Errorf("batch: %s: %d percent is outside 0 to 100", name, off)
		}
	}
	for name, f := range text {
		if !(f > 0 && f <= 10) {
			return fmt.Errorf("text: %s: factor %v is outside 0 to 10", name, f)
		}
	}
	for _, r := range images {
		if len(r.Models) == 0 || r.Kind == "" || min(r.Base, r.Each, r.Most, r.Edge) < 0 || r.Factor < 0 {
			return fmt.Errorf("images: the rule %q of %q: it needs models, a kind, and no number below 0", r.Kind, r.Models)
		}
	}
	return nil
}

// Checked returns the day on which the book was last held to its sources, as YYYY-MM-DD.
func (b *Book) Checked() string { return b.checked.Format(time.DateOnly) }

// Cost returns what t costs with the given model at the given time.
// It reports false, never a guess, when the book has no price for it.
func (b *Book) Cost(model string, at time.Time, t Tokens) (Amount, bool) {
	for _, r := range b.rates[model] {
		if r.fits(at, t.Input) {
			return r.cost(t), true
		}
	}
	return 0, false
}

// Batch returns what t costs, as Cost does, when it is sent as part of a batch that may take a
// day. It reports false too when the model takes no batches.
func (b *Book) Batch(model string, at time.Time, t Tokens) (Amount, bool) {
	sum, ok := b.Cost(model, at, t)
	off := ofModel(b.batch, model)
	if sum == 0 {
		return 0, ok
	}
	return (sum*Amount(100-off) + 99) / 100, ok && off > 0
}

// CacheMin returns the least number of tokens at the start of a prompt that its provider keeps
// for the next one; 0 when it is not known to keep any.
func (b *Book) CacheMin(model string) int { return ofModel(b.cacheMin, model) }

// ofModel looks a model up, or else its provider.
func ofModel(by map[string]int, model string) int {
	if n, ok := by[model]; ok {
		return n
	}
	provider, _, _ := strings.Cut(model, "/")
	return by[provider]
}

// Shutdown returns the day on which a model is switched off, as YYYY-MM-DD, or "" when none
// is known.
func (b *Book) Shutdown(model string) string {
	d, ok := b.shutdown[model]
	if !ok {
		return ""
	}
	return d.Format(time.DateOnly)
}

// EndsSoon returns in how many whole days a model is switched off, below 0 when it is, and whether
// that is within 90 days. The day is one that Shutdown returns, or "".
func EndsSoon(day string, now time.Time) (left int, soon bool) {
	end, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, false
	}
	left = int(end.Sub(now).Hours() / 24)
	return left, left <= 90
}

func (r rate) fits(at time.Time, input int) bool {
	return inForce(r.From, r.Until, at) && (r.UpTo == 0 || input <= r.UpTo)
}

// inForce reports whether at lies between two days, either of which may be missing.
func inForce(from, until day, at time.Time) bool {
	return (from.IsZero() || !at.Before(from.Time)) && (until.IsZero() || at.Before(until.AddDate(0, 0, 1)))
}

func (r rate) cost(t Tokens) Amount {
	fresh := t.Input - t.Cached - t.CacheWrite
	return Amount(fresh)*Amount(r.Input) +
		Amount(t.Cached)*Amount(or(r.Cached, r.Input)) +
		Amount(t.CacheWrite)*Amount(or(r.CacheWrite, r.Input)) +
		Amount(t.Output)*Amount(r.Output)
}

func or(p *perM, fallback perM) perM {
	if p == nil {
		return fallback
	}
	return *p
}
