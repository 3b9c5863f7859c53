package main

import (
	"fmt"
	"strings"
)

// cents is an amount of money, so that every printed sum is exact.
type cents int64

// String writes 1,234.56, with a minus sign in front when negative.
func (c cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	whole := fmt.Sprint(int64(c / 100))
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return fmt.Sprintf("%s%s.%02d", sign, b.String(), int64(c%100))
}

// dollars writes $1,234.56.
func (c cents) dollars() string {
	if c < 0 {
		return "-$" + (-c).String()
	}
	return "$" + c.String()
}

// share returns perMille thousandths of c, rounded half up.
func (c cents) share(perMille int64) cents { return (c*cents(perMille) + 500) / 1000 }

func total(amounts ...cents) cents {
	var sum cents
	for _, a := range amounts {
		sum += a
	}
	return sum
}
