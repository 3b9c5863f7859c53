package ole

import "math"

// shortNumber reads a number of four bytes: the upper ones of a float or an integer, either
// perhaps in hundredths.
func shortNumber(n uint32) float64 {
	const hundredths, integer = 1, 2
	v := math.Float64frombits(uint64(n&^3) << 32)
	if n&integer != 0 {
		v = float64(int32(n) >> 2)
	}
	if n&hundredths != 0 {
		v /= 100
	}
	return v
}
