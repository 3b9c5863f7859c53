package text

import (
	"strconv"
	"strings"
)

// colour is one of red, green and blue, with its opacity from 0 to 1.
type colour struct {
	r, g, b int
	opacity float64
}

func black() colour { return colour{0, 0, 0, 1} }
func white() colour { return colour{255, 255, 255, 1} }

// near reports whether a reader cannot tell two colours apart.
func (c colour) near(d colour) bool {
	const apart = 16 // levels of 255
	return max(c.r-d.r, d.r-c.r, c.g-d.g, d.g-c.g, c.b-d.b, d.b-c.b) <= apart
}

// parseColour reads a colour as style sheets write it. Of names it knows those that papers have.
func parseColour(s string) (colour, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "white", "snow", "ivory", "whitesmoke", "ghostwhite", "floralwhite":
		return white(), true
	case "transparent":
		return colour{}, true
	case "black":
		return black(), true
	}
	if hex, ok := strings.CutPrefix(s, "#"); ok {
		return hexColour(hex)
	}
	name, list, ok := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	if !ok || name != "rgb" && name != "rgba" {
		return colour{}, false
	}
	parts := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
	if len(parts) < 3 {
		return colour{}, false
	}
	c := colour{channel(parts[0]), channel(parts[1]), channel(parts[2]), 1}
	if len(parts) > 3 {
		n, unit := amount(parts[3])
		if c.opacity = n; unit == "%" {
			c.opacity = n / 100
		}
	}
	return c, true
}

// hexColour reads "fff", "ffffff" and "ffffff80".
func hexColour(s string) (colour, bool) {
	if len(s) == 3 || len(s) == 4 {
		var long strings.Builder
		for _, r := range s {
			long.WriteRune(r)
			long.WriteRune(r)
		}
		s = long.String()
	}
	n, err := strconv.ParseUint(s, 16, 32)
	switch {
	case err != nil:
	case len(s) == 6:
		return colour{int(n >> 16), int(n >> 8 & 0xFF), int(n & 0xFF), 1}, true
	case len(s) == 8:
		return colour{int(n >> 24), int(n >> 16 & 0xFF), int(n >> 8 & 0xFF), float64(n&0xFF) / 255}, true
	}
	return colour{}, false
}

func channel(s string) int {
	n, unit := amount(s)
	if unit == "%" {
		n *= 2.55
	}
	return int(min(max(n, 0), 255))
}

// amount splits a number and its unit. What is no number is 0.
func amount(s string) (n float64, unit string) {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || s[end] == '-' && end == 0) {
		end++
	}
	n, err := strconv.ParseFloat(s[:end], 64)
	if err != nil {
		return 0, ""
	}
	return n, strings.TrimSpace(s[end:])
}
