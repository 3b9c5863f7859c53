package office

import (
	"encoding/xml"
	"strconv"

	"github.com/docsift/docsift/extract/number"
)

// maxStyles is how many cell styles are read; Excel allows 65,490.
const maxStyles = 1 << 16

// styles is a visitor that learns which cell styles mean dates and percentages.
type styles struct {
	custom map[string]number.Format // by number format id
	cells  []number.Format
	inside bool // the list of cell formats
}

func (s *styles) start(e element) error {
	switch e.Name.Local {
	case "numFmt":
		if len(s.custom) < maxStyles {
			s.custom[attr(e, "numFmtId")] = number.Parse(attr(e, "formatCode"))
		}
	case "cellXfs":
		s.inside = true
	case "xf":
		if s.inside && len(s.cells) < maxStyles {
			s.cells = append(s.cells, s.format(attr(e, "numFmtId")))
		}
	}
	return nil
}

func (s *styles) end(name xml.Name) error {
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
