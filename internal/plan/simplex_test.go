package plan

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Where each model serves one stage and has one limit, the largest day is the least over the
// stages of the sum of its models' limits, in documents.
func TestMaximize(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var p problem
		limits := make(map[string][]ceiling)
		want := math.Inf(1)
		for s := range 1 + r.IntN(4) {
			load := stageLoad{share: 1e-3 + r.Float64()}
			sum := 0.0
			for m := range 1 + r.IntN(3) {
				name := string(rune('a'+s)) + string(rune('a'+m))
				most, tokens := math.Floor(1+1e9*r.Float64()), 1+1e5*r.Float64()
				limits[name] = []ceiling{{"tokens", most, func(a ask) float64 { return a.input }}}
				load.models = append(load.models, ask{model: name, input: tokens})
				sum += most / tokens
			}
			p.stages = append(p.stages, load)
			want = min(want, sum/load.share)
		}
		got, binds := p.solve(func(m string) []ceiling { return limits[m] })
		if math.Abs(got/want-1) > 1e-6 || binds == "" {
			t.Fatalf("%v by %q, want %v: %+v", got, binds, want, p)
		}
	}
}

// One model in two stages shares its limit among them, and a second takes over where that is
// worth most.
func TestMaximizeShared(t *testing.T) {
	one := func(ask) float64 { return 1 }
	p := problem{stages: []stageLoad{
		{1, []ask{{model: "a"}, {model: "b"}}},
		{0.5, []ask{{model: "a"}}},
	}}
	got, _ := p.solve(func(m string) []ceiling {
		return map[string][]ceiling{"a": {{"requests", 100, one}}, "b": {{"requests", 80, one}}}[m]
	})
	if math.Abs(got-120) > 1e-6 { // 60 of a look twice, 40 of a and 80 of b once
		t.Errorf("%v documents, want 120", got)
	}
}

func TestMaximizeUnbounded(t *testing.T) {
	if got, _ := maximize([][]float64{{0, 1}}, []float64{1}); !math.IsInf(got, 1) {
		t.Errorf("%v, want +Inf", got)
	}
}
