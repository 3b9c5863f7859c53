package office

import (
	"encoding/xml"
	"strconv"

	"github.com/docsift/docsift/extract/number"
	"github.com/docsift/docsift/extract/unseen"
)

// maxStyles is how many cell styles are read; Excel allows 65,490.
const maxStyles = 1 << 16

// styles is a visitor that learns which cell styles mean dates and percentages, and which keep
// what is in a cell from a reader.
type styles struct {
	trail
	custom map[string]number.Format // by number format id
	blank  map[string]bool          // number formats that show nothing
	fonts  []wordStyle
	fills  []string // grounds, "?" for one that is not known
	cells  []number.Format
	hides  []unseen.Kind // by cell style
}

func (s *styles) start(e element) error {
	s.enter(e.Name)
	switch e.Name.Local {
	case "numFmt":
		if len(s.custom) < maxStyles {
			s.custom[attr(e, "numFmtId")] = number.Parse(attr(e, "formatCode"))
			s.blank[attr(e, "numFmtId")] = attr(e, "formatCode") == ";;;"
		}
	case "font":
		if s.inside("fonts") && len(s.fonts) < maxStyles {
			s.fonts = append(s.fonts, wordStyle{})
		}
	case "color", "sz":
		if s.inside("font", "fonts") && len(s.fonts) > 0 {
			s.setFont(e, &s.fonts[len(s.fonts)-1])
		}
	case "patternFill", "gradientFill":
		if s.inside("fill", "fills") && len(s.fills) < maxStyles {
			s.fills = append(s.fills, groundOf(e))
		}
	case "xf":
		if s.inside("cellXfs") && len(s.cells) < maxStyles {
			s.cells = append(s.cells, s.format(attr(e, "numFmtId")))
			s.hides = append(s.hides, s.unreadable(e))
		}
	}
	return nil
}

// setFont takes the colour or the size of a font. Of colours of the theme it knows the first,
// which is that of paper.
func (*styles) setFont(e element, font *wordStyle) {
	switch rgb := attr(e, "rgb"); {
	case e.Name.Local == "sz":
		if n, err := strconv.ParseFloat(attr(e, "val"), 64); err == nil {
			font.size = strconv.FormatFloat(2*n, 'f', -1, 64)
		}
	case len(rgb) == 8:
		font.ink = rgb[2:]
	case attr(e, "theme") == "0" && attr(e, "tint") == "":
		font.ink = paper
	}
}

// groundOf returns the ground that a pattern makes, "" for none.
func groundOf(e element) string {
	if p := attr(e, "patternType"); e.Name.Local == "patternFill" && (p == "none" || p == "") {
		return ""
	}
	return "?"
}

// unreadable returns how a cell's style keeps what is in it from a reader, or "".
func (s *styles) unreadable(xf element) unseen.Kind {
	var look wordStyle
	if i, err := strconv.Atoi(attr(xf, "fontId")); err == nil && i >= 0 && i < len(s.fonts) {
		look = s.fonts[i]
	}
	if i, err := strconv.Atoi(attr(xf, "fillId")); err == nil && i >= 0 && i < len(s.fills) {
		look.ground = s.fills[i]
	}
	if s.blank[attr(xf, "numFmtId")] {
		look.hidden = "on"
	}
	return look.unreadable()
}

func (s *styles) end(name xml.Name) error {
	s.leave()
	if name.Local == "cellXfs" {
		return errEnough
	}
	return nil
}

func (*styles) text([]byte) error { return nil }

// format returns the meaning of a number format: one of the workbook's or a built-in one.
func (s *styles) format(id string) number.Format {
	if f, ok := s.custom[id]; ok {
		return f
	}
	n, err := strconv.Atoi(id)
	if err != nil {
		return number.Plain
	}
	return number.BuiltIn(n)
}
