package extract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// selection chooses lines until the budget is spent.
type selection struct {
	lines  []line
	chosen []bool
	left   int // runes
}

// choose marks the lines of a selection of at most budget runes, and reports whether any
// fits. It goes in passes, each with a share of the budget, so that no kind of line crowds
// out the others; what is left goes to the lines that follow a chosen one.
func choose(lines []line, budget int) (chosen []bool, ok bool) {
	const (
		opening = 4 // lines
		closing = 3
		top     = 2
	)
	// As long as nothing is chosen, one gap stands for everything.
	s := selection{lines: lines, chosen: make([]bool, len(lines)), left: budget - utf8.RuneCountInString(gap)}
	for _, pass := range []struct {
		share int // per cent of the budget
		want  func(i int) bool
	}{
		{30, func(i int) bool { return i < opening }},
		{10, func(i int) bool { return i >= len(lines)-closing }},
		{20, func(i int) bool { return opensPage(lines, i, top) }},
		{30, func(i int) bool { return lines[i].kind == field }},
		{20, func(i int) bool { return lines[i].kind == heading }},
		{15, func(i int) bool { return lines[i].kind == row }},
		// Not just any line that still fits: scattered scraps say little and each costs a gap.
		{100, func(i int) bool { return i == 0 || s.chosen[i-1] }},
	} {
		s.take(min(s.left, budget*pass.share/100), pass.want)
	}
	return s.chosen, slices.Contains(s.chosen, true)
}

// opensPage reports whether line i is one of the first n of its page.
func opensPage(lines []line, i, n int) bool {
	return i < n || lines[i-n].page != lines[i].page
}

// take chooses the wanted lines in their order for at most share runes.
func (s *selection) take(share int, want func(i int) bool) {
	for i, l := range s.lines {
		if s.chosen[i] || !want(i) {
			continue
		}
		cost := int(l.runes) + 1 + 2*s.gaps(i) // a gap is a rune and a line feed
		if cost > share {
			continue
		}
		share, s.left = share-cost, s.left-cost
		s.chosen[i] = true
	}
}

// gaps returns how many more gaps there are once line i is chosen: one is divided in two,
// made shorter, or closed.
func (s *selection) gaps(i int) int {
	n := -1
	if i > 0 && !s.chosen[i-1] {
		n++
	}
	if i+1 < len(s.lines) && !s.chosen[i+1] {
		n++
	}
	return n
}

// kindOf tells what a line looks like.
func kindOf(s string) kind {
	switch {
	case isField(s):
		return field
	case strings.Count(s, "\t") >= 2:
		return row
	case isHeading(s):
		return heading
	}
	return prose
}

// isField reports whether a line is a short label with its value: "Invoice number: 7".
func isField(s string) bool {
	const longest = 40 // bytes
	i := 0
	for i < len(s) && i <= longest && s[i] != ':' && s[i] != '\t' {
		i++
	}
	if i < 2 || i > longest || i+1 >= len(s) || strings.Count(s[i+1:], "\t") > 1 {
		return false
	}
	label, value := s[:i], strings.TrimSpace(s[i+1:])
	// The colon of a time or of an address on the web is none of a label.
	first, _ := utf8.DecodeRuneInString(label)
	return unicode.IsLetter(first) && value != "" && !strings.HasPrefix(value, "//") && strings.Count(label, " ") <= 4
}

// isHeading reports whether a line is short but no mere word, does not end like a sentence,
// and has most of its words in capitals or with a capital first.
func isHeading(s string) bool {
	const shortest, longest = 6, 70 // bytes
	if len(s) < shortest || len(s) > longest || strings.HasSuffix(s, ".") || strings.HasSuffix(s, ",") || strings.HasSuffix(s, ";") {
		return false
	}
	words, high := 0, 0
	for word := range strings.FieldsSeq(s) {
		first, _ := utf8.DecodeRuneInString(word)
		switch {
		case unicode.IsUpper(first) || unicode.IsTitle(first):
			high++
			words++
		case unicode.IsLetter(first) && len(word) > 3: // "of" and "and" stay small in a title
			words++
		case unicode.IsDigit(first):
			words++
		}
	}
	return high > 0 && high*3 >= words*2 && words <= 10
}
