package chaos

import (
	"time"

	"github.com/docsift/docsift/internal/sim"
)

// Categories are what sheets are sorted into.
func Categories() []string { return categories() }

// Sheet is a sheet of a press.
type Sheet struct{ Name, Text, Label string }

// Hard returns n sheets that only the answer key knows.
func Hard(seed uint64, n int) []Sheet {
	p := press{seed: seed}
	var all []Sheet
	for range n {
		sh := p.hard()
		all = append(all, Sheet{sh.name, sh.text, sh.label})
	}
	return all
}

// Easy returns a sheet that the local model is sure of.
func Easy(seed uint64) Sheet {
	p := press{seed: seed}
	sh := p.easy()
	return Sheet{sh.name, sh.text, sh.label}
}

// Key is the answer key.
func Key(text string) string { return key(sim.Call{Text: []string{text}}).Label }

// BackAfter looks at a stream of good answers, one every 100 ms, by these.
func BackAfter(by []string, name string, healed time.Duration) time.Duration {
	start := time.Unix(0, 0)
	var answers []answer
	for i, who := range by {
		confidence := 0.9
		a := answer{sheet: sheet{label: "x"}, status: 200, Classification: "x", Confidence: &confidence, ProviderUsed: who}
		a.due = start.Add(time.Duration(i) * 100 * time.Millisecond)
		answers = append(answers, a)
	}
	return backAfter(answers, name, start.Add(healed))
}

// MostInAMinute counts calls at these times.
func MostInAMinute(at ...time.Duration) int {
	var calls []sim.Request
	for _, d := range at {
		calls = append(calls, sim.Request{Time: time.Unix(0, 0).Add(d)})
	}
	return mostInAMinute(calls)
}
