package local

import (
	"fmt"
	"math"

	"github.com/docsift/docsift/internal/calibrate"
)

// calibration makes probabilities of scores that mean what they say on documents of other senders.
type calibration struct {
	Sharpness float64 // by which scores are multiplied
	Doubt     float64 // the share of probability that no evidence can move: some documents are not what they seem
	Accept    float64 // the confidence from which answers were right
}

func (c calibration) check() error {
	if !(c.Sharpness > 0 && c.Sharpness <= 10 && c.Doubt > 0 && c.Doubt < 1 && c.Accept > 0 && c.Accept <= 1) {
		return fmt.Errorf("a calibration of %v, %v, %v", c.Sharpness, c.Doubt, c.Accept)
	}
	return nil
}

// wanted is how many of the accepted answers are to be right.
const wanted = 0.97

// enough is how many documents it takes to judge a model by.
const enough = 100

// probabilities makes probabilities of scores, in place. The doubt is spread over the categories
// and, last, a text that says nothing.
func (c calibration) probabilities(z []float64, kinds []kind) {
	for i := range z {
		z[i] *= c.Sharpness
	}
	softmax(z)
	n := 1.0
	for i, k := range kinds {
		if k.answer == i {
			n++
		}
	}
	for i := range z {
		if z[i] *= 1 - c.Doubt; i == len(kinds) || kinds[i].answer == i {
			z[i] += c.Doubt / n
		}
	}
}

// calibrated finds the calibration on lessons judged by what the others teach, or keeps the one
// given where they are too few to tell.
func calibrated(lessons []lesson, start vector, given calibration) calibration {
	documents := 0.0
	for _, n := range lessons {
		documents += n.document
	}
	if documents < enough {
		return given
	}
	scores := make([][]float64, len(lessons))
	for part := range parts {
		var rest []lesson
		for _, n := range lessons {
			if partOf(n.group) != part {
				rest = append(rest, n)
			}
		}
		w := fit(rest, start)
		for i, n := range lessons {
			if partOf(n.group) == part {
				scores[i] = w.scores(n.rows, n.kinds, n.look, nil)
			}
		}
	}
	best := math.Inf(1)
	for _, sharpness := range [...]float64{0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.1, 1.2, 1.3, 1.5} {
		for _, doubt := range [...]float64{0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07} {
			c := calibration{Sharpness: sharpness, Doubt: doubt}
			if s := c.surprise(lessons, scores); s < best {
				best, given.Sharpness, given.Doubt = s, sharpness, doubt
			}
		}
	}
	given.Accept = calibrate.Threshold(given.checks(lessons, scores), wanted)
	return given
}

// surprise is the mean of -log(probability of the right answers).
func (c calibration) surprise(lessons []lesson, scores [][]float64) (sum float64) {
	var p []float64
	for i, n := range lessons {
		p = append(p[:0], scores[i]...)
		c.probabilities(p, n.kinds)
		sum -= n.weight * math.Log(max(n.chance(p), 1e-12))
	}
	return sum
}

// checks returns the answers that could be accepted.
func (c calibration) checks(lessons []lesson, scores [][]float64) []calibrate.Check {
	var out []calibrate.Check
	for i, n := range lessons {
		p := append([]float64(nil), scores[i]...)
		c.probabilities(p, n.kinds)
		if v := weighUp(p, n.kinds); v.answers[v.best] > v.unknown {
			out = append(out, calibrate.Check{Group: n.group, Confidence: v.answers[v.best], Right: n.right[v.best], Weight: n.document})
		}
	}
	return out
}
