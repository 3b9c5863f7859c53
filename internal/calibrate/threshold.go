// Package calibrate finds out what a confidence is worth.
package calibrate

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Check is one answer that was held against the truth.
type Check struct {
	Group      string  // of documents of one origin
	Confidence float64 // in [0,1]
	Right      bool
	Weight     float64 // how much it counts, above 0
}

// steps is how finely thresholds are told apart.
const steps = 200

// fewest is how few accepted answers prove nothing.
const fewest = 20

// Threshold returns the least confidence from which on answers are right with the accuracy that
// is wanted, however the groups fall: in 19 of 20 samples of the groups with replacement (the
// bootstrap of Efron, 1979). Groups are drawn, not documents, since those of one origin stand or
// fall together. Where no confidence is worth that much it is 1, and it is never below 0.5. The
// same checks give the same threshold.
func Threshold(checks []Check, accuracy float64) float64 {
	groups := tallies(checks)
	rng := rand.New(rand.NewPCG(1, 2))
	const samples = 1000
	var missed [steps + 1]int // by threshold: how many samples fell short
	for range samples {
		var drawn tally
		for range groups {
			drawn.add(&groups[rng.IntN(len(groups))])
		}
		for i, at := range drawn {
			if at.right < accuracy*at.all {
				missed[i]++
			}
		}
	}
	var all tally
	for i := range groups {
		all.add(&groups[i])
	}
	for i := steps / 2; i < steps; i++ {
		if missed[i] <= samples/20 && all[i].answers >= fewest {
			return float64(i) / steps
		}
	}
	return 1
}

// tally is what is accepted from each threshold on.
type tally [steps + 1]struct {
	all, right float64 // by weight
	answers    int
}

func (t *tally) add(o *tally) {
	for i := range t {
		t[i].all += o[i].all
		t[i].right += o[i].right
		t[i].answers += o[i].answers
	}
}

func tallies(checks []Check) []tally {
	by := make(map[string]*tally)
	for _, c := range checks {
		t := by[c.Group]
		if t == nil {
			t = new(tally)
			by[c.Group] = t
		}
		for i := 0; i <= int(c.Confidence*steps); i++ {
			t[i].all += c.Weight
			t[i].answers++
			if c.Right {
				t[i].right += c.Weight
			}
		}
	}
	var out []tally
	for _, g := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[g])
	}
	return out
}
