package office

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/docsift/docsift/extract/unseen"
)

// openStyle is what a style of an OpenDocument file says of how its text or sheet is shown.
type openStyle struct {
	parent string
	off    bool   // not shown at all
	ink    string // six digits; "" where nothing is said
	ground bool   // it has one of its own
	size   string // such as "12pt"
}

// openStyleList is the styles of a file by family and name, gathered as a part goes by.
type openStyleList struct {
	styles map[string]openStyle
	style  string // the one that is being read
}

// learn notes what an element says of a style.
func (l *openStyleList) learn(e element) {
	const most = 10_000
	if len(l.styles) >= most {
		return
	}
	if l.styles == nil {
		l.styles = map[string]openStyle{}
	}
	if e.Name.Local == "style" {
		family := attr(e, "family")
		l.style = family + ":" + attr(e, "name")
		l.styles[l.style] = openStyle{parent: family + ":" + attr(e, "parent-style-name")}
		return
	}
	if s, known := l.styles[l.style]; known && strings.HasSuffix(e.Name.Local, "-properties") {
		s.set(e)
		l.styles[l.style] = s
	}
}

func (s *openStyle) set(e element) {
	if d := attr(e, "display"); d == "none" || d == "false" {
		s.off = true
	}
	if e.Name.Local == "text-properties" {
		s.ink = strings.ToUpper(strings.TrimPrefix(attr(e, "color"), "#"))
		s.size = attr(e, "font-size")
	}
	if g := attr(e, "background-color"); g != "" && g != "transparent" && !strings.EqualFold(g, "#"+paper) {
		s.ground = true
	}
}

// of returns the style of an element, with what it builds on.
func (l *openStyleList) of(family, name string) openStyle {
	const deepest = 20
	at := family + ":" + name
	s := l.styles[at]
	for range deepest {
		base, ok := l.styles[s.parent]
		if !ok || s.parent == at {
			break
		}
		s.off, s.ground = s.off || base.off, s.ground || base.ground
		s.ink, s.size = first(s.ink, base.ink), first(s.size, base.size)
		at, s.parent = s.parent, base.parent
	}
	return s
}

// hides returns how a style keeps letters from a reader, or "". On grounds of which it says
// nothing, such as those of cells and boxes, white is not taken for hidden.
func (s openStyle) hides(onPaper bool) unseen.Kind {
	points, isPoints := strings.CutSuffix(s.size, "pt")
	size, err := strconv.ParseFloat(points, 64)
	switch {
	case s.off:
		return unseen.NotDrawn
	case isPoints && err == nil && size < tiny:
		return unseen.Tiny
	case onPaper && !s.ground && near(s.ink, paper):
		return unseen.SameColour
	}
	return ""
}

// familyOf returns the family of the styles that an element of a text is shown in.
func familyOf(e element) string {
	switch e.Name.Local {
	case "p", "h":
		return "paragraph"
	case "section":
		return "section"
	}
	return "text"
}

// openStyles reads the styles that are shared by the parts of a file.
func (p *parcel) openStyles() (map[string]openStyle, error) {
	v := &openStyleReader{}
	if p.has(openStyles) {
		if err := spare(p.scan(openStyles, v)); err != nil {
			return nil, err
		}
	}
	return v.styles, nil
}

// openStyleReader is a visitor that learns styles and nothing else.
type openStyleReader struct{ openStyleList }

func (r *openStyleReader) start(e element) error {
	if space(e.Name) == "style" {
		r.learn(e)
	}
	return nil
}

func (*openStyleReader) end(xml.Name) error { return nil }
func (*openStyleReader) text([]byte) error  { return nil }
