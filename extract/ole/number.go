package ole

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// format is how a number is meant.
type format int

const (
	plain format = iota
	day
	clock
	moment
	lasting // of time, which may be longer than a day
	percent
)

// builtIn returns the meaning of a number format that every workbook has.
func builtIn(id int) format {
	switch {
	case id == 9, id == 10:
		return percent
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return day
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return clock
	case id == 22:
		return moment
	case id == 46:
		return lasting
	}
	return plain
}

// formatOf reads a number format: the letters outside quotes and brackets tell what it means.
func formatOf(code string) format {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	letters := unquoted(code)
	hasDay, hasClock := strings.ContainsAny(letters, "yd") || strings.Contains(letters, "mmm"), strings.ContainsAny(letters, "hs")
	switch {
	case counts(code):
		return lasting
	case hasDay && hasClock:
		return moment
	case hasDay:
		return day
	case hasClock:
		return clock
	case strings.Contains(letters, "%"):
		return percent
	}
	return plain
}

// counts reports whether a number format, in lower case, counts hours or less beyond those of a day.
func counts(code string) bool {
	for _, unit := range [...]string{"[h]", "[hh]", "[m]", "[mm]", "[s]", "[ss]"} {
		if strings.Contains(code, unit) {
			return true
		}
	}
	return false
}

// unquoted drops what a number format only repeats: quotes, brackets, escaped characters.
func unquoted(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		end := 0
		switch code[i] {
		case '\\', '_', '*':
			end = 1
		case '"':
			end = 1 + strings.IndexByte(code[i+1:], '"')
		case '[':
			end = 1 + strings.IndexByte(code[i+1:], ']')
		default:
			b.WriteByte(code[i])
		}
		i += end
	}
	return b.String()
}

// show writes a number as it would be read.
func (f format) show(v float64, since1904 bool) string {
	switch f {
	case percent:
		return tidy(v*100) + "%"
	case day, clock, moment:
		if t, ok := date(v, since1904); ok {
			return t.Format(map[format]string{day: "2006-01-02", clock: "15:04", moment: "2006-01-02 15:04"}[f])
		}
	case lasting:
		if _, ok := date(v, since1904); ok {
			return showLasting(v)
		}
	}
	return tidy(v)
}

// showLasting writes a count of days as hours, minutes and, if there are any, seconds.
func showLasting(days float64) string {
	s := int(math.Round(days * 86400))
	text := fmt.Sprintf("%d:%02d", s/3600, s/60%60)
	if s%60 != 0 {
		text += fmt.Sprintf(":%02d", s%60)
	}
	return text
}

// date turns a count of days into a time. Excel believes that 1900 was a leap year.
func date(days float64, since1904 bool) (time.Time, bool) {
	const last = 2_958_466 // the first day of the year 10000
	if !(days >= 0 && days < last) {
		return time.Time{}, false
	}
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case since1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60:
		first = first.AddDate(0, 0, 1)
	}
	whole, part := math.Modf(days)
	return first.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round(part*86400)) * time.Second), true
}

// tidy writes a number with the 15 digits that Excel keeps, so that 0.1+0.2 is 0.3.
func tidy(v float64) string {
	if a := math.Abs(v); a >= 1e15 || a != 0 && a < 1e-9 {
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	round, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		round = v
	}
	return strconv.FormatFloat(round, 'f', -1, 64)
}

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
