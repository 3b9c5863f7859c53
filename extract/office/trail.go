package office

import (
	"encoding/xml"

	"github.com/docsift/docsift/extract/unseen"
)

// trail is the way from the root of a part to the open element, and what of it is left out.
type trail struct {
	open []xml.Name
	skip int // how many were open when the one that is left out began; 0 for none

	why unseen.Kind // how what is left out is hidden; "" where it only is no text
}

// enter opens an element and reports whether it is read.
func (t *trail) enter(name xml.Name) bool {
	t.open = append(t.open, name)
	return t.skip == 0
}

// omit leaves out the open element, or its parent that many levels up.
func (t *trail) omit(up int) {
	t.skip, t.why = max(1, len(t.open)-up), ""
}

// conceal leaves out the open element because a reader does not see it.
func (t *trail) conceal(why unseen.Kind) {
	t.omit(0)
	t.why = why
}

// leave closes the open element and reports whether it was read.
func (t *trail) leave() bool {
	depth := len(t.open)
	t.open = t.open[:depth-1]
	if t.skip == depth {
		t.skip = 0
		return false
	}
	return t.skip == 0
}

// inside reports whether the open element stands in the given ones, from the inmost outwards.
func (t *trail) inside(parents ...string) bool {
	at := len(t.open) - 2
	for i, name := range parents {
		if at-i < 0 || t.open[at-i].Local != name {
			return false
		}
	}
	return true
}
