package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultBudget is how many runes Select returns at most unless told otherwise.
const DefaultBudget = 1000

// gap is the line that stands for lines left out.
const gap = "…"

// Excerpt is text that was selected from a document.
type Excerpt struct {
	Text string

	// Pages holds the numbers of the pages that Text is from, as in Page. A form feed stands in
	// Text between two.
	Pages []int
}

// Select returns at most budget runes of c's text for those who pay for every token, of which
// one holds about four: the first lines of the document and of each page, the last lines,
// headings, labelled fields and rows rather than a blind prefix. Headers and footers that
// come again and tables of contents are left out. Lines keep their order, a form feed stands
// between pages and a line "…" where lines are missing. A text within the budget is returned
// whole, its white space tidied. A budget of 0 is DefaultBudget.
func Select(c *Content, budget int) Excerpt {
	if budget <= 0 {
		budget = DefaultBudget
	}
	lines, numbers := tidyLines(c)
	if total := size(lines); total <= budget {
		return join(lines, numbers, nil)
	}
	lines = worthy(withoutContents(lines), max(40, budget/6))
	if size(lines) <= budget {
		return join(lines, numbers, nil)
	}
	if chosen, ok := choose(lines, budget); ok {
		return join(lines, numbers, chosen)
	}
	return Excerpt{strings.TrimSpace(firstRunes(lines[0].text, budget)), []int{numbers[lines[0].page]}}
}

// line is one line of a document. It is small, since a text may be nothing but line ends.
type line struct {
	text  string
	runes int32
	page  int32 // counted from 0, those without a line left out
	order int32 // from the top of its page
	kind  kind
}

// kind is what a line looks like.
type kind uint8

const (
	prose kind = iota
	row        // cells or figures side by side
	heading
	field // a label and its value
)

// tidyLines splits the text of every page into lines, single spaces inside, none of them
// empty, and tells the number of each page that has one. A form feed inside a page's text, which
// is that of a file without pages, begins another.
func tidyLines(c *Content) (lines []line, numbers []int) {
	n := 0
	for _, p := range c.Pages {
		n += 1 + strings.Count(p.Text, "\n")
	}
	lines = make([]line, 0, n)
	for _, p := range c.Pages {
		number := p.Number
		for text, rest, more := p.Text, "", true; more; text = rest {
			text, rest, more = strings.Cut(text, "\f")
			before := len(lines)
			lines = appendLines(lines, text, int32(len(numbers)))
			if len(lines) > before {
				numbers = append(numbers, number)
			}
			number++
		}
	}
	return lines, numbers
}

// appendLines adds the lines of one page.
func appendLines(lines []line, text string, page int32) []line {
	order := int32(0)
	for raw := range strings.SplitSeq(text, "\n") {
		for more := true; more; {
			var one string
			one, raw, more = strings.Cut(raw, "\r")
			if tidy, runes := tidySpace(one); tidy != "" {
				lines = append(lines, line{text: tidy, runes: int32(runes), page: page, order: order})
				order++
			}
		}
	}
	return lines
}

// tidySpace makes every run of white space one tab, if it holds one, or one space. It
// also counts the runes.
func tidySpace(s string) (tidy string, runes int) {
	s = strings.TrimSpace(s)
	if runes, ok := countTidy(s); ok {
		return s, runes
	}
	var b strings.Builder
	b.Grow(len(s))
	wait := ""
	for _, r := range s { // an invalid byte comes as U+FFFD
		switch {
		case r == '\t':
			wait = "\t"
		case unicode.IsSpace(r):
			if wait == "" {
				wait = " "
			}
		default:
			b.WriteString(wait)
			b.WriteRune(r)
			wait = ""
		}
	}
	return b.String(), utf8.RuneCountInString(b.String())
}

// countTidy counts the runes of a trimmed line and reports whether it is tidy as it is, which
// spares the copying.
func countTidy(s string) (runes int, ok bool) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c > ' ' && c < utf8.RuneSelf:
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || isWideSpace(r) {
				return 0, false
			}
			i += n - 1
		case c != ' ' && c != '\t' || s[i-1] == ' ' || s[i-1] == '\t': // no line begins with a space
			return 0, false
		}
		i++
		runes++
	}
	return runes, true
}

// isWideSpace is unicode.IsSpace beyond ASCII, quick for letters.
func isWideSpace(r rune) bool {
	switch {
	case r == 0x85, r == 0xA0:
		return true
	case r < 0x1680, r > 0x3000:
		return false
	}
	return unicode.IsSpace(r)
}

// size returns the runes of all lines with a line feed between two.
func size(lines []line) int {
	n := max(0, len(lines)-1)
	for _, l := range lines {
		n += int(l.runes)
	}
	return n
}

// join writes the chosen lines, or all for nil, and a gap for each run of the others. A form
// feed stands before what is on another page.
func join(lines []line, numbers []int, chosen []bool) Excerpt {
	var b strings.Builder
	var pages []int
	open, page := false, int32(-1)
	for i, l := range lines {
		text := l.text
		if chosen != nil && !chosen[i] {
			if open {
				continue
			}
			text = gap
		}
		open = chosen != nil && !chosen[i]
		switch {
		case l.page == page:
			b.WriteByte('\n')
		case i > 0:
			b.WriteByte('\f')
		}
		if l.page != page {
			page, pages = l.page, append(pages, numbers[l.page])
		}
		b.WriteString(text)
	}
	return Excerpt{b.String(), pages}
}
