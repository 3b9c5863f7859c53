package calibrate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/docsift/docsift/internal/calibrate"
)

// answers makes checks of which a share as large as their confidence is right, in groups of ten.
func answers(groups int, right func(group int, confidence float64) bool) []calibrate.Check {
	rng := rand.New(rand.NewPCG(3, 4))
	var out []calibrate.Check
	for g := range groups {
		for range 10 {
			p := 0.5 + rng.Float64()/2
			out = append(out, calibrate.Check{Group: fmt.Sprint(g), Confidence: p, Weight: 1, Right: right(g, p)})
		}
	}
	return out
}

func TestThreshold(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	honest := func(_ int, p float64) bool { return rng.Float64() < p }
	tests := []struct {
		name     string
		checks   []calibrate.Check
		from, to float64
	}{
		{"all right", answers(50, func(int, float64) bool { return true }), 0.5, 0.5},
		{"all wrong", answers(50, func(int, float64) bool { return false }), 1, 1},
		{"none", nil, 1, 1},
		{"few", answers(1, func(int, float64) bool { return true }), 1, 1},
		// From t on, an honest confidence is right in (1+t)/2 of cases: 97 % from 0.94 on.
		{"honest ones", answers(400, honest), 0.94, 0.98},
		// 12 of 400 groups that are always wrong make 3 %: 97 % in the mean is no promise.
		{"a few bad senders", answers(400, func(g int, _ float64) bool { return g%33 != 0 }), 0.97, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := calibrate.Threshold(tt.checks, 0.97)
			if got < tt.from || got > tt.to {
				t.Errorf("threshold %v, want one from %v to %v", got, tt.from, tt.to)
			}
			if again := calibrate.Threshold(tt.checks, 0.97); again != got {
				t.Errorf("threshold %v, and %v again", got, again)
			}
		})
	}
}

// Documents of one origin stand or fall together: with the same answers in fewer groups less is sure.
func TestThresholdHoldsOverGroups(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	honest := func(_ int, p float64) bool { return rng.Float64() < p*p }
	alone := answers(300, honest)
	joined := append([]calibrate.Check(nil), alone...)
	for i := range joined {
		joined[i].Group = fmt.Sprint(i % 7)
		alone[i].Group = fmt.Sprint(i)
	}
	few, many := calibrate.Threshold(joined, 0.95), calibrate.Threshold(alone, 0.95)
	if few < many-0.02 {
		t.Errorf("threshold %v of 7 groups is lower than %v of 3000", few, many)
	}
}
