package local

import (
	"math"
	"slices"
)

// row is what speaks for and against one kind. Every kind is judged by the same weights, so
// that one that no training document shows works from its phrases alone.
type row [features]float64

// What stands in a row.
const (
	headings = iota // titles in a heading
	titles          // titles elsewhere
	early           // cues, less the later they stand, from the first lines on
	anywhere        // cues, less the later they stand, from the first pages on
	counter         // phrases that speak against it
	many            // how many phrases speak for it
	share           // how much of all that could speak for it does
	learnt          // phrases that were learned from documents
	features
)

// The words into a text at which a phrase weighs half.
const (
	soon = 100
	late = 800
)

// near is how much a phrase weighs that much later.
func (m match) near(half float64) float64 { return half / (half + float64(m.at)) }

// weigh fills in the rows. Sums are saturated by a root: ten cues say no ten times as much as one.
func (e *evidence) weigh(l *lexicon) {
	e.rows = slices.Grow(e.rows[:0], len(l.kinds))[:len(l.kinds)]
	clear(e.rows)
	for _, m := range e.found {
		for _, u := range l.phrases[m.phrase].uses {
			r := &e.rows[u.kind]
			switch {
			case u.role == against:
				r[counter] += m.near(late) * u.weight
				continue
			case u.role == title && m.head:
				r[headings] += u.weight
			case u.role == title:
				r[titles] += m.near(late) * u.weight
			default:
				r[early] += m.near(soon) * u.weight
				r[anywhere] += m.near(late) * u.weight
			}
			r[many]++
			r[share] += u.weight
		}
	}
	for i := range e.rows {
		r := &e.rows[i]
		for _, f := range []int{headings, titles, early, anywhere, counter} {
			r[f] = math.Sqrt(r[f])
		}
		r[many] = math.Log1p(r[many])
		r[share] = math.Sqrt(r[share] / max(l.weight[i], 1))
	}
}
