package main

// fields fill the grid row by row.
func (f *flow) fields(b fields) {
	row, used := []field{}, 0
	flush := func() {
		if len(row) > 0 {
			f.fieldRow(b, row)
		}
		row, used = nil, 0
	}
	for _, it := range b.items {
		span := max(1, it.span)
		if used+span > b.cols {
			flush()
		}
		row, used = append(row, it), used+span
	}
	flush()
	f.y += 7
}

func (f *flow) fieldRow(b fields, row []field) {
	unit := f.w / float64(b.cols)
	cells := make([]cell, len(row))
	x, h := f.x, 0.0
	for i, it := range row {
		w := unit * float64(max(1, it.span))
		cells[i] = f.fieldCell(b, it, x, w)
		x, h = x+w, max(h, cells[i].height)
	}
	f.need(h)
	for i, c := range cells {
		if b.boxed {
			f.box(c.x, f.y, c.w, h, 0.7, ink())
		}
		f.fieldText(b, row[i], c)
	}
	f.y += h
}

// cell is wrapped text and the room it needs.
type cell struct {
	x, w, height float64
	lines        [][]span
}

// labelWidth is where an unboxed value starts.
func (b fields) labelWidth(w float64) float64 {
	if b.labelW > 0 {
		return b.labelW
	}
	return w * 0.4
}

func (f *flow) fieldCell(b fields, it field, x, w float64) cell {
	if b.boxed {
		typed := f.typed()
		lines := f.wrap(w-10, span{typed, it.value})
		return cell{x, w, 15 + typed.leading()*float64(len(lines)), lines}
	}
	fc := f.face(0)
	lines := f.wrap(w-b.labelWidth(w)-8, span{fc, it.value})
	return cell{x, w, fc.leading()*float64(len(lines)) + 1.5, lines}
}

// typed is the face of what was filled in to a form.
func (f *flow) typed() face {
	return face{family: mono, size: f.d.theme.size, color: rgb{30, 34, 72}}
}

func (f *flow) fieldText(b fields, it field, c cell) {
	label := f.face(0).in(faint())
	x, y := c.x+b.labelWidth(c.w), f.y
	if b.boxed {
		label = f.face(-3)
		f.c.text(c.x+4, f.y+8, label, it.label)
		x, y = c.x+5, f.y+11
	} else {
		f.c.text(c.x, f.y+label.leading()*0.76, label, it.label)
	}
	for _, l := range c.lines {
		if len(l) > 0 {
			h := l[0].face.leading()
			f.spanLine(x, y+h*0.76, c.w, left, l)
			y += h
		}
	}
}

func (f *flow) table(b table) {
	fc := f.face(-0.5)
	if b.small {
		fc = f.face(-1.5)
	}
	head := fc.strong().in(rgb{255, 255, 255})
	if b.grid {
		head = fc.strong()
	}
	names := make([]string, len(b.cols))
	for i, c := range b.cols {
		names[i] = c.name
	}
	drawHead := func() { f.row(b, names, rowStyle{face: head, head: true}) }
	f.need(60)
	drawHead()
	for i, r := range b.rows {
		page := f.page
		f.need(f.rowHeight(b, r, fc))
		if f.page != page {
			drawHead()
		}
		f.row(b, r, rowStyle{face: fc, shaded: i%2 == 1})
	}
	if len(b.foot) > 0 && !b.grid {
		f.c.line(f.x, f.y, f.x+f.w, f.y, 1, f.d.theme.accent)
	}
	for _, r := range b.foot {
		f.row(b, r, rowStyle{face: fc.strong()})
	}
	f.y += 8
}

type rowStyle struct {
	face   face
	head   bool
	shaded bool
}

func (f *flow) rowHeight(b table, r []string, fc face) float64 {
	_, h := f.rowCells(b, r, fc)
	return h
}

func (f *flow) rowCells(b table, r []string, fc face) ([]cell, float64) {
	sum := 0.0
	for _, c := range b.cols {
		sum += c.width
	}
	cells := make([]cell, len(r))
	x, h := f.x, 0.0
	for i, s := range r {
		w := f.w * b.cols[i].width / sum
		lines := f.wrap(w-8, span{fc, s})
		cells[i] = cell{x: x, w: w, lines: lines}
		x, h = x+w, max(h, fc.leading()*float64(len(lines))+5)
	}
	return cells, h
}

func (f *flow) row(b table, r []string, st rowStyle) {
	cells, h := f.rowCells(b, r, st.face)
	f.need(h)
	switch {
	case st.head && b.grid:
		f.c.fill(f.x, f.y, f.w, h, pale())
	case st.head:
		f.c.fill(f.x, f.y, f.w, h, f.d.theme.accent)
	case st.shaded && !b.grid:
		f.c.fill(f.x, f.y, f.w, h, pale())
	}
	for i, c := range cells {
		if b.grid {
			f.box(c.x, f.y, c.w, h, 0.5, faint())
		}
		for j, l := range c.lines {
			y := f.y + 2.5 + st.face.leading()*(float64(j)+0.76)
			f.spanLine(c.x+4, y, c.w-8, b.cols[i].align, l)
		}
	}
	f.y += h
}
