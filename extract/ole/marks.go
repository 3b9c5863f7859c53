package ole

import (
	"cmp"
	"slices"
)

// marks are stretches of a Word document that are read in another way: the paragraphs that stand
// in tables, or the text that is not shown. They lie in the order of their places in the main
// stream.
type marks []mark

type mark struct {
	begin, end int // bytes
	kind       markKind
}

type markKind byte

const (
	outside markKind = iota
	inTable
	rowEnd
	concealed // hidden, or deleted while changes were tracked
)

// at returns what the stretch is whose text lies at an offset.
func (m marks) at(offset int) markKind {
	i, _ := slices.BinarySearchFunc(m, offset, func(x mark, offset int) int { return cmp.Compare(x.end, offset+1) })
	if i < len(m) && m[i].begin <= offset {
		return m[i].kind
	}
	return outside
}

// marks reads the formats of all paragraphs.
func (w *word) marks() marks { return w.formats(0x102, pageMarks) }

// hidden reads the formats of all characters.
func (w *word) hidden() marks { return w.formats(0xFA, pageHidden) }

// formats reads formats by the place of their table. They lie in pages of 512 bytes, which the
// table lists. Old files keep them in another way and have none here.
func (w *word) formats(at int, read func(page []byte) marks) marks {
	const pageSize = 512
	if w.old {
		return nil
	}
	list := w.table(at)
	all := (len(list) - 4) / 8
	var out marks
	for i := range min(all, len(w.main)/pageSize) {
		const number = 1<<22 - 1
		page := u32(list, 4*(all+1)+4*i) & number
		out = append(out, read(span(w.main, int(page)*pageSize, pageSize))...)
	}
	slices.SortStableFunc(out, func(a, b mark) int { return cmp.Compare(a.end, b.end) })
	return out
}

// pageMarks reads a page: the places of its paragraphs, then where in it their formats lie.
func pageMarks(page []byte) marks {
	const count, most, entry = 511, 29, 13
	if len(page) <= count {
		return nil
	}
	n := min(int(page[count]), most)
	var out marks
	for i := range n {
		kind := paragraphKind(from(page[:count], 2*int(page[4*(n+1)+entry*i])))
		if kind != outside {
			out = append(out, mark{int(u32(page, 4*i)), int(u32(page, 4*i+4)), kind})
		}
	}
	return out
}

// pageHidden reads a page: the places of its runs, then where in it their formats lie.
func pageHidden(page []byte) marks {
	const count, most = 511, 101
	if len(page) <= count {
		return nil
	}
	n := min(int(page[count]), most)
	var out marks
	for i := range n {
		b := from(page[:count], 2*int(page[4*(n+1)+i]))
		if len(b) > 0 && isConcealed(span(b, 1, int(b[0]))) {
			out = append(out, mark{int(u32(page, 4*i)), int(u32(page, 4*i+4)), concealed})
		}
	}
	return out
}

// isConcealed reports whether the format of a run hides or deletes it.
func isConcealed(b []byte) bool {
	const deleted, hidden, on = 0x0800, 0x083C, 1
	for len(b) >= 3 {
		if op := u16(b, 0); (op == deleted || op == hidden) && b[2]&on != 0 {
			return true
		}
		b = from(b, changeSize(b))
	}
	return false
}

// paragraphKind reads the format of a paragraph: its size, its style and changes to that.
func paragraphKind(b []byte) markKind {
	if len(b) < 4 {
		return outside
	}
	if b[0] != 0 {
		b = span(b, 3, 2*int(b[0])-3)
	} else {
		b = span(b, 4, 2*int(b[1])-2)
	}
	const tableFlag, rowEndFlag = 0x2416, 0x2417
	kind := outside
	for len(b) >= 3 {
		switch op := u16(b, 0); {
		case op == rowEndFlag && b[2] != 0:
			return rowEnd
		case op == tableFlag && b[2] != 0:
			kind = inTable
		}
		b = from(b, changeSize(b))
	}
	return kind
}

// changeSize returns how many bytes a change takes; its number tells.
func changeSize(b []byte) int {
	const tableShape, tabs = 0xD608, 0xC615
	switch op := u16(b, 0); {
	case op == tableShape:
		return 3 + u16(b, 2)
	case op == tabs && b[2] == 255:
		return len(b) // of a size that only its content tells; tables are named before
	case op>>13 == 6:
		return 3 + int(b[2])
	default:
		return 2 + [...]int{1, 1, 2, 4, 2, 2, 0, 3}[op>>13]
	}
}
