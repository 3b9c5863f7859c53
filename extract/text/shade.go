package text

import (
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/docsift/docsift/extract/unseen"
)

// shade is how the text of an element is shown, as far as it changes something.
type shade struct {
	tag    string
	inside int // open elements of the same name in it

	ink    colour
	ground colour
	known  bool    // the ground is: it is no picture
	size   float64 // pixels
}

// unreadable returns how text in this shade is kept from a reader, or "".
func (s shade) unreadable() unseen.Kind {
	const tiny = 2 // pixels
	switch {
	case s.size < tiny:
		return unseen.Tiny
	case s.ink.opacity < 0.1:
		return unseen.Transparent
	case s.known && s.ink.near(s.ground):
		return unseen.SameColour
	}
	return ""
}

// shades are the open elements that change how text is shown, the page itself first.
type shades []shade

func newShades() shades {
	return shades{{ink: black(), ground: white(), known: true, size: 16}}
}

func (s shades) top() *shade { return &s[len(s)-1] }

// enter opens an element.
func (s *shades) enter(name atom.Atom, tag string, attr map[string]string, st style) {
	const most = 500
	if top := s.top(); isVoid(name) {
		return
	} else if top.tag == tag && top.inside == 0 && endsItself(name) {
		*s = (*s)[:len(*s)-1] // its end was left out
	}
	next := *s.top()
	next.tag, next.inside = tag, 0
	if changed := next.paint(name, attr, st); changed && len(*s) < most {
		*s = append(*s, next)
		return
	}
	if top := s.top(); top.tag == tag {
		top.inside++
	}
}

// leave closes an element.
func (s *shades) leave(tag string) {
	for i := len(*s) - 1; i > 0; i-- {
		switch at := &(*s)[i]; {
		case at.tag != tag:
		case at.inside > 0:
			at.inside--
			return
		default:
			*s = (*s)[:i]
			return
		}
	}
}

// endsItself reports whether an element ends where another of its kind begins.
func endsItself(name atom.Atom) bool {
	switch name {
	case atom.P, atom.Li, atom.Td, atom.Th, atom.Tr, atom.Dt, atom.Dd, atom.Option:
		return true
	}
	return false
}

// paint takes over what an element says of colours and sizes, and reports whether that is
// anything.
func (s *shade) paint(name atom.Atom, attr map[string]string, st style) bool {
	before := *s
	if name == atom.A { // a link has a colour of its own
		s.ink = colour{0, 0, 238, 1}
	}
	for _, value := range []string{attr["text"], attr["color"], st["color"]} {
		if c, ok := parseColour(value); ok {
			s.ink = c
		}
	}
	if st["color"] != "" {
		if _, ok := parseColour(st["color"]); !ok && st["color"] != "inherit" {
			s.ink = black() // a colour whose name is not known is one that shows
		}
	}
	s.fill(attr["bgcolor"])
	s.fill(st["background-color"])
	s.fill(st["background"])
	if has(attr, "background") || strings.Contains(st["background"]+st["background-image"], "(") && !strings.HasPrefix(st["background"], "rgb") {
		s.known = false // a picture or a run of colours
	}
	s.size = st.pixels(s.size)
	return *s != before
}

// fill paints the ground. What one cannot see through is under it no more.
func (s *shade) fill(value string) {
	first, _, _ := strings.Cut(value, " ")
	if strings.HasPrefix(value, "rgb") {
		first = value
	}
	switch c, ok := parseColour(first); {
	case ok && c.opacity >= 0.5:
		s.ground, s.known = c, true
	case value != "" && !ok && first != "none" && first != "inherit" && first != "initial":
		s.known = false // a colour whose name is not known
	}
}
