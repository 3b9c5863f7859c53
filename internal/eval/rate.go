package eval

import "math"

// Rate is how many of how many, with the interval of 95 % after Wilson (1927), which holds for
// small numbers and for rates near 0 and 1.
type Rate struct {
	Count int     `json:"count"`
	Of    int     `json:"of"`
	Value float64 `json:"value"` // Count/Of; 0 for none
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// NewRate returns the rate of count out of n.
func NewRate(count, n int) Rate {
	r := Rate{Count: count, Of: n, High: 1}
	if n == 0 {
		return r
	}
	const z = 1.959964 // of the normal distribution, 2.5 % on either side
	size := float64(n)
	r.Value = float64(count) / size
	middle := (r.Value + z*z/(2*size)) / (1 + z*z/size)
	half := z / (1 + z*z/size) * math.Sqrt(r.Value*(1-r.Value)/size+z*z/(4*size*size))
	r.Low, r.High = max(0, middle-half), min(1, middle+half)
	return r
}

// rate counts the cases for which is holds.
func rate(cases []Case, is func(Case) bool) Rate {
	n := 0
	for _, c := range cases {
		if is(c) {
			n++
		}
	}
	return NewRate(n, len(cases))
}
