package eval

import "slices"

// Unknown is the answer for a document of no category.
const Unknown = "unknown"

// Case is one labelled document and what was answered.
type Case struct {
	Label
	Taxonomy string // under which it was judged
	Format   string // by content, such as "pdf"
	Source   string // of its text: document, ocr or none

	Answer     string   // a category or Unknown
	Confidence *float64 // nil when the model abstained or gave none
	Accepted   bool     // nobody has to look
	Failed     string   // why it could not be read or answered, or ""

	NanoUSD   int64   // what it cost
	Answering float64 // milliseconds after reading, letters included
	Total     float64 // milliseconds in all
	Reason    string  // what decided
}

// Strict reports whether the answer is the label itself.
func (c Case) Strict() bool { return c.Failed == "" && c.Answer == c.Category }

// Right reports whether the answer is the label or one that is right as well.
func (c Case) Right() bool {
	return c.Strict() || c.Failed == "" && slices.Contains(c.Alternatives, c.Answer)
}

// confidence returns the confidence, 0 when there is none.
func (c Case) confidence() float64 {
	if c.Confidence == nil {
		return 0
	}
	return *c.Confidence
}
