package office

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/number"
	"github.com/docsift/docsift/fault"
)

// readOpenSheets reads the visible sheets of a spreadsheet, a page for each. The name of a
// sheet is its heading.
func readOpenSheets(p *parcel) (*extract.Content, error) {
	about, err := p.openProperties()
	if err != nil {
		return nil, err
	}
	v := &openSheets{opts: p.opts, left: p.opts.MaxText}
	if err := p.scan(openContent, v); err != nil {
		return nil, err
	}
	if len(v.pages) == 0 {
		return nil, fault.New(fault.Corrupt, nil, "the workbook has no visible sheet")
	}
	c := &extract.Content{Meta: about.meta(), PageCount: len(v.pages)}
	if v.enough {
		c.PageCount = max(c.PageCount, about.count("table-count"))
	}
	for i, out := range v.pages {
		c.Pages = append(c.Pages, extract.Page{Number: i + 1, Text: out.String()})
	}
	find(c, v.hidden...)
	setList(c.Meta, "sheets", v.names)
	return c, nil
}

// openSheets is a visitor that writes the filled cells of each sheet, tabs between, a row a line.
type openSheets struct {
	trail
	openStyleList
	opts   Options
	left   int  // bytes of text that all sheets may still have
	enough bool // the rest was left unread

	names  []string
	pages  []*output
	hidden []secrets
	rows   int // of this sheet, filled ones
	depth  int // open tables
	row    []string
	repeat struct{ row, cell int }

	cell  *output // nil outside of cells
	shown string  // what the cell is if it has no text
	paras int
}

func (v *openSheets) start(e element) error {
	if !v.enter(e.Name) {
		return nil
	}
	switch space(e.Name) {
	case "table":
		return v.startTable(e)
	case "text":
		v.startText(e)
	case "office":
		if e.Name.Local == "annotation" {
			v.omit(0)
		}
	case "style":
		v.learn(e)
	}
	return nil
}

func (v *openSheets) startTable(e element) error {
	switch e.Name.Local {
	case "tracked-changes", "shapes", "covered-table-cell":
		v.omit(0)
	case "table":
		if v.of("table", attr(e, "style-name")).off || v.depth > 0 {
			v.omit(0)
			return nil
		}
		return v.startSheet(attr(e, "name"))
	case "table-row":
		if v.rows >= v.opts.MaxRows {
			v.omit(0)
			return nil
		}
		v.row, v.repeat.row = v.row[:0], times(e, "number-rows-repeated")
	case "table-cell":
		if v.depth == 0 || v.cell != nil || len(v.row) >= v.opts.MaxCells {
			v.omit(0)
			return nil
		}
		v.cell, v.paras = &output{max: maxCell}, 0
		v.shown, v.repeat.cell = shownValue(e), times(e, "number-columns-repeated")
	}
	return nil
}

func (v *openSheets) startSheet(name string) error {
	if len(v.pages) == v.opts.MaxPages || v.left <= 0 {
		v.enough = true
		return errEnough
	}
	v.depth++
	v.rows = 0
	v.names = append(v.names, name)
	out := &output{max: v.left}
	v.pages = append(v.pages, out)
	return v.write(name)
}

// keep keeps a text that is not shown, by sheet.
func (v *openSheets) keep(b []byte) {
	for len(v.hidden) < len(v.pages) {
		v.hidden = append(v.hidden, secrets{})
	}
	v.hidden[len(v.hidden)-1].add(v.why, b)
}

func (v *openSheets) startText(e element) {
	if v.cell == nil {
		return
	}
	if why := v.of(familyOf(e), attr(e, "style-name")).hides(false); why != "" {
		v.conceal(why)
		return
	}
	switch e.Name.Local {
	case "p", "h":
		v.paras++
		v.cell.separate(' ')
	case "s", "tab", "line-break":
		v.cell.separate(' ')
	}
}

func (v *openSheets) end(name xml.Name) error {
	if !v.leave() {
		return nil
	}
	switch space(name) {
	case "text":
		if v.cell != nil && (name.Local == "p" || name.Local == "h") {
			v.paras--
			v.cell.separate(' ')
		}
	case "table":
		return v.endTable(name.Local)
	}
	return nil
}

func (v *openSheets) endTable(local string) error {
	switch local {
	case "table":
		v.depth--
		v.left -= v.pages[len(v.pages)-1].b.Len()
	case "table-row":
		return v.endRow()
	case "table-cell":
		v.endCell()
	}
	return nil
}

func (v *openSheets) endCell() {
	text := tidyText(v.cell.String())
	if text == "" {
		text = v.shown
	}
	v.cell = nil
	if text == "" {
		return
	}
	for range min(v.repeat.cell, v.opts.MaxCells-len(v.row)) {
		v.row = append(v.row, text)
	}
}

func (v *openSheets) endRow() error {
	if len(v.row) == 0 || v.depth == 0 {
		return nil
	}
	line := strings.Join(v.row, "\t")
	for range min(v.repeat.row, v.opts.MaxRows-v.rows) {
		v.rows++
		if err := v.write(line); err != nil {
			return err
		}
	}
	return nil
}

// write adds a line to the sheet.
func (v *openSheets) write(line string) error {
	out := v.pages[len(v.pages)-1]
	if err := out.write([]byte(line)); err != nil {
		v.enough = true
		return err
	}
	out.separate('\n')
	return nil
}

func (v *openSheets) text(b []byte) error {
	if v.skip > 0 && v.why != "" {
		v.keep(b)
	}
	if v.skip > 0 || v.cell == nil || v.paras == 0 || space(v.open[len(v.open)-1]) != "text" {
		return nil
	}
	_ = v.cell.words(b) // a full cell is no end of the sheet
	return nil
}

// times reads how often a cell or row is repeated, which may be a lie: callers bound it.
func times(e element, name string) int {
	if n, err := strconv.Atoi(attr(e, name)); err == nil && n > 1 {
		return n
	}
	return 1
}

// shownValue returns the value that a cell without text has in its attributes.
func shownValue(e element) string {
	switch attr(e, "value-type") {
	case "float", "currency":
		return asNumber(attr(e, "value"), 1, "")
	case "percentage":
		return asNumber(attr(e, "value"), 100, "%")
	case "date":
		return tidyText(extract.Cut(attr(e, "date-value"), maxCell))
	case "time":
		return tidyText(extract.Cut(attr(e, "time-value"), maxCell))
	case "boolean":
		return strings.ToUpper(tidyText(extract.Cut(attr(e, "boolean-value"), maxCell)))
	case "string":
		return tidyText(extract.Cut(attr(e, "string-value"), maxCell))
	}
	return ""
}

// asNumber writes a number times a factor, and whatever is none as it stands.
func asNumber(s string, factor float64, unit string) string {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v-v != 0 { // not finite
		return tidyText(extract.Cut(s, maxCell))
	}
	return number.Tidy(v*factor) + unit
}
