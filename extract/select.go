package extract

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultBudget is how many runes Select returns at most unless told otherwise.
const DefaultBudget = 1000

// gap is the line that stands for lines left out.
const gap = "…"

// Select returns at most budget runes of c's text for those who pay for every token: the
// first and the last lines, headings, labelled fields and rows rather than a blind prefix.
// Lines keep their order and a line "…" marks where some are missing. A text within the
// budget is returned whole, its white space tidied. A budget of 0 is DefaultBudget.
func Select(c *Content, budget int) string {
	if budget <= 0 {
		budget = DefaultBudget
	}
	lines := tidyLines(c)
	if total := size(lines); total <= budget {
		return join(lines, nil)
	}
	lines = worthy(lines, max(40, budget/6))
	if size(lines) <= budget {
		return join(lines, nil)
	}
	if chosen, ok := choose(lines, budget); ok {
		return join(lines, chosen)
	}
	return strings.TrimSpace(firstRunes(lines[0].text, budget))
}

// line is one line of a document.
type line struct {
	text  string
	runes int
	kind  kind
}

// kind is what a line looks like.
type kind int

const (
	prose kind = iota
	row        // cells or figures side by side
	heading
	field // a label and its value
)

// tidyLines splits the text of every page into lines, single spaces inside, none of them empty.
func tidyLines(c *Content) []line {
	var lines []line
	for _, p := range c.Pages {
		for rest := p.Text; rest != ""; {
			end := 0
			for end < len(rest) && rest[end] != '\n' && rest[end] != '\r' && rest[end] != '\f' {
				end++
			}
			if text, runes := tidySpace(rest[:end]); text != "" {
				lines = append(lines, line{text: text, runes: runes})
			}
			rest = rest[min(end+1, len(rest)):]
		}
	}
	return lines
}

// tidySpace makes every run of white space one tab, if it holds one, or one space. It
// also counts the runes.
func tidySpace(s string) (tidy string, runes int) {
	s = strings.TrimSpace(s)
	if isTidy(s) {
		return s, len(s)
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

// isTidy spares ASCII with single spaces or tabs the copying.
func isTidy(s string) bool {
	space := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
			if space {
				return false
			}
			space = true
		case c < ' ' || c >= utf8.RuneSelf:
			return false
		default:
			space = false
		}
	}
	return true
}

// size returns the runes of all lines with a line feed between two.
func size(lines []line) int {
	n := max(0, len(lines)-1)
	for _, l := range lines {
		n += l.runes
	}
	return n
}

// worthy drops lines that say nothing or nothing new, shortens what only fills, and cuts
// long paragraphs into pieces of at most width runes.
func worthy(lines []line, width int) []line {
	seen := make(map[uint64]bool, len(lines))
	out := make([]line, 0, len(lines))
	for _, l := range lines {
		if needsSqueeze(l.text) {
			l.text = squeeze(l.text)
			l.runes = utf8.RuneCountInString(l.text)
		}
		print, letters := fingerprint(l.text)
		if letters < 2 || seen[print] || isPageNumber(l.text) {
			continue
		}
		seen[print] = true
		if l.runes <= width {
			l.kind = kindOf(l.text)
			out = append(out, l)
			continue
		}
		for piece := range pieces(l.text, width) {
			out = append(out, line{text: piece, runes: utf8.RuneCountInString(piece), kind: kindOf(piece)})
		}
	}
	return out
}

// fingerprint is the same for lines that differ only in case, spaces and punctuation. It
// also counts letters and digits. It is FNV-1a, for speed: who forges one loses a line.
func fingerprint(s string) (print uint64, letters int) {
	const offset, prime = 14695981039346656037, 1099511628211
	print = offset
	for i := 0; i < len(s); {
		r, n := rune(s[i]|0x20), 1 // letters in lower case, digits as they are
		if s[i] >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
			r = unicode.ToLower(r)
		}
		i += n
		if isLetterOrDigit(r) {
			print = (print ^ uint64(r)) * prime
			letters++
		}
	}
	return print, letters
}

func isLetterOrDigit(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// isPageNumber reports whether a line only counts pages: "Page 2 of 9", "- 2 -", "2/9".
func isPageNumber(s string) bool {
	const longest = 24
	if len(s) > longest {
		return false
	}
	digits := false
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		switch strings.ToLower(word) {
		case "page", "pages", "pg", "p", "of", "sheet":
			continue
		}
		if len(word) > 4 || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsDigit(r) }) {
			return false
		}
		digits = true
	}
	return digits
}

// squeeze shortens leader dots and rules to "…" and numbers of more than eight digits to
// their first four.
func squeeze(s string) string {
	const keep = 4
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		n := runOf(s[i:], isDigit)
		if n > longNumber {
			b.WriteString(s[i : i+keep])
			b.WriteString(gap)
			i += n
			continue
		}
		n = max(n, 1)
		if isFill(s[i]) {
			c := s[i]
			if fill := runOf(s[i:], func(x byte) bool { return x == c || x == ' ' }); strings.Count(s[i:i+fill], string(c)) >= shortRule {
				b.WriteString(gap)
				if s[i+fill-1] == ' ' {
					b.WriteByte(' ')
				}
				i += fill
				continue
			}
		}
		b.WriteString(s[i : i+n])
		i += n
	}
	return strings.TrimSpace(b.String())
}

const (
	longNumber = 8 // digits
	shortRule  = 4 // dots or dashes
)

// needsSqueeze reports whether squeeze would shorten s.
func needsSqueeze(s string) bool {
	digits, fill, last := 0, 0, byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			if digits++; digits > longNumber {
				return true
			}
			fill = 0
			continue
		case c == ' ':
		case !isFill(c):
			fill = 0
		case c != last:
			fill, last = 1, c
		default:
			if fill++; fill >= shortRule {
				return true
			}
		}
		digits = 0
	}
	return false
}

func runOf(s string, is func(byte) bool) int {
	n := 0
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isFill(c byte) bool {
	switch c {
	case '.', '_', '-', '=', '*', '#', '~':
		return true
	}
	return false
}

// pieces cuts a long line where a sentence ends, or else a word.
func pieces(s string, width int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			head := firstRunes(s, width)
			if len(head) == len(s) {
				break
			}
			if i := strings.LastIndex(head, ". "); i > len(head)/3 {
				head = head[:i+1]
			} else if i := strings.LastIndexAny(head, " \t"); i > len(head)/3 {
				head = head[:i]
			}
			if !yield(head) {
				return
			}
			s = strings.TrimSpace(s[len(head):])
		}
		if s != "" {
			yield(s)
		}
	}
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// join writes the chosen lines, or all for nil, and a gap for each run of the others.
func join(lines []line, chosen []bool) string {
	var b strings.Builder
	open := false
	for i, l := range lines {
		text := l.text
		if chosen != nil && !chosen[i] {
			if open {
				continue
			}
			text = gap
		}
		open = chosen != nil && !chosen[i]
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(text)
	}
	return b.String()
}
