package local

import (
	"math"
	"slices"
)

// weights are the numbers of the score.
type weights struct {
	Row     row     // of what speaks for a kind
	Outside float64 // added to the score of kinds outside every taxonomy
	Foreign float64 // added to the score of kinds of other taxonomies
	Null    look    // of how a document looks of which the text says nothing

	Shape [shapes]look // added to the score of kinds of a shape, for how the document looks
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
	b := w.of(seen)
	for i := range rows {
		z := b.origin[kinds[i].where] + b.shape[kinds[i].shape]
		for f, x := range rows[i] {
			z += w.Row[f] * x
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

// judge returns the probability of each kind and, last, of a text that says nothing. A small
// share is spread over the categories and the last: however clear the evidence, some documents
// are not what they seem.
func (e *evidence) judge(l *lexicon, w *weights, seen look) []float64 {
	p := w.scores(e.rows, l.kinds, seen, nil)
	softmax(p)
	n := 1.0
	for _, k := range l.kinds {
		if k.where == category {
			n++
		}
	}
	for i := range p {
		if p[i] *= 1 - doubt; i == len(l.kinds) || l.kinds[i].where == category {
			p[i] += doubt / n
		}
	}
	return p
}

// doubt is the share of probability that no evidence can move.
const doubt = 0.01
