package main

import (
	"fmt"
	"strings"
)

// canvas is a pile of pages to draw on. Lengths are points from the top left corner.
type canvas interface {
	newPage()
	width(f face, s string) float64
	text(x, y float64, f face, s string) // y is the baseline
	fill(x, y, w, h float64, c rgb)
	line(x1, y1, x2, y2, w float64, c rgb)
}

type face struct {
	family       family
	bold, italic bool
	size         float64
	color        rgb
}

// flow sets blocks one under the other and breaks pages.
type flow struct {
	c       canvas
	d       doc
	x, y, w float64 // of the current column
	page    int
	pages   int  // in the whole document
	fixed   bool // inside columns, which never break
}

// drawDoc draws d twice: the first pass counts the pages for the footers of the second.
func drawDoc(d doc, open func() canvas) canvas {
	count := newFlow(d, open(), 0)
	count.run()
	final := newFlow(d, open(), count.page)
	final.run()
	return final.c
}

func newFlow(d doc, c canvas, pages int) *flow {
	return &flow{c: c, d: d, x: d.theme.margin, w: d.theme.paperW - 2*d.theme.margin, pages: pages}
}

func (f *flow) run() {
	f.breakPage()
	f.draw(f.d.blocks)
}

func (f *flow) breakPage() {
	f.c.newPage()
	f.page++
	f.y = f.d.theme.margin
	if f.d.footer == "" {
		return
	}
	small := f.face(-2.5)
	small.color = faint()
	y := f.d.theme.paperH - 30
	f.c.line(f.x, y-11, f.x+f.w, y-11, 0.5, rgb{200, 202, 206})
	f.c.text(f.x, y, small, f.d.footer)
	f.textIn(f.x, y, f.w, right, small, fmt.Sprintf("Page %d of %d", f.page, f.pages))
}

// need breaks the page unless h more points fit on it.
func (f *flow) need(h float64) {
	bottom := f.d.theme.paperH - f.d.theme.margin
	if !f.fixed && f.y+h > bottom && f.y > f.d.theme.margin {
		f.breakPage()
	}
}

// face is the body's face, bigger by grow points.
func (f *flow) face(grow float64) face {
	return face{family: f.d.theme.family, size: f.d.theme.size + grow, color: ink()}
}

func (f face) strong() face { f.bold = true; return f }

func (f face) in(c rgb) face { f.color = c; return f }

func (f face) leading() float64 { return f.size * 1.32 }

func (f *flow) draw(blocks []block) {
	for _, b := range blocks {
		f.drawOne(b)
	}
}

func (f *flow) drawOne(b block) {
	switch b := b.(type) {
	case letterhead:
		f.letterhead(b)
	case heading:
		f.heading(b)
	case para:
		f.para(b)
	case fields:
		f.fields(b)
	case table:
		f.table(b)
	case list:
		f.list(b)
	case checks:
		f.checks(b)
	case columns:
		f.columns(b)
	case note:
		f.note(b)
	case signatures:
		f.signatures(b)
	case bars:
		f.bars(b)
	case stamp:
		f.stamp(b)
	case verbatim:
		f.verbatim(b)
	case rule:
		f.c.line(f.x, f.y+3, f.x+f.w, f.y+3, 0.6, faint())
		f.y += 9
	case space:
		f.y += float64(b)
	case pageBreak:
		f.breakPage()
	}
}

// span is text in one face.
type span struct {
	face face
	text string
}

// wrap breaks spans into lines at most width wide.
func (f *flow) wrap(width float64, spans ...span) [][]span {
	var lines [][]span
	var line []span
	used := 0.0
	for _, s := range spans {
		blank := f.c.width(s.face, " ")
		for _, word := range strings.Fields(s.text) {
			w := f.c.width(s.face, word)
			if len(line) > 0 && used+blank+w > width {
				lines, line, used = append(lines, line), nil, 0
			}
			if len(line) > 0 {
				used += blank
			}
			line = appendWord(line, s.face, word)
			used += w
		}
	}
	return append(lines, line)
}

// appendWord keeps words of one face in one span, so that they stay one string in the file.
func appendWord(line []span, fc face, word string) []span {
	if n := len(line); n > 0 && line[n-1].face == fc {
		line[n-1].text += " " + word
		return line
	}
	return append(line, span{fc, word})
}

// spanLine draws one wrapped line with its baseline at y.
func (f *flow) spanLine(x, y, w float64, a align, line []span) {
	long := 0.0
	for i, s := range line {
		if i > 0 {
			long += f.c.width(s.face, " ")
		}
		long += f.c.width(s.face, s.text)
	}
	x += offset(a, w, long)
	for i, s := range line {
		if i > 0 {
			x += f.c.width(s.face, " ")
		}
		f.c.text(x, y, s.face, s.text)
		x += f.c.width(s.face, s.text)
	}
}

func (f *flow) textIn(x, y, w float64, a align, fc face, s string) {
	f.c.text(x+offset(a, w, f.c.width(fc, s)), y, fc, s)
}

func offset(a align, w, long float64) float64 {
	switch a {
	case center:
		return (w - long) / 2
	case right:
		return w - long
	}
	return 0
}

// box draws a frame.
func (f *flow) box(x, y, w, h, thick float64, c rgb) {
	f.c.line(x, y, x+w, y, thick, c)
	f.c.line(x, y+h, x+w, y+h, thick, c)
	f.c.line(x, y, x, y+h, thick, c)
	f.c.line(x+w, y, x+w, y+h, thick, c)
}
