package office

import (
	"encoding/xml"
	"strings"
)

// format is how a number is meant.
type format int

const (
	plain format = iota
	day
	clock
	moment
	lasting // of time, which may be longer than a day
	percent
)

// maxStyles is how many cell styles are read; Excel allows 65,490.
const maxStyles = 1 << 16

// styles is a visitor that learns which cell styles mean dates and percentages.
type styles struct {
	custom map[string]format // by number format id
	cells  []format
	inside bool // the list of cell formats
}

func (s *styles) start(e element) error {
	switch e.Name.Local {
	case "numFmt":
		if len(s.custom) < maxStyles {
			s.custom[attr(e, "numFmtId")] = formatOf(attr(e, "formatCode"))
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
func (s *styles) format(id string) format {
	if f, ok := s.custom[id]; ok {
		return f
	}
	switch id {
	case "9", "10":
		return percent
	case "14", "15", "16", "17", "27", "28", "29", "30", "31", "36", "50", "51", "52", "53", "54", "57", "58":
		return day
	case "18", "19", "20", "21", "32", "33", "34", "35", "45", "47", "55", "56":
		return clock
	case "22":
		return moment
	case "46":
		return lasting
	}
	return plain
}

// formatOf reads a number format: the letters outside quotes and brackets tell what it means.
func formatOf(code string) format {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	var hasDay, hasClock, hasPercent, quoted, bracketed, escaped bool
	months := 0 // letters of one in a row: fewer than three may be minutes
	for _, r := range code {
		if r != 'm' {
			months = 0
		}
		switch {
		case escaped:
			escaped = false
		case r == '\\' || r == '_' || r == '*':
			escaped = true
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '[' || r == ']':
			bracketed = r == '['
		case bracketed:
		case r == 'y' || r == 'd':
			hasDay = true
		case r == 'm':
			months++
			hasDay = hasDay || months == 3
		case r == 'h' || r == 's':
			hasClock = true
		case r == '%':
			hasPercent = true
		}
	}
	switch {
	case counts(code):
		return lasting
	case hasDay && hasClock:
		return moment
	case hasDay:
		return day
	case hasClock:
		return clock
	case hasPercent:
		return percent
	}
	return plain
}

// counts reports whether a number format, in lower case, counts hours or less beyond those of a day.
func counts(code string) bool {
	for _, unit := range [...]string{"[h]", "[hh]", "[m]", "[mm]", "[s]", "[ss]"} {
		if strings.Contains(code, unit) {
			return true
		}
	}
	return false
}
