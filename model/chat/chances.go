package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// chances are the probabilities in an answer as they are written: an object by label, or a list
// of objects with value and probability. What stands twice is kept twice.
type chances []chance

type chance struct {
	Label       string   `json:"value"`
	Probability *float64 `json:"probability"`
}

// UnmarshalJSON reads either form. A null is none.
func (c *chances) UnmarshalJSON(b []byte) error {
	if b[0] != '{' {
		return json.Unmarshal(b, (*[]chance)(c))
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		label, err := dec.Token()
		if err != nil {
			return err
		}
		one := chance{Label: fmt.Sprint(label)}
		if err := dec.Decode(&one.Probability); err != nil {
			return err
		}
		*c = append(*c, one)
	}
	return nil
}

// of returns the probability of each label, 0 for one that is left out, and what is to be noted.
func (c chances) of(labels []string) (ps []float64, notes []string, err error) {
	if len(c) == 0 {
		return nil, nil, bad("the answer has no probabilities")
	}
	ps = make([]float64, len(labels))
	seen := make([]bool, len(labels))
	missing := len(labels)
	for _, one := range c {
		i := slices.Index(labels, one.Label)
		p := one.Probability
		switch {
		case p == nil || !(*p >= 0 && *p <= 1+leeway):
			return nil, nil, bad("the probability of %q is none", cut(one.Label, maxQuote))
		case i < 0 && *p > 0:
			return nil, nil, bad("there is a probability of %q, which was not offered", cut(one.Label, maxQuote))
		case i < 0:
			continue
		case seen[i]:
			return nil, nil, bad("there are two probabilities of %q", one.Label)
		}
		ps[i], seen[i] = *p, true
		missing--
	}
	return ps, noted(missing, len(labels)), nil
}

// leeway is how far the sum of probabilities may be from 1 when none is rounded: some servers
// compute them in 16 bits.
const leeway = 0.01

// settle makes the probabilities add up to 1. Each moves alike and, where they were rounded, by
// no more than that explains, so that 0.70 of a hundred categories does not become 1. A sum
// that is further off is fault.BadOutput.
func settle(ps []float64) error {
	sum, above := 0.0, 0
	for _, p := range ps {
		sum += p
		if p > 0 {
			above++
		}
	}
	gap, movable := 1-sum, len(ps)
	if gap < 0 {
		movable = above // what is 0 was not rounded up
	}
	if sum == 0 || math.Abs(gap) > max(leeway, grain(ps)/2*float64(movable))+tiny {
		return bad("the probabilities add up to %.2f instead of 1", sum)
	}
	if math.Abs(gap) < tiny {
		return nil
	}
	total := 0.0
	for i, p := range ps {
		if gap > 0 || p > 0 {
			ps[i] = max(0, p+gap/float64(movable))
		}
		total += ps[i]
	}
	for i := range ps {
		ps[i] /= total
	}
	return nil
}

// tiny is what arithmetic alone leaves.
const tiny = 1e-9

// grain returns the unit to which all of ps were rounded: 0.01 for two decimals, down to 0.000001.
func grain(ps []float64) float64 {
	unit := 0.01
	for unit > 1e-6 && slices.ContainsFunc(ps, func(p float64) bool { return math.Abs(p-math.Round(p/unit)*unit) > tiny }) {
		unit /= 10
	}
	return unit
}
