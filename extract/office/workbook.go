package office

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// sheetRef is a visible sheet of a workbook.
type sheetRef struct{ name, part string }

// readWorkbook reads the visible sheets of a workbook, a page for each.
func readWorkbook(p *parcel) (*extract.Content, error) {
	main, err := p.mainPart("xl/workbook.xml")
	if err != nil {
		return nil, err
	}
	about, err := p.properties()
	if err != nil {
		return nil, err
	}
	links, err := p.relations(main)
	if err != nil {
		return nil, err
	}
	sheets, since1904, err := p.sheets(main, links)
	if err != nil {
		return nil, err
	}
	look, err := p.look(links, since1904)
	if err != nil {
		return nil, err
	}
	c, err := p.readSheets(sheets, look)
	if err != nil {
		return nil, err
	}
	c.PageCount, c.Meta = max(1, len(sheets)), about.meta()
	names := make([]string, len(sheets))
	for i, s := range sheets {
		names[i] = s.name
	}
	setList(c.Meta, "sheets", names)
	return c, nil
}

// sheets lists the visible sheets, and reports whether days are counted from 1904.
func (p *parcel) sheets(main string, links []relation) (list []sheetRef, since1904 bool, err error) {
	const most = 10_000
	parts := make(map[string]string, len(links))
	for _, l := range links {
		parts[l.id] = l.target
	}
	err = p.scan(main, onStart(func(e element) error {
		switch {
		case e.Name.Local == "workbookPr":
			since1904 = attr(e, "date1904") == "1" || attr(e, "date1904") == "true"
		case e.Name.Local == "sheet" && !strings.Contains(strings.ToLower(attr(e, "state")), "hidden"):
			list = append(list, sheetRef{attr(e, "name"), parts[attr(e, "id")]})
		}
		if len(list) == most {
			return errEnough
		}
		return nil
	}))
	if p.cut && len(list) == 0 {
		for _, name := range p.numbered("xl/worksheets/sheet") {
			list = append(list, sheetRef{part: name})
		}
	}
	return list, since1904, err
}

// readSheets reads sheets until the text is long enough. The name of a sheet is its heading.
func (p *parcel) readSheets(sheets []sheetRef, l *look) (*extract.Content, error) {
	if len(sheets) == 0 {
		return nil, fault.New(fault.Corrupt, nil, "the workbook has no visible sheet")
	}
	c := &extract.Content{}
	var hidden []secrets
	left := p.opts.MaxText
	for i, s := range sheets[:min(len(sheets), p.opts.MaxPages)] {
		out := &output{max: left}
		v := &sheet{out: out, look: l, opts: p.opts, hidden: secrets{}}
		if err := p.readSheet(s, v); err != nil {
			return nil, err
		}
		text := out.String()
		c.Pages, hidden = append(c.Pages, extract.Page{Number: i + 1, Text: text}), append(hidden, v.hidden)
		if left -= len(text); left <= 0 || out.full() {
			break
		}
	}
	find(c, hidden...)
	return c, nil
}

func (p *parcel) readSheet(s sheetRef, v *sheet) error {
	if err := v.out.write([]byte(s.name)); err != nil {
		return nil // the name alone is enough
	}
	v.out.separate('\n')
	if !p.has(s.part) {
		return nil
	}
	return p.scan(s.part, v)
}

// sheet is a visitor that writes the filled cells of a sheet, tabs between, a row a line. Rows and
// columns that are not shown are left out, which is no secret: filters and helping columns are
// hidden so by habit.
type sheet struct {
	out    *output
	look   *look
	opts   Options
	rows   int
	cells  int // of this row
	isOff  bool
	off    [][2]int // columns that are not shown, from the first to the last
	hidden secrets

	column int // of this cell

	kind, style string // of this cell
	value       strings.Builder
	inValue     bool
	phonetic    int // open elements that say how the text sounds
}

func (s *sheet) start(e element) error {
	switch e.Name.Local {
	case "col":
		s.learnColumns(e)
	case "row":
		if s.rows++; s.rows > s.opts.MaxRows {
			return errEnough
		}
		s.cells, s.column, s.isOff = 0, 0, isTrue(attr(e, "hidden"))
	case "c":
		s.kind, s.style, s.column = attr(e, "t"), attr(e, "s"), columnOf(attr(e, "r"), s.column+1)
		s.value.Reset()
		s.cells++
	case "rPh":
		s.phonetic++
	case "v", "t":
		s.inValue = s.phonetic == 0
	}
	return nil
}

// learnColumns notes columns that are not shown.
func (s *sheet) learnColumns(e element) {
	const most = 1000
	from, errFrom := strconv.Atoi(attr(e, "min"))
	to, errTo := strconv.Atoi(attr(e, "max"))
	if isTrue(attr(e, "hidden")) && errFrom == nil && errTo == nil && len(s.off) < most {
		s.off = append(s.off, [2]int{from, to})
	}
}

func isTrue(s string) bool { return s == "1" || s == "true" }

// columnOf returns the column that a cell such as "AB12" stands in, counted from 1.
func columnOf(name string, otherwise int) int {
	n := 0
	for i := 0; i < len(name) && i < 3 && name[i] >= 'A' && name[i] <= 'Z'; i++ {
		n = 26*n + int(name[i]-'A') + 1
	}
	if n == 0 {
		return otherwise
	}
	return n
}

// isShown reports whether the row and the column of the cell are.
func (s *sheet) isShown() bool {
	return !s.isOff && !slices.ContainsFunc(s.off, func(c [2]int) bool { return c[0] <= s.column && s.column <= c[1] })
}

func (s *sheet) end(name xml.Name) error {
	switch name.Local {
	case "rPh":
		s.phonetic--
	case "v", "t":
		s.inValue = false
	case "c":
		return s.cell()
	case "row":
		s.out.separate('\n')
	case "sheetData":
		return errEnough
	}
	return nil
}

func (s *sheet) text(b []byte) error {
	if s.inValue && s.value.Len() < maxCell {
		s.value.Write(b[:min(len(b), maxCell)])
	}
	return nil
}

func (s *sheet) cell() error {
	if s.cells > s.opts.MaxCells || !s.isShown() {
		return nil
	}
	shown := strings.TrimSpace(s.look.show(s.kind, s.style, s.value.String()))
	if shown == "" {
		return nil
	}
	if why := s.look.hidden(s.style); why != "" {
		s.hidden.add(why, []byte(shown))
		return nil
	}
	defer s.out.separate('\t')
	return s.out.write([]byte(tidyText(shown)))
}
