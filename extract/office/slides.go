package office

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
)

// readSlides reads a presentation in the order of its slides, a page for each.
func readSlides(p *parcel) (*extract.Content, error) {
	main, err := p.mainPart("ppt/presentation.xml")
	if err != nil {
		return nil, err
	}
	about, err := p.properties()
	if err != nil {
		return nil, err
	}
	names, err := p.slides(main)
	if err != nil {
		return nil, err
	}
	c := &extract.Content{Meta: about.meta(), PageCount: max(1, len(names))}
	var hidden []secrets
	left := p.opts.MaxText
	for i, name := range names[:min(len(names), p.opts.MaxPages)] {
		out := &output{max: left}
		secret := secrets{}
		if err := p.readSlide(name, &slide{out: out, hidden: secret}); err != nil {
			return nil, err
		}
		text := out.String()
		c.Pages, hidden = append(c.Pages, extract.Page{Number: i + 1, Text: text}), append(hidden, secret)
		if left -= len(text); left <= 0 || out.full() {
			break
		}
	}
	find(c, hidden...)
	if len(c.Pages) == 0 {
		c.Pages = []extract.Page{{Number: 1}} // a template may have no slide
	}
	return c, nil
}

// slides lists the parts of the slides in their order. Where the list is lost, their names
// tell it.
func (p *parcel) slides(main string) ([]string, error) {
	const most = 10_000
	links, err := p.relations(main)
	if err := spare(err); err != nil {
		return nil, err
	}
	parts := make(map[string]string, len(links))
	for _, l := range links {
		parts[l.id] = l.target
	}
	var names []string
	err = p.scan(main, onStart(func(e element) error {
		if part := parts[relationID(e)]; e.Name.Local == "sldId" && part != "" {
			names = append(names, part)
		}
		if len(names) == most {
			return errEnough
		}
		return nil
	}))
	if err != nil && fault.KindOf(err) != fault.Corrupt || len(names) > 0 {
		return names, err
	}
	if found := p.numbered("ppt/slides/slide"); len(found) > 0 {
		return found, nil
	}
	return nil, err
}

// readSlide reads a slide, the diagrams and charts on it and the notes for its speaker. A slide that is
// missing or not shown is empty; damage in what belongs to it is done without.
func (p *parcel) readSlide(name string, v *slide) error {
	if !p.has(name) {
		return nil
	}
	out := v.out
	if err := p.scan(name, v); err != nil || v.isOff {
		return err
	}
	links, err := p.relations(name)
	if err := spare(err); err != nil {
		return err
	}
	for _, kind := range []string{"diagramData", "chart", "notesSlide"} {
		for _, l := range links {
			if l.kind != kind || out.full() {
				continue
			}
			out.separate('\n')
			if err := spare(p.scan(l.target, &slide{out: out, hidden: v.hidden})); err != nil {
				return err
			}
		}
	}
	return nil
}

// slide is a visitor that gathers the text of a slide, of its notes, of a diagram or a chart.
type slide struct {
	trail
	out    *output
	cells  int // open cells of tables
	inText bool

	isOff  bool    // the slide is not shown
	size   float64 // of the letters, in hundredths of a point; 0 where nothing is said
	clear  bool    // the letters are not painted
	hidden secrets
}

func (s *slide) start(e element) error {
	if !s.enter(e.Name) {
		return nil
	}
	switch e.Name.Local {
	case "sld":
		if show := attr(e, "show"); show == "0" || show == "false" {
			s.isOff = true
			return errEnough
		}
	case "Fallback":
		if isTwice(e.Name) {
			s.omit(0)
		}
	case "cNvPr":
		if h := attr(e, "hidden"); h == "1" || h == "true" {
			s.omit(2) // the shape whose properties these are
		}
	case "pt": // a shape that a point of a diagram is drawn as repeats its text
		if attr(e, "type") == "pres" {
			s.omit(0)
		}
	case "v":
		s.inText = s.isSeries()
	}
	if s.skip == 0 && isDrawing(e.Name) {
		s.startDrawing(e)
	}
	return nil
}

func (s *slide) startDrawing(e element) {
	switch e.Name.Local {
	case "t":
		s.inText = true
	case "r":
		s.size, s.clear = 0, false
	case "rPr":
		s.size, _ = strconv.ParseFloat(attr(e, "sz"), 64)
	case "alpha":
		if n, err := strconv.Atoi(attr(e, "val")); err == nil && n < 10_000 && s.inside("srgbClr", "solidFill", "rPr") {
			s.clear = true
		}
	case "noFill":
		s.clear = s.clear || s.inside("rPr")
	case "br":
		s.separateLine()
	case "tc":
		s.cells++
	case "fld":
		if attr(e, "type") == "slidenum" {
			s.omit(0)
		}
	}
}

func (s *slide) end(name xml.Name) error {
	if !s.leave() {
		return nil
	}
	if name.Local == "v" && s.inText {
		s.inText = false
		s.out.separate('\n')
	}
	if !isDrawing(name) {
		return nil
	}
	switch name.Local {
	case "t":
		s.inText = false
	case "p":
		s.separateLine()
	case "tc":
		s.cells--
		s.out.separate('\t')
	case "tr":
		s.out.separate('\n')
	}
	return nil
}

func (s *slide) text(b []byte) error {
	switch {
	case !s.inText || s.skip > 0:
		return nil
	case s.size > 0 && s.size < 100*tiny:
		s.hidden.add(unseen.Tiny, b)
		return nil
	case s.clear:
		s.hidden.add(unseen.Transparent, b)
		return nil
	}
	return s.out.write(b)
}

// isSeries reports whether the open element is the name of a series in a chart, as its legend
// shows it.
func (s *slide) isSeries() bool { return s.inside("pt", "strCache", "strRef", "tx", "ser") }

// separateLine ends a line, or within a cell a word: a row stays on its line.
func (s *slide) separateLine() {
	if s.cells > 0 {
		s.out.separate(' ')
		return
	}
	s.out.separate('\n')
}

func isDrawing(name xml.Name) bool {
	return strings.HasSuffix(name.Space, "/drawingml/2006/main") || strings.HasSuffix(name.Space, "/drawingml/main")
}
