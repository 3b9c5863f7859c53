// Package unseen says what a document hides from who looks at it, and how.
package unseen

import (
	"strings"
	"unicode"
)

// Text is text that a reader of the page would not see.
type Text struct {
	Kind    Kind `json:"kind"`
	Page    int  `json:"page"`    // where it stands, counted from 1
	Letters int  `json:"letters"` // that the page does not show elsewhere; an ideograph counts as three
}

// Kind is how text was hidden.
type Kind string

// The kinds.
const (
	NotDrawn    Kind = "not_drawn"   // marked not to be shown, or on a layer or sheet that is switched off
	SameColour  Kind = "same_colour" // as what is behind it, or nearly
	Transparent Kind = "transparent"
	Tiny        Kind = "tiny"     // too small to be read
	OffPage     Kind = "off_page" // outside of the page or cut off
	Covered     Kind = "covered"  // by a picture or a filled shape
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{NotDrawn, SameColour, Transparent, Tiny, OffPage, Covered}
}

// IsMessage reports whether there is enough of it to say something. A white page number or the
// end of a line that was cut off is no message.
func IsMessage(found []Text) bool {
	const enough = 16 // letters: "this is an invoice" has 15
	n := 0
	for _, t := range found {
		n += t.Letters
	}
	return n >= enough
}

// Find returns what was hidden on a page, by kind, less what the page also shows: a shadow
// behind a heading is drawn twice.
func Find(page int, hidden map[Kind]string, shown string) []Text {
	var found []Text
	for _, k := range Kinds() {
		if hidden[k] == "" {
			continue
		}
		if n := unsaid(hidden[k], shown); n > 0 {
			found = append(found, Text{Kind: k, Page: page, Letters: n})
		}
	}
	return found
}

// stamp is what a widespread writer of PDFs puts on the last page in letters a point high.
const stamp = "Powered by TCPDF (www.tcpdf.org)"

// run is how many letters in a row make a text be found again elsewhere.
const run = 8

// unsaid counts the letters of a text that do not stand in another one, nor before in itself.
func unsaid(hidden, shown string) int {
	h, s := letters(hidden), append(letters(shown), letters(stamp)...)
	if len(h) < run {
		if strings.Contains(string(s), string(h)) {
			return 0
		}
		return weight(h)
	}
	known := make(map[[run]rune]bool)
	for i := range max(len(s)-run+1, 0) {
		known[[run]rune(s[i:])] = true
	}
	n, from := 0, 0 // letters before from are counted or known
	for i := range len(h) - run + 1 {
		if i >= run {
			known[[run]rune(h[i-run:])] = true
		}
		if known[[run]rune(h[i:])] {
			n += weight(h[from:max(i, from)])
			from = i + run
		}
	}
	return n + weight(h[from:])
}

// letters returns the letters of a text in lower case.
func letters(s string) []rune {
	var l []rune
	for _, r := range s {
		if unicode.IsLetter(r) {
			l = append(l, unicode.ToLower(r))
		}
	}
	return l
}

// weight counts letters. An ideograph says as much as several.
func weight(letters []rune) (n int) {
	for _, r := range letters {
		if n++; unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) {
			n += 2
		}
	}
	return n
}
