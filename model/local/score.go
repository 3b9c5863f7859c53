package local

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// maxWords is how much of a text is read. What a document is shows at its beginning.
const maxWords = 4000

// evidence is the memory of one reading.
type evidence struct {
	words []int32 // of the text
	known []bool  // by phrase: whether it was found
	found []match
	sums  []float64 // by kind
	count []int     // of the phrases that speak for a kind, by kind
}

// match is a phrase and where it was found first.
type match struct {
	phrase int32
	weight float64 // less the later it stands
}

var memory = sync.Pool{New: func() any { return new(evidence) }}

// gather reads text and finds the phrases in it. One inside a longer one does not count,
// nor does a repetition.
func (e *evidence) gather(l *lexicon, text string, half float64) {
	e.words = e.words[:0]
	for r := (reader{text: text, word: make([]byte, 0, 64)}); len(e.words) < maxWords && r.read(); {
		e.words = append(e.words, l.trie.lookup(r.word))
	}
	e.known = slices.Grow(e.known[:0], len(l.phrases))[:len(l.phrases)]
	clear(e.known)
	e.found = e.found[:0]
	end := 0
	for i := range e.words {
		p, n := l.trie.longest(e.words[i:])
		if i+n <= end || n == 0 {
			continue
		}
		end = i + n
		if !e.known[p] {
			e.known[p] = true
			e.found = append(e.found, match{p, half / (half + float64(i))})
		}
	}
}

// weigh adds up what was found.
func (e *evidence) weigh(l *lexicon) {
	e.sums = slices.Grow(e.sums[:0], len(l.kinds))[:len(l.kinds)]
	e.count = slices.Grow(e.count[:0], len(l.kinds))[:len(l.kinds)]
	clear(e.sums)
	clear(e.count)
	for _, m := range e.found {
		for _, u := range l.phrases[m.phrase].uses {
			e.sums[u.kind] += m.weight * u.weight
			if u.weight > 0 {
				e.count[u.kind]++
			}
		}
	}
}

// verdict is a judgement in probabilities.
type verdict struct {
	categories []float64
	least      float64 // what each category has, whatever the evidence
	null       float64 // that the text says nothing
	other      float64 // that it is of the kind rival
	rival      int
}

// judge turns the sums into probabilities. Of the kinds that count as unknown only the
// likeliest competes: they are many, and together they would outweigh any category.
func (e *evidence) judge(l *lexicon, w weights) verdict {
	v := verdict{null: w.Null, other: math.Inf(-1)}
	top := v.null
	for i, k := range l.kinds {
		score := math.Sqrt(max(0, e.sums[i]))
		switch k.where {
		case category:
			v.categories = append(v.categories, score)
		case outside:
			score += w.Outside
		case foreign:
			score += w.Foreign
		}
		if k.where != category && score > v.other {
			v.other, v.rival = score, i
		}
		top = max(top, score)
	}
	v.softmax(w, top)
	v.temper(e.count)
	return v
}

// softmax turns scores, top the highest, into probabilities. A small share is spread over
// all answers: however clear the evidence, some documents are not what they seem.
func (v *verdict) softmax(w weights, top float64) {
	total := 0.0
	all := append(v.slots(), &v.null, &v.other)
	for _, p := range all {
		*p = math.Exp(w.Scale * (*p - top))
		total += *p
	}
	for _, p := range all {
		*p *= (1 - w.Doubt) / total
	}
	v.least = w.Doubt / float64(len(v.categories)+1)
	for _, p := range all[:len(v.categories)+1] {
		*p += v.least
	}
}

// temper makes each category's probability smaller, for the benefit of "says nothing", the
// fewer phrases speak for it: one or two may stand in any text. Two leave eight ninths.
func (v *verdict) temper(phrases []int) {
	for i := range v.categories {
		n := float64(phrases[i])
		lost := (v.categories[i] - v.least) * math.Pow(1+n, -2)
		v.categories[i] -= lost
		v.null += lost
	}
}

func (v *verdict) slots() []*float64 {
	ps := make([]*float64, len(v.categories), len(v.categories)+2)
	for i := range v.categories {
		ps[i] = &v.categories[i]
	}
	return ps
}

// strongest returns the phrases that speak most for a kind, at most n.
func (e *evidence) strongest(l *lexicon, kind, n int) []string {
	type claim struct {
		phrase int32
		weight float64
	}
	var claims []claim
	for _, m := range e.found {
		for _, u := range l.phrases[m.phrase].uses {
			if int(u.kind) == kind && u.weight > 0 {
				claims = append(claims, claim{m.phrase, m.weight * u.weight})
			}
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return cmp.Compare(b.weight, a.weight) })
	var texts []string
	for _, c := range claims[:min(n, len(claims))] {
		texts = append(texts, l.phrases[c.phrase].text)
	}
	return texts
}
