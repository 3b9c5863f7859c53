package local

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// reader cuts text into words in normal form: lower case, without accents and punctuation,
// and without the s of a plural.
type reader struct {
	text string
	at   int    // how much of text was read
	line int    // of the last word, counted from 0
	page int    // likewise
	word []byte // the last word read; valid until the next call of read
}

// read finds the next word. It reports false at the end of the text.
func (r *reader) read() bool {
	r.word = r.word[:0]
	for r.at < len(r.text) {
		c := r.text[r.at]
		if c >= utf8.RuneSelf {
			if r.readWide() {
				break
			}
			continue
		}
		if c = lower(c); c != 0 {
			r.word = append(r.word, c)
		} else if len(r.word) > 0 {
			break
		} else if text := r.text[r.at]; text == '\n' {
			r.line++
		} else if text == '\f' {
			r.line, r.page = r.line+1, r.page+1
		}
		r.at++
	}
	if n := len(r.word); singular(r.word) {
		r.word = r.word[:n-1]
	}
	return len(r.word) > 0
}

// readWide reads a character outside ASCII and reports whether the word ends there.
func (r *reader) readWide() (end bool) {
	c, size := utf8.DecodeRuneInString(r.text[r.at:])
	switch {
	case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana):
		// These are written without spaces: each character stands for itself.
		if len(r.word) > 0 {
			return true
		}
		r.word = append(r.word, r.text[r.at:r.at+size]...)
		end = true
	case unicode.IsLetter(c), unicode.IsNumber(c):
		r.fold(r.text[r.at : r.at+size])
	case c == '\u00AD', c == '\u200B', unicode.Is(unicode.Mn, c): // invisible inside a word
	default:
		end = len(r.word) > 0
	}
	r.at += size
	return end
}

// fold appends a letter without its accents, and a ligature as its letters.
func (r *reader) fold(letter string) {
	var buf [32]byte
	for _, c := range string(norm.NFKD.AppendString(buf[:0], letter)) {
		if unicode.IsLetter(c) || unicode.IsNumber(c) {
			r.word = utf8.AppendRune(r.word, unicode.ToLower(c))
		}
	}
}

// lower returns c in lower case when it is a letter or digit, and else 0.
func lower(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return c
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	}
	return 0
}

// singular reports whether w ends in an s that "statements" loses, and "gas" and "loss" keep.
func singular(w []byte) bool {
	n := len(w)
	return n > 3 && w[n-1] == 's' && w[n-2] != 's'
}

// words returns the words of a text in normal form.
func words(text string) []string {
	var ws []string
	for r := (reader{text: text}); r.read(); {
		ws = append(ws, string(r.word))
	}
	return ws
}
