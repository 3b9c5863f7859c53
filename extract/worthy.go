package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// worthy drops lines that say nothing or nothing new, shortens what only fills, and cuts
// long paragraphs into pieces of at most width runes.
func worthy(lines []line, width int) []line {
	const roomy = 1 << 16 // lines; of a text with more, most may be dropped
	seen := make(map[uint64]bool, min(len(lines), roomy))
	out := make([]line, 0, min(len(lines), roomy))
	for i, l := range lines {
		if needsSqueeze(l.text) {
			l.text = squeeze(l.text)
			l.runes = int32(utf8.RuneCountInString(l.text))
		}
		print, letters := fingerprint(l.text)
		if isMargin(lines, i) && countsPages(l.text) {
			print, letters = fingerprint(withoutDigits(l.text))
		}
		if letters < 2 || seen[print] || isPageNumber(l.text) {
			continue
		}
		seen[print] = true
		l.kind = kindOf(l.text)
		if int(l.runes) <= width {
			out = append(out, l)
			continue
		}
		for piece := range pieces(l.text, width) {
			l.text, l.runes, l.kind = piece, int32(utf8.RuneCountInString(piece)), kindOf(piece)
			out = append(out, l)
		}
	}
	return out
}

// isMargin reports whether a line is one of the first or last of its page, where headers and
// footers stand.
func isMargin(lines []line, i int) bool {
	const margin = 3 // lines
	return lines[i].order < margin || i+margin >= len(lines) || lines[i+margin].page != lines[i].page
}

// countsPages reports whether a line holds the word for a page and a number after it, so
// that it comes again with another one.
func countsPages(s string) bool {
	const word = "age "
	i := strings.Index(s, word)
	return i > 0 && (s[i-1] == 'P' || s[i-1] == 'p') && i+len(word) < len(s) && isDigit(s[i+len(word)])
}

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, s)
}

// fingerprint is the same for lines that differ only in case, spaces and punctuation. It
// also counts letters and digits. It is FNV-1a, for speed: who forges one loses a line.
func fingerprint(s string) (print uint64, letters int) {
	const offset, prime = 14695981039346656037, 1099511628211
	print = offset
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return fingerprintRunes(s[i:], print, letters)
		}
		if low := c | 0x20; low-'a' < 26 || c-'0' < 10 { // digits have that bit already
			print = (print ^ uint64(low)) * prime
			letters++
		}
	}
	return print, letters
}

func fingerprintRunes(s string, print uint64, letters int) (uint64, int) {
	const prime = 1099511628211
	for _, r := range s {
		if r < utf8.RuneSelf || !isIdeograph(r) {
			r = unicode.ToLower(r)
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				continue
			}
		}
		print = (print ^ uint64(r)) * prime
		letters++
	}
	return print, letters
}

// isIdeograph reports whether r is a letter of the East that has no case.
func isIdeograph(r rune) bool { return r >= 0x3041 && r <= 0xD7A3 }

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
