package local

import (
	"math"
	"strings"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
)

// look is how a document looks, whatever it says: numbers of about 1.
type look [measures]float64

// What is measured of a document.
const (
	always = iota // 1
	length
	brevity   // lines of few words, of all
	width     // words a line
	money     // amounts
	moneyRate // amounts a line
	dates
	labels     // lines that begin with a label and a colon, of all
	salutation // it greets somebody
	closing    // it takes leave
	blanks     // lines to write on and boxes to tick
	pictured   // its text was read from a picture
	pages
	mailed // it came as a mail
	sheet  // it is a workbook or a table
	measures
)

// brief returns how short a text is: 1 for none, 0 from 400 words on.
func (l look) brief() float64 { return max(0, 1-l[length]*8/6) }

// lookAt measures a document.
func lookAt(text string, f model.Facts) look {
	var l look
	var lines, words, short, labelled, amounts, days, gaps float64
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\f' }) {
		n := 0.0
		for word := range strings.FieldsSeq(line) {
			n++
			switch {
			case isAmount(word):
				amounts++
			case isDate(word):
				days++
			}
		}
		if n == 0 {
			continue
		}
		lines, words = lines+1, words+n
		if n <= 5 {
			short++
		}
		if i := strings.IndexByte(line, ':'); i > 1 && i < 40 {
			labelled++
		}
		if strings.Contains(line, "___") || strings.Contains(line, "[ ]") || strings.Contains(line, "☐") || strings.Contains(line, "....") {
			gaps++
		}
		if lines < 40 && hasPrefixFold(line, "dear ", "to whom it may concern", "sehr geehrte", "cher ", "chère ", "estimad") {
			l[salutation] = 1
		}
		if hasPrefixFold(line, "sincerely", "yours sincerely", "yours faithfully", "yours truly", "very truly yours", "kind regards", "best regards", "regards", "respectfully", "mit freundlichen") {
			l[closing] = 1
		}
	}
	lines = max(lines, 1)
	l[always] = 1
	l[length] = math.Log1p(words) / 8
	l[brevity] = short / lines
	l[width] = min(words/lines, 40) / 20
	l[money], l[moneyRate] = math.Log1p(amounts)/4, min(amounts/lines, 2)
	l[dates] = math.Log1p(days) / 3
	l[labels] = labelled / lines
	l[blanks] = math.Log1p(gaps) / 3
	if f.OCR || f.Type.IsImage() {
		l[pictured] = 1
	}
	switch f.Type {
	case document.EML, document.MSG:
		l[mailed] = 1
	case document.XLSX, document.XLS, document.ODS, document.CSV:
		l[sheet] = 1
	}
	l[pages] = math.Log1p(float64(f.Pages)) / 3
	return l
}

// isAmount reports whether a word is a sum of money: two digits behind a point, or a sign of a
// currency.
func isAmount(w string) bool {
	for _, sign := range [...]string{"$", "€", "£", "RM", "USD", "EUR", "GBP"} {
		if rest, ok := strings.CutPrefix(w, sign); ok {
			w = rest
		}
	}
	w = strings.Trim(w, "-+()€$£,;:*")
	n := len(w)
	if n < 4 || w[n-3] != '.' && w[n-3] != ',' {
		return false
	}
	digits := 0
	for i := range n {
		switch c := w[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c != '.' && c != ',' && c != '\'':
			return false
		}
	}
	return digits >= 3
}

// isDate reports whether a word is a date in figures.
func isDate(w string) bool {
	w = strings.Trim(w, ",;:()")
	if len(w) < 6 || len(w) > 10 {
		return false
	}
	marks, digits := 0, 0
	for i := range len(w) {
		switch c := w[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '/' || c == '-' || c == '.':
			marks++
		default:
			return false
		}
	}
	return marks == 2 && digits >= 4
}

func hasPrefixFold(s string, prefixes ...string) bool {
	s = strings.TrimSpace(s)
	for _, p := range prefixes {
		if len(s) >= len(p) && strings.EqualFold(s[:len(p)], p) {
			return true
		}
	}
	return false
}
