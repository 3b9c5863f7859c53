package local

import (
	"math"
	"slices"
)

// weights are the numbers of the score.
type weights struct {
	Row     row     // of what speaks for a kind
	Scanned row     // added to Row for a text that was read from pictures
	Brief   row     // added for a short one, in so far as it is
	Outside float64 // added to the score of kinds outside every taxonomy
	Foreign float64 // added to the score of kinds of other taxonomies
	Null    look    // of how a document looks of which the text says nothing

	Shape [shapes]look // added to the score of kinds of a shape, for how the document looks

	calibration
}

// shapes is how many shapes there are.
const shapes = 10

// base is what a kind has whatever the text says, by where it comes from and by its shape.
type base struct {
	origin [3]float64
	shape  [shapes + 1]float64 // the last one for kinds without a shape
}

// of returns the base of kinds for the look of a document.
func (w *weights) of(l look) (b base) {
	b.origin[outside], b.origin[foreign] = w.Outside, w.Foreign
	for s := range w.Shape {
		b.shape[s] = w.Shape[s].dot(l)
	}
	return b
}

func (l look) dot(m look) (sum float64) {
	for i := range l {
		sum += l[i] * m[i]
	}
	return sum
}

// scores returns a score for each kind and, last, for a text that says nothing, in the memory of
// out.
func (w *weights) scores(rows []row, kinds []kind, seen look, out []float64) []float64 {
	out = slices.Grow(out[:0], len(rows)+1)[:len(rows)+1]
	b, weight := w.of(seen), w.Row
	for f := range weight {
		weight[f] += seen[pictured]*w.Scanned[f] + seen.brief()*w.Brief[f]
	}
	for i := range rows {
		z := b.origin[kinds[i].where] + b.shape[kinds[i].shape]
		for f, x := range rows[i] {
			z += weight[f] * x
		}
		out[i] = z
	}
	out[len(rows)] = w.Null.dot(seen)
	return out
}

// softmax turns scores into probabilities, in place.
func softmax(z []float64) {
	top := math.Inf(-1)
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for i, v := range z {
		z[i] = math.Exp(v - top)
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
}

// judge returns the probability of each kind and, last, of a text that says nothing.
func (e *evidence) judge(l *lexicon, w *weights, seen look) []float64 {
	p := w.scores(e.rows, l.kinds, seen, nil)
	w.probabilities(p, l.kinds)
	return p
}

// verdict is what is likeliest.
type verdict struct {
	answers      []float64 // the probability of each category
	best, second int       // among the categories; second may be below 0 for none
	rival        int       // among the kinds that are none of them, or below 0 for none
	unknown      float64   // the probability of none of the categories
}

// weighUp finds what is likeliest.
func weighUp(p []float64, kinds []kind) verdict {
	v := verdict{best: -1, second: -1, rival: -1, unknown: p[len(kinds)]}
	for i, k := range kinds {
		switch {
		case k.answer < 0:
			v.rival, v.unknown = likelier(p, v.rival, i), v.unknown+p[i]
		case k.answer == len(v.answers):
			v.answers = append(v.answers, p[i])
		default:
			v.answers[k.answer] += p[i]
		}
	}
	for i, x := range v.answers {
		switch {
		case v.best < 0 || x > v.answers[v.best]:
			v.best, v.second = i, v.best
		default:
			v.second = likelier(v.answers, v.second, i)
		}
	}
	return v
}

// speaker returns the likeliest of the kinds that count as a category.
func speaker(p []float64, kinds []kind, answer int) int {
	best := -1
	for i, k := range kinds {
		if k.answer == answer {
			best = likelier(p, best, i)
		}
	}
	return best
}

// likelier returns the likelier of two, the first of which may be below 0 for none.
func likelier(p []float64, i, j int) int {
	if i < 0 || p[j] > p[i] {
		return j
	}
	return i
}
