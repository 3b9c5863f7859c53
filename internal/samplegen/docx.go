package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// wml builds the body of a Word document. Word does its own layout.
type wml struct {
	b     strings.Builder
	theme theme
	err   error // of the first block it cannot show
}

// renderDocx returns d as a Word document.
func renderDocx(d doc) ([]byte, error) {
	w := &wml{theme: d.theme}
	for _, b := range d.blocks {
		w.block(b)
	}
	if w.err != nil {
		return nil, w.err
	}
	return packZip(docxParts(d, w.b.String()))
}

func (w *wml) block(b block) {
	switch b := b.(type) {
	case letterhead:
		w.letterhead(b)
	case heading:
		w.p(fmt.Sprintf(`<w:pStyle w:val="Heading%d"/>`, b.level)+jc(b.align), run{text: b.text})
	case para:
		props := jc(b.align)
		if b.indent > 0 {
			props = fmt.Sprintf(`<w:ind w:left="%d"/>`, int(b.indent*20)) + props
		}
		w.p(props, run{text: b.lead, bold: true}, run{text: b.text, bold: b.bold, italic: b.italic, small: b.small})
	case fields:
		w.fields(b)
	case table:
		w.table(b)
	case list:
		w.list(b)
	case signatures:
		w.signatures(b)
	case rule:
		w.p(`<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="697073"/></w:pBdr>`)
	case pageBreak:
		w.b.WriteString(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>`)
	default:
		w.err = fmt.Errorf("draw %T: not in Word documents", b)
	}
}

type run struct {
	text                string
	bold, italic, small bool
	color               string
}

// p writes a paragraph with properties in the order of the schema. Empty runs are left out.
func (w *wml) p(props string, runs ...run) {
	w.b.WriteString("<w:p>")
	if props != "" {
		w.b.WriteString("<w:pPr>" + props + "</w:pPr>")
	}
	wrote := false
	for _, r := range runs {
		if r.text == "" {
			continue
		}
		if wrote {
			r.text = " " + r.text
		}
		w.run(r)
		wrote = true
	}
	w.b.WriteString("</w:p>")
}

func (w *wml) run(r run) {
	w.b.WriteString("<w:r><w:rPr>")
	if r.bold {
		w.b.WriteString("<w:b/>")
	}
	if r.italic {
		w.b.WriteString("<w:i/>")
	}
	if r.color != "" {
		w.b.WriteString(`<w:color w:val="` + r.color + `"/>`)
	}
	if r.small {
		w.b.WriteString(`<w:sz w:val="17"/>`)
	}
	w.b.WriteString(`</w:rPr><w:t xml:space="preserve">` + escape(r.text) + `</w:t></w:r>`)
}

func jc(a align) string {
	return []string{"", `<w:jc w:val="center"/>`, `<w:jc w:val="right"/>`}[a]
}

// tight is a paragraph without room after it.
const tight = `<w:spacing w:after="0"/>`

// letterhead shows the sender only: a Word document names itself in a heading.
func (w *wml) letterhead(b letterhead) {
	w.p(tight+jc(center), run{text: b.name, bold: true, color: hexColor(w.theme.accent)})
	for _, l := range b.lines {
		w.p(tight+jc(center), run{text: l, small: true})
	}
	w.block(rule{})
}

// grid writes a table with the given column widths in twentieths of a point.
func (w *wml) grid(border int, widths []int, rows func()) {
	w.b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/>`)
	if border > 0 {
		w.b.WriteString("<w:tblBorders>")
		for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
			fmt.Fprintf(&w.b, `<w:%s w:val="single" w:sz="%d" w:space="0" w:color="8A8F98"/>`, side, border)
		}
		w.b.WriteString("</w:tblBorders>")
	}
	w.b.WriteString("</w:tblPr><w:tblGrid>")
	for _, n := range widths {
		fmt.Fprintf(&w.b, `<w:gridCol w:w="%d"/>`, n)
	}
	w.b.WriteString("</w:tblGrid>")
	rows()
	w.b.WriteString("</w:tbl>")
	w.p(tight)
}

// row writes a cell for each function, which must write a paragraph last.
func (w *wml) row(cells ...func()) {
	w.b.WriteString("<w:tr>")
	for _, c := range cells {
		w.b.WriteString("<w:tc><w:tcPr/>")
		c()
		w.b.WriteString("</w:tc>")
	}
	w.b.WriteString("</w:tr>")
}

func (w *wml) cellText(a align, r run) func() {
	return func() { w.p(tight+jc(a), r) }
}

func (w *wml) fields(b fields) {
	w.grid(4, []int{3000, 6360}, func() {
		for _, it := range b.items {
			w.row(w.cellText(left, run{text: it.label, bold: true}), w.cellText(left, run{text: it.value}))
		}
	})
}

func (w *wml) table(b table) {
	sum := 0.0
	for _, c := range b.cols {
		sum += c.width
	}
	widths, names := make([]int, len(b.cols)), make([]string, len(b.cols))
	for i, c := range b.cols {
		widths[i], names[i] = int(9360*c.width/sum), c.name
	}
	w.grid(4, widths, func() {
		w.tableRow(b, names, true)
		for _, r := range b.rows {
			w.tableRow(b, r, false)
		}
		for _, r := range b.foot {
			w.tableRow(b, r, true)
		}
	})
}

func (w *wml) tableRow(b table, texts []string, bold bool) {
	cells := make([]func(), len(texts))
	for i, s := range texts {
		cells[i] = w.cellText(b.cols[i].align, run{text: s, bold: bold})
	}
	w.row(cells...)
}

func (w *wml) list(b list) {
	for i, item := range b.items {
		sign := "\u2022"
		if b.numbered {
			sign = fmt.Sprintf("%d.", i+1)
		}
		w.p(`<w:spacing w:after="40"/><w:ind w:left="500" w:hanging="300"/>`, run{text: sign}, run{text: item})
	}
}

func (w *wml) signatures(b signatures) {
	widths, cells := make([]int, len(b)), make([]func(), len(b))
	for i, s := range b {
		widths[i] = 9360 / len(b)
		cells[i] = func() {
			w.p(tight, run{text: s.signed, italic: true, color: "202A6E"})
			w.p(tight, run{text: "______________________________"})
			for _, l := range []string{s.name, s.role, s.date} {
				w.p(tight, run{text: l})
			}
		}
	}
	w.p("")
	w.grid(0, widths, func() { w.row(cells...) })
}

func hexColor(c rgb) string { return fmt.Sprintf("%02X%02X%02X", c.r, c.g, c.b) }

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}
