package price

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// With returns the book with another's entries in place of its own where both have one.
func (b *Book) With(own *Book) *Book {
	all := *b
	all.checked = own.checked
	all.rates, all.shutdown = over(b.rates, own.rates), over(b.shutdown, own.shutdown)
	all.batch, all.cacheMin = over(b.batch, own.batch), over(b.cacheMin, own.cacheMin)
	all.text, all.images = over(b.text, own.text), over(b.images, own.images)
	all.limits = over(b.limits, own.limits)
	return &all
}

func over[V any](below, above map[string]V) map[string]V {
	all := maps.Clone(below)
	if all == nil {
		return above
	}
	maps.Copy(all, above)
	return all
}

// Knows reports whether the book has a price for the model at the given time.
func (b *Book) Knows(model string, at time.Time) bool {
	_, ok := b.Cost(model, at, Tokens{Input: 1, Output: 1})
	return ok
}

// UnmarshalYAML refuses a rate without one of its two prices: what is left out is not 0.
func (r *rate) UnmarshalYAML(n *yaml.Node) error {
	type plain rate // without this method
	known := []string{"from", "until", "up_to", "in", "cached", "cache_write", "out"}
	var has []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !slices.Contains(known, key.Value) {
			return fmt.Errorf("line %d: %q is none of %s", key.Line, key.Value, strings.Join(known, ", "))
		}
		has = append(has, n.Content[i].Value)
	}
	for _, must := range []string{"in", "out"} {
		if !slices.Contains(has, must) {
			return fmt.Errorf("line %d: a price without %s: give dollars per million tokens, 0 where nothing is billed", n.Line, must)
		}
	}
	if err := n.Decode((*plain)(r)); err != nil {
		return err
	}
	r.line = n.Line
	return nil
}

// whole returns an error when the rates of a model leave days between them without a price.
func whole(rates []rate) error {
	if len(rates) == 0 {
		return errors.New("no prices")
	}
	byDay := slices.Clone(rates)
	slices.SortStableFunc(byDay, func(a, b rate) int { return a.From.Compare(b.From.Time) })
	covered := byDay[0]
	for _, r := range byDay[1:] {
		if !covered.Until.IsZero() && r.From.After(covered.Until.AddDate(0, 0, 1)) {
			return fmt.Errorf("line %d: there is no price between %s and %s: let one begin on the day after another ends",
				r.line, covered.Until.Format(time.DateOnly), r.From.Format(time.DateOnly))
		}
		if covered.Until.IsZero() || !r.Until.IsZero() && r.Until.Before(covered.Until.Time) {
			continue
		}
		covered.Until = r.Until
	}
	if covered.Until.IsZero() {
		return nil
	}
	return fmt.Errorf("line %d: there is no price after %s: give one that begins on the day after, or leave out until",
		byDay[len(byDay)-1].line, covered.Until.Format(time.DateOnly))
}

// holes returns an error for the first model, in the order of their names, whose prices have a hole.
func holes(all map[string][]rate) error {
	for _, model := range slices.Sorted(maps.Keys(all)) {
		if err := whole(all[model]); err != nil {
			return fmt.Errorf("%s: %w", model, err)
		}
	}
	return nil
}
