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
	headings   = iota // titles in a heading
	titles            // titles elsewhere
	early             // cues, less the later they stand, from the first lines on
	anywhere          // cues, less the later they stand, from the first pages on
	counter           // phrases that speak against it
	many              // how many phrases speak for it
	share             // how much of all that could speak for it does
	vocabulary        // words of its kind
	lead              // how much is found for it, of what is found for the kind of which most is
	learnt            // phrases that were learned from documents
	inName            // 1 where the name of the file says so, for what the text speaks for as well
	features
)

// The words into a text at which a phrase weighs half.
const (
	soon = 100
	late = 800
)

// leastMost is how much has to be found at least before the kind of which most is leads.
const leastMost = 10

// near is how much a phrase weighs that much later.
func (m match) near(half float64) float64 { return half / (half + float64(m.at)) }

// weigh fills in the rows. Sums are saturated by a root: ten cues say no ten times as much as one.
func (e *evidence) weigh(l *lexicon) {
	e.rows = slices.Grow(e.rows[:0], len(l.kinds))[:len(l.kinds)]
	clear(e.rows)
	for _, m := range e.found {
		for _, u := range l.usesOf(m.phrase) {
			r := &e.rows[u.kind]
			switch {
			case u.role == against:
				r[counter] += m.near(late) * u.weight
				continue
			case u.role == word:
				r[vocabulary] += m.near(late) * u.weight
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
	most := 0.0
	for i := range e.rows {
		most = max(most, l.scale[i]*e.rows[i].mass())
	}
	for i := range e.rows {
		r := &e.rows[i]
		r[lead] = l.scale[i] * r.mass() / max(most, leastMost)
		for _, f := range []int{headings, titles, early, anywhere, counter, vocabulary} {
			r[f] = math.Sqrt(r[f])
		}
		r[many] = math.Log1p(r[many])
		r[share] = math.Sqrt(r[share] / max(l.weight[i], 1))
	}
}

// heed takes a hint from the name of a file. It counts only for a kind that a phrase of the text
// speaks for, so that it never decides alone.
func (e *evidence) heed(l *lexicon, name string) {
	if name == "" {
		return
	}
	var said []int32
	for r := (reader{text: name}); len(said) < maxNameWords && r.read(); {
		said = append(said, l.stock.trie.lookup(r.word))
	}
	for i := range said {
		p, n := l.stock.trie.longest(said[i:])
		if n == 0 {
			continue
		}
		for _, u := range l.usesOf(p) {
			if r := &e.rows[u.kind]; u.role == title && r[many] > 0 {
				r[inName] = 1
			}
		}
	}
}

// maxNameWords is how much of a file's name is read.
const maxNameWords = 30

// mass is how much is found for a kind in all.
func (r *row) mass() float64 { return 2*r[headings] + r[titles] + r[anywhere] + r[vocabulary] }
