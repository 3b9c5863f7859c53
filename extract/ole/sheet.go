package ole

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
)

// sheet gathers the filled cells of a sheet. Programs other than Excel do not always write
// them row by row.
type sheet struct {
	book  *workbook
	cells []cell
	size  int // bytes
	most  int // bytes
	inRow int // cells met since the row changed

	waits bool // for the text that the formula before came to
	owner cell
}

type cell struct {
	row, column int
	text        string
}

// readSheet writes the cells of a sheet, tabs between, a row a line.
func (w *workbook) readSheet(ctx context.Context, at int, out *output) error {
	s := &sheet{book: w, most: out.max}
	r := &records{b: w.b, at: at, budget: w.budget}
	for depth := 0; !s.full(); {
		rec, err := r.next(ctx)
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			return err
		}
		switch rec.kind {
		case recBegin:
			depth++
			continue
		case recEnd:
			depth--
		}
		if depth < 1 {
			break
		}
		if depth == 1 { // a chart inside keeps the numbers that it draws
			s.read(rec)
		}
	}
	s.write(out)
	return nil
}

// full reports whether as many cells were met as are ever written.
func (s *sheet) full() bool {
	o := s.book.opts
	return s.size >= s.most || len(s.cells) >= o.MaxRows*o.MaxCells
}

func (s *sheet) read(rec record) {
	b := rec.data
	c := cell{row: u16(b, 0), column: u16(b, 2)}
	switch rec.kind {
	case recSharedText:
		if i := u32(b, 6); uint64(i) < uint64(len(s.book.strings)) {
			s.add(c, s.book.strings[i])
		}
	case recText, recRichText:
		s.add(c, s.book.longText(from(b, 6), rec.more))
	case recNumber:
		s.number(c, u16(b, 4), math.Float64frombits(u64(b, 6)))
	case recShortNumber:
		s.number(c, u16(b, 4), shortNumber(u32(b, 6)))
	case recManyNumbers:
		for at := 4; at+6 <= len(b)-2; at += 6 {
			s.number(c, u16(b, at), shortNumber(u32(b, at+2)))
			c.column++
		}
	case recFormula, recFormula3, recFormula4:
		s.formula(c, b)
	case recResult:
		if s.waits {
			s.add(s.owner, s.book.longText(b, rec.more))
		}
		s.waits = false
	case recBool:
		if len(b) >= 8 && b[7] == 0 {
			s.boolean(c, b[6])
		}
	}
}

// formula shows what a formula came to. Text comes in a record of its own.
func (s *sheet) formula(c cell, b []byte) {
	const special, text, boolean = 0xFFFF, 0, 1
	if len(b) < 14 {
		return
	}
	s.waits = false
	switch {
	case u16(b, 12) != special:
		s.number(c, u16(b, 4), math.Float64frombits(u64(b, 6)))
	case b[6] == text:
		s.waits, s.owner = true, c
	case b[6] == boolean:
		s.boolean(c, b[8])
	}
}

func (s *sheet) number(c cell, style int, v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		s.add(c, s.book.format(style).Show(v, s.book.since1904))
	}
}

func (s *sheet) boolean(c cell, v byte) {
	s.add(c, map[byte]string{0: "FALSE", 1: "TRUE"}[v])
}

func (s *sheet) add(c cell, text string) {
	if c.text = tidySpace(text); c.text == "" {
		return
	}
	if len(s.cells) == 0 || s.cells[len(s.cells)-1].row != c.row {
		s.inRow = 0
	}
	if s.inRow++; s.inRow > s.book.opts.MaxCells {
		return
	}
	s.cells = append(s.cells, c)
	s.size += len(c.text)
}

func (s *sheet) write(out *output) {
	byPlace := func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column))
	}
	if !slices.IsSortedFunc(s.cells, byPlace) {
		slices.SortStableFunc(s.cells, byPlace)
	}
	rows, inRow, row := 0, 0, -1
	for _, c := range s.cells {
		if c.row != row {
			out.separate('\n')
			rows, inRow, row = rows+1, 0, c.row
		}
		if rows > s.book.opts.MaxRows || out.full() {
			return
		}
		if inRow++; inRow <= s.book.opts.MaxCells {
			out.text(c.text)
			out.separate('\t')
		}
	}
}
