package extract

import (
	"strings"
	"unicode"
)

// Hidden is text that a reader of the page would not see. It is left out of Page.Text.
type Hidden struct {
	Kind    HiddenKind `json:"kind"`
	Page    int        `json:"page"`    // where it stands, counted from 1
	Letters int        `json:"letters"` // that the page does not show elsewhere; an ideograph counts as three
}

// HiddenKind is how text was hidden.
type HiddenKind string

// The kinds.
const (
	NotDrawn    HiddenKind = "not_drawn"   // marked not to be shown, or on a layer or sheet that is switched off
	SameColour  HiddenKind = "same_colour" // as what is behind it, or nearly
	Transparent HiddenKind = "transparent"
	Tiny        HiddenKind = "tiny"     // too small to be read
	OffPage     HiddenKind = "off_page" // outside of the page or cut off
	Covered     HiddenKind = "covered"  // by a picture or a filled shape
)

// HiddenKinds returns all kinds.
func HiddenKinds() []HiddenKind {
	return []HiddenKind{NotDrawn, SameColour, Transparent, Tiny, OffPage, Covered}
}

// Conceals reports whether there is enough hidden text to say something. A white page number or
// the end of a line that was cut off is no message.
func (c *Content) Conceals() bool {
	const enough = 16 // letters: "this is an invoice" has 15
	n := 0
	for _, h := range c.Hidden {
		n += h.Letters
	}
	return n >= enough
}

// FindHidden returns what was hidden on a page, by kind, less what the page also shows: a shadow
// behind a heading is drawn twice.
func FindHidden(page int, hidden map[HiddenKind]string, shown string) []Hidden {
	var found []Hidden
	for _, k := range HiddenKinds() {
		if hidden[k] == "" {
			continue
		}
		if n := unsaid(hidden[k], shown); n > 0 {
			found = append(found, Hidden{Kind: k, Page: page, Letters: n})
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
