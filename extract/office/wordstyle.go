package office

import (
	"encoding/xml"
	"strconv"

	"github.com/docsift/docsift/extract/unseen"
)

// wordStyle is what a run, a paragraph or a style of Word says of how letters are shown. What it
// does not speak of is "".
type wordStyle struct {
	base   string // the style that it builds on
	hidden string // "on" or "off"
	ink    string
	ground string // "auto" for none, "?" for one that is not known
	size   string // in half points
}

// set obeys an element among the properties of a run or a paragraph.
func (s *wordStyle) set(e element) {
	switch e.Name.Local {
	case "vanish":
		if s.hidden = "off"; isOn(e) {
			s.hidden = "on"
		}
	case "color":
		s.ink = attr(e, "val")
	case "sz":
		s.size = attr(e, "val")
	case "shd":
		if s.ground = attr(e, "fill"); s.ground == "" || attr(e, "val") != "clear" && attr(e, "val") != "nil" {
			s.ground = "?"
		}
	case "highlight":
		if s.ground = "?"; attr(e, "val") == "none" {
			s.ground = ""
		}
	case "rStyle", "pStyle":
		s.base = attr(e, "val")
	}
}

// over returns s, and what it does not speak of as t says it.
func (s wordStyle) over(t wordStyle) wordStyle {
	s.hidden, s.ink, s.size = first(s.hidden, t.hidden), first(s.ink, t.ink), first(s.size, t.size)
	if s.ground == "" || s.ground == "auto" {
		s.ground = t.ground
	}
	return s
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// unreadable returns how letters are kept from a reader, or "".
func (s wordStyle) unreadable() unseen.Kind {
	halves, err := strconv.ParseFloat(s.size, 64)
	ground := s.ground
	if ground == "" || ground == "auto" {
		ground = paper
	}
	switch {
	case s.hidden == "on":
		return unseen.NotDrawn
	case err == nil && halves < 2*tiny:
		return unseen.Tiny
	case near(s.ink, ground):
		return unseen.SameColour
	}
	return ""
}

// wordStyles is a visitor that learns the styles of a document.
type wordStyles struct {
	trail
	list map[string]wordStyle
	id   string
}

func (w *wordStyles) start(e element) error {
	const most = 10_000
	w.enter(e.Name)
	switch {
	case e.Name.Local == "style":
		w.id = attr(e, "styleId")
	case len(w.list) >= most:
		return errEnough
	case w.inside("rPr", "style"), w.inside("pPr", "style"):
		s := w.list[w.id]
		s.set(e)
		w.list[w.id] = s
	case e.Name.Local == "basedOn" && w.inside("style"):
		s := w.list[w.id]
		s.base = attr(e, "val")
		w.list[w.id] = s
	}
	return nil
}

func (w *wordStyles) end(xml.Name) error {
	w.leave()
	return nil
}

func (*wordStyles) text([]byte) error { return nil }

// resolved returns a style with what it builds on.
func resolved(s wordStyle, list map[string]wordStyle) wordStyle {
	const deepest = 20
	for range deepest {
		base, ok := list[s.base]
		if !ok {
			break
		}
		s = s.over(base)
		s.base = base.base
	}
	return s
}

// wordStyles reads the styles of a document, which may have none.
func (p *parcel) wordStyles(main string) (map[string]wordStyle, error) {
	links, err := p.relations(main)
	if err := spare(err); err != nil {
		return nil, err
	}
	v := &wordStyles{list: map[string]wordStyle{}}
	for _, l := range links {
		if l.kind == "styles" && p.has(l.target) {
			if err := spare(p.scan(l.target, v)); err != nil {
				return nil, err
			}
		}
	}
	return v.list, nil
}
