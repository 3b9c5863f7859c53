package docsift

import (
	"slices"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// weigh returns the choice made and a probability for each. What a model has for none of them is
// divided evenly where no choice stands for that, which leaves their order as it is.
func (q *asked) weigh(o *cascade.Outcome) (choice int, p []float64) {
	choice = slices.Index(q.names, o.Classification)
	if o.ConfidenceKind != model.ScoreProbability || o.Scores == nil {
		return max(choice, 0), stated(len(q.names), choice, o.Confidence)
	}
	total := 0.0
	for _, v := range o.Scores {
		total += v
	}
	if !(total > 0) {
		return max(choice, 0), stated(len(q.names), choice, o.Confidence)
	}
	none := o.Scores[taxonomy.Unknown] / total
	if slices.Contains(q.names, taxonomy.Unknown) {
		none = 0
	}
	p = make([]float64, len(q.names))
	for i, name := range q.names {
		p[i] = o.Scores[name]/total + none/float64(len(p))
	}
	if choice < 0 {
		choice = slices.Index(p, slices.Max(p))
	}
	return choice, p
}

// stated gives the choice made the confidence that was stated, but no less than chance, and all
// others the rest alike. Without either, nothing is known.
func stated(n, choice int, confidence *float64) []float64 {
	chance := 1 / float64(n)
	if choice < 0 || confidence == nil {
		return slices.Repeat([]float64{chance}, n)
	}
	own := max(*confidence, chance)
	p := slices.Repeat([]float64{(1 - own) / float64(n-1)}, n)
	p[choice] = own
	return p
}
