package webui

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/internal/plan"
	"github.com/docsift/docsift/internal/price"
)

// functions are what templates can call. All of them return text, which is escaped where it stands.
func functions() template.FuncMap {
	return template.FuncMap{
		"words": func(v any) string { return words(fmt.Sprint(v)) }, "percent": percent, "money": money, "moment": moment, "day": day, "size": size, "ms": milliseconds,
		"count": func(n int) string { return plan.Count(float64(n)) }, "whole": whole, "json": asJSON, "bar": bar, "first": first,
		"load": func(f float64) string { return fmt.Sprintf("%.0f %%", 100*f) },
		"float": func(f *float64) float64 {
			if f == nil {
				return 0
			}
			return *f
		},
		"costs": func(c cascade.Cost) string {
			if !c.Known {
				return "not known"
			}
			return plan.Dollars(price.Amount(c.NanoUSD))
		},
		"time": func(t time.Time) *time.Time {
			if t.IsZero() {
				return nil
			}
			return &t
		},
	}
}

// words writes a name of the API for people: low_confidence is "low confidence".
func words[T ~string](name T) string { return strings.ReplaceAll(string(name), "_", " ") }

func percent(p *float64) string {
	if p == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", math.Floor(100**p)) // never 100 % of what is not certain
}

// money writes what was spent in US dollars.
func money(c cascade.Cost) string {
	text := dollars(float64(c.Estimated()) / 1e9)
	switch {
	case !c.Known:
		return "at least " + text
	case c.Estimated() == 0:
		return "free"
	}
	return text
}

// dollars writes cents, and of less than a dollar three digits that count. Scripts write them the same.
func dollars(usd float64) string {
	decimals := 2
	if usd > 0 && usd < 1 {
		decimals = max(2, 2-int(math.Floor(math.Log10(usd))))
	}
	return "$" + strconv.FormatFloat(usd, 'f', decimals, 64)
}

// moment writes a time in UTC; scripts put it into the reader's zone.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func day(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.DateOnly)
}

func size(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.0f kB", float64(n)/(1<<10))
	}
	return strconv.Itoa(n) + " B"
}

func milliseconds(ms float64) string {
	if ms >= 1000 {
		return fmt.Sprintf("%.1f s", ms/1000)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// whole writes a number with a comma after each three digits.
func whole(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func first(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// barView is a confidence as it is drawn.
type barView struct {
	Share, Need float64 // in [0,100]; Need is 0 where nothing is known
	Label       string
	Low         bool
}

func bar(confidence, need *float64) barView {
	b := barView{Label: "no confidence"}
	if confidence != nil {
		b.Share, b.Label = 100**confidence, "confidence "+percent(confidence)
	}
	if need != nil {
		b.Need, b.Label = 100**need, b.Label+", "+percent(need)+" needed"
		b.Low = b.Share < b.Need
	}
	return b
}
