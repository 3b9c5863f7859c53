package local

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/docsift/docsift/taxonomy"
)

// phrasebook holds the phrases that were learned: by taxonomy, category and phrase, the logarithm
// of how much more often it stands in documents of the category than in others.
type phrasebook map[string]map[string]map[string]float64

// What is worth learning.
const (
	mostLearned = 100 // phrases of a category
	leastGroups = 2   // in which a phrase stands, or it may be a sender's name
	leastShare  = 0.1 // of a category's documents
	leastLift   = 1.0 // the logarithm
)

// tally is how much of a category's documents a phrase stands in, and in how many groups.
type tally struct {
	weight float64
	groups map[string]bool
}

// learnPhrases finds the phrases of each taxonomy's categories.
func learnPhrases(examples []Example, weights []float64) phrasebook {
	book := make(phrasebook)
	ids := make(map[string][]int)
	for i, x := range examples {
		ids[x.Taxonomy.ID] = append(ids[x.Taxonomy.ID], i)
	}
	for id, at := range ids {
		if learned := learnTaxonomy(examples, weights, at); len(learned) > 0 {
			book[id] = learned // else all of its documents were strangers
		}
	}
	return book
}

func learnTaxonomy(examples []Example, weights []float64, at []int) map[string]map[string]float64 {
	counts := make(map[string]map[string]*tally) // by phrase and label
	totals, all := make(map[string]float64), 0.0
	for _, i := range at {
		x := examples[i]
		label := x.Right[0]
		totals[label] += weights[i]
		all += weights[i]
		for term := range terms(x.Text) {
			by := counts[term]
			if by == nil {
				by = make(map[string]*tally)
				counts[term] = by
			}
			if by[label] == nil {
				by[label] = &tally{groups: make(map[string]bool)}
			}
			by[label].weight += weights[i]
			by[label].groups[x.Group] = true
		}
	}
	learned := make(map[string]map[string]float64)
	for label := range totals {
		if label != taxonomy.Unknown {
			learned[label] = strongestOf(counts, label, totals[label], all)
		}
	}
	return learned
}

// strongestOf returns the phrases that tell a label from the others best.
func strongestOf(counts map[string]map[string]*tally, label string, total, all float64) map[string]float64 {
	type claim struct {
		term        string
		lift, worth float64
	}
	const little = 0.05 // of a document, for what was never seen
	unit := all / 100
	var claims []claim
	for term, by := range counts {
		of := by[label]
		if of == nil || len(of.groups) < leastGroups || of.weight < leastShare*total {
			continue
		}
		others := 0.0
		for _, t := range by {
			others += t.weight
		}
		others -= of.weight
		lift := math.Log((of.weight+little*unit)/(total+unit)) - math.Log((others+little*unit)/(all-total+unit))
		if lift >= leastLift {
			claims = append(claims, claim{term, rounded(lift), lift * math.Sqrt(of.weight/total)})
		}
	}
	slices.SortFunc(claims, func(a, b claim) int { return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(a.term, b.term)) })
	out := make(map[string]float64)
	for _, c := range claims[:min(mostLearned, len(claims))] {
		out[c.term] = c.lift
	}
	return out
}

// termWords is how much of a text is learned from.
const termWords = 1000

// terms returns the words and the pairs of words at the beginning of a text, each once. Numbers
// and letters that stand alone are none.
func terms(text string) map[string]bool {
	out := make(map[string]bool)
	before := ""
	for r, n := (reader{text: text}), 0; n < termWords && r.read(); n++ {
		if len(r.word) < 2 || isNumber(r.word) {
			before = ""
			continue
		}
		word := string(r.word)
		if len(word) > 2 {
			out[word] = true
		}
		if before != "" {
			out[before+" "+word] = true
		}
		before = word
	}
	return out
}

// learned is what a phrase says of a kind.
type learned struct {
	kind int32
	lift float64
}

// take makes the phrases of t's categories ready.
func (l *lexicon) take(t *taxonomy.Taxonomy, book phrasebook) {
	for i, c := range t.Categories {
		for _, term := range slices.Sorted(maps.Keys(book[t.ID][c.Name])) {
			if l.learned == nil {
				l.learned = make(map[string][]learned)
			}
			l.learned[term] = append(l.learned[term], learned{int32(i), book[t.ID][c.Name][term]})
		}
	}
}

// recall adds what was learned to the rows.
func (e *evidence) recall(l *lexicon, text string) {
	e.recalled = e.recalled[:0]
	if l.learned == nil {
		return
	}
	for term := range terms(text) {
		if len(l.learned[term]) > 0 {
			e.recalled = append(e.recalled, term)
		}
	}
	slices.Sort(e.recalled) // so that sums are the same every time
	for _, term := range e.recalled {
		for _, u := range l.learned[term] {
			e.rows[u.kind][learnt] += u.lift
		}
	}
	for i := range e.rows {
		e.rows[i][learnt] = math.Sqrt(e.rows[i][learnt]) / 3
	}
}

// remembered returns the learned phrases that speak most for a kind, at most n.
func (e *evidence) remembered(l *lexicon, kind, n int) []string {
	lift := func(term string) float64 {
		for _, u := range l.learned[term] {
			if int(u.kind) == kind {
				return u.lift
			}
		}
		return 0
	}
	found := slices.DeleteFunc(slices.Clone(e.recalled), func(term string) bool { return lift(term) == 0 })
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(lift(b), lift(a)) })
	return found[:min(n, len(found))]
}

// Knows reports whether the model may judge documents under t: one with phrases is for the
// taxonomies that it was trained for, as they were.
func (t *Trained) Knows(tax *taxonomy.Taxonomy) bool {
	if t.book == nil {
		return true
	}
	for name := range t.book[tax.ID] {
		if !tax.Has(name) {
			return false
		}
	}
	return t.book[tax.ID] != nil
}

// Taxonomies returns the ids of the taxonomies that the model is for, or nil for any.
func (t *Trained) Taxonomies() []string { return slices.Sorted(maps.Keys(t.book)) }
