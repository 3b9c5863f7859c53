package ole

// prose turns the characters of a Word document into text. Some of them are marks: of
// paragraphs, cells, fields and drawings.
type prose struct {
	out    *output
	marks  marks
	hidden marks
	ends   []int // where the parts of the text end, in characters
	chars  int   // seen
	last   rune  // the one before

	fields int // open
	code   int // which of them hides what it holds: its instructions; 0 for none
}

// char reads the character that lies at an offset of the main stream.
func (p *prose) char(r rune, at int) {
	p.part()
	p.chars++
	if p.field(r) || p.code > 0 || p.out.full() {
		return
	}
	switch r {
	case '\r':
		p.paragraph(at)
	case '\a':
		p.cell(at)
	case '\v', '\f', 0x0E: // the end of a line, a page, a column
		p.out.separate('\n')
	case '\t':
		p.out.separate('\t')
	case 0x01: // a picture, or how some programs end a line in a text box
		if p.last > ' ' {
			p.out.separate(' ')
		}
	case 0x1E:
		p.out.rune('-')
	default:
		if r >= ' ' && p.hidden.at(at) != concealed {
			p.out.rune(r)
		}
	}
	p.last = r
}

// part begins the next part of the text: a field that was left open does not hide it.
func (p *prose) part() {
	for len(p.ends) > 0 && p.chars >= p.ends[0] {
		p.ends = p.ends[1:]
		p.fields, p.code = 0, 0
		p.out.separate('\n')
	}
}

// field follows the marks of fields: instructions, then what they came to.
func (p *prose) field(r rune) bool {
	const begin, middle, end = 0x13, 0x14, 0x15
	switch r {
	case begin:
		if p.fields++; p.code == 0 {
			p.code = p.fields
		}
	case middle, end:
		if p.code == p.fields {
			p.code = 0
		}
		if r == end {
			p.fields = max(0, p.fields-1)
		}
	default:
		return false
	}
	return true
}

// paragraph ends a line, or within a cell a word: a row stays on its line.
func (p *prose) paragraph(at int) {
	if p.marks.at(at) == inTable {
		p.out.separate(' ')
		return
	}
	p.out.separate('\n')
}

// cell ends a cell or a row. A file that does not say which has two marks at the end of a row.
func (p *prose) cell(at int) {
	row := p.marks.at(at) == rowEnd
	if len(p.marks) == 0 {
		row = p.last == '\a'
	}
	if row {
		p.out.separate('\n')
		return
	}
	p.out.separate('\t')
}
