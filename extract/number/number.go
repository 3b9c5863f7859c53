// Package number shows the numbers of workbooks as their readers see them: what a number is, a date
// or a share, its format alone tells.
package number

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Format is how a number is meant.
type Format int

// The formats.
const (
	Plain   Format = iota
	Day            // of the calendar
	Clock          // a time of the day
	Moment         // both
	Lasting        // a time, which may be longer than a day
	Percent
)

// BuiltIn returns the meaning of a format that every workbook has, by its number.
func BuiltIn(id int) Format {
	switch {
	case id == 9, id == 10:
		return Percent
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return Day
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return Clock
	case id == 22:
		return Moment
	case id == 46:
		return Lasting
	}
	return Plain
}

// Parse reads the code of a format, such as "dd/mm/yyyy": the letters outside quotes and brackets
// tell what it means.
func Parse(code string) Format {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	letters := unquoted(code)
	hasDay, hasClock := strings.ContainsAny(letters, "yd") || strings.Contains(letters, "mmm"), strings.ContainsAny(letters, "hs")
	switch {
	case counts(code):
		return Lasting
	case hasDay && hasClock:
		return Moment
	case hasDay:
		return Day
	case hasClock:
		return Clock
	case strings.Contains(letters, "%"):
		return Percent
	}
	return Plain
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
		switch c := code[i]; c {
		case '\\', '_', '*':
			i++
		case '"', '[':
			end := strings.IndexByte(code[i+1:], map[byte]byte{'"': '"', '[': ']'}[c])
			if end < 0 {
				return b.String()
			}
			i += 1 + end
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Show writes a number as it would be read. Dates count from 1900, or from 1904 where a workbook
// says so.
func (f Format) Show(v float64, since1904 bool) string {
	switch f {
	case Percent:
		return Tidy(v*100) + "%"
	case Day, Clock, Moment:
		if t, ok := date(v, since1904); ok {
			return t.Format(map[Format]string{Day: "2006-01-02", Clock: "15:04", Moment: "2006-01-02 15:04"}[f])
		}
	case Lasting:
		if _, ok := date(v, since1904); ok {
			return showLasting(v)
		}
	}
	return Tidy(v)
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

// Tidy writes a number with the 15 digits that Excel keeps, so that 0.1+0.2 is 0.3.
func Tidy(v float64) string {
	if a := math.Abs(v); a >= 1e15 || a != 0 && a < 1e-9 {
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	round, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		round = v
	}
	return strconv.FormatFloat(round, 'f', -1, 64)
}
