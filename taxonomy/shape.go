package taxonomy

import (
	"fmt"
	"slices"
)

// Shape is how documents of a category look, whatever they say.
type Shape string

// The shapes.
const (
	Slip    Shape = "slip"        // of a till: few words, prices
	Card    Shape = "card"        // few words and dates, no prices
	Ledger  Shape = "ledger"      // rows of figures
	Bill    Shape = "bill"        // labelled fields, prices and a sum
	Form    Shape = "form"        // labelled fields and boxes
	Prose   Shape = "prose"       // paragraphs, often many pages
	Letter  Shape = "letter"      // to somebody, from somebody
	Notes   Shape = "notes"       // headings and a few sentences each
	Outline Shape = "outline"     // headings and lists
	Paper   Shape = "certificate" // a page that attests something
)

// Shapes returns all shapes.
func Shapes() []Shape {
	return []Shape{Slip, Card, Ledger, Bill, Form, Prose, Letter, Notes, Outline, Paper}
}

func (s Shape) check() error {
	if s != "" && !slices.Contains(Shapes(), s) {
		return fmt.Errorf("shape %q: use one of %q, or leave it out", string(s), Shapes())
	}
	return nil
}
