package extract

import (
	"iter"
	"strings"
)

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

// needsSqueeze reports whether squeeze would shorten s. It looks at every third byte or
// fewer, which is enough to meet any run of four dots with or without spaces between.
func needsSqueeze(s string) bool {
	for i := longNumber; i < len(s); i += longNumber + 1 {
		if isDigit(s[i]) && len(around(s, i, isDigit)) > longNumber {
			return true
		}
	}
	for i := 0; i < len(s); i += 3 {
		c := s[i]
		if !isFill(c) {
			continue
		}
		run := around(s, i, func(x byte) bool { return x == c || x == ' ' })
		if len(run) >= shortRule && strings.Count(run, string(rune(c))) >= shortRule {
			return true
		}
	}
	return false
}

// around returns the run of bytes about s[i] for which is holds.
func around(s string, i int, is func(byte) bool) string {
	from := i
	for from > 0 && is(s[from-1]) {
		from--
	}
	return s[from : i+runOf(s[i:], is)]
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
	switch {
	case c >= 'a' && c <= 'z', c == ' ': // nearly every byte
		return false
	case c == '.', c == '-', c == '_', c == '=', c == '*', c == '#', c == '~':
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
