package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes a text fit to read and to send: lines end with a line feed, there are no
// control characters but tabs, no invisible ones that could carry a hidden message, and
// no invalid UTF-8. A rune cut at the end is dropped.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7F || c == '\n' || c == '\t' {
			b.WriteByte(c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch i += n; {
		case r == utf8.RuneError && n == 1 && !utf8.FullRuneInString(s[i-n:]):
			return b.String()
		case r == '\r' && strings.HasPrefix(s[i:], "\n"):
		case r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			b.WriteByte('\n')
		case isInvisible(r):
		default:
			b.WriteRune(r) // an invalid byte becomes U+FFFD
		}
	}
	return b.String()
}

// Cut returns at most the first limit bytes of s, whole runes only.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// isInvisible reports whether r shows nothing. The two joiners stay: they shape Persian,
// Hindi and emoji.
func isInvisible(r rune) bool {
	const nonJoiner, joiner = '\u200C', '\u200D'
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != nonJoiner && r != joiner
}
