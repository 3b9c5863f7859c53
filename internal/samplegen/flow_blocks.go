package main

import (
	"fmt"
	"math/rand/v2"
)

func (f *flow) letterhead(b letterhead) {
	name := f.face(6).strong().in(f.d.theme.accent)
	small := f.face(-1.5).in(faint())
	x := f.x
	if !f.d.theme.plainTop {
		f.mark(f.x, f.y)
		x += 42
	}
	top := f.y
	f.c.text(x, top+14, name, b.name)
	for i, l := range b.lines {
		f.c.text(x, top+27+float64(i)*small.leading(), small, l)
	}
	tag := f.face(8).strong()
	f.textIn(f.x, top+16, f.w, right, tag, b.tag)
	f.textIn(f.x, top+30, f.w, right, f.face(0).in(faint()), b.sub)
	f.y = top + max(44, 27+float64(len(b.lines))*small.leading()) + 4
	f.c.fill(f.x, f.y, f.w, 1.6, f.d.theme.accent)
	f.y += 14
}

// mark is a small emblem in place of a logo.
func (f *flow) mark(x, y float64) {
	a := f.d.theme.accent
	f.c.fill(x, y, 32, 32, a)
	f.c.fill(x+6, y+6, 9, 20, rgb{255, 255, 255})
	f.c.fill(x+18, y+6, 8, 8, rgb{255, 255, 255})
	f.c.fill(x+18, y+18, 8, 8, rgb{255, 255, 255})
}

func (f *flow) heading(b heading) {
	grow := []float64{8, 2.5, 0.5}[b.level-1]
	fc := f.face(grow).strong()
	if b.level == 2 {
		fc.color = f.d.theme.accent
	}
	lines := f.wrap(f.w, span{fc, b.text})
	f.need(fc.leading()*float64(len(lines)) + 40)
	f.y += 4
	f.lines(f.x, f.w, b.align, lines)
	f.y += 3
}

func (f *flow) para(b para) {
	fc := f.face(0)
	if b.small {
		fc = f.face(-2).in(faint())
	}
	fc.bold, fc.italic = b.bold, b.italic
	lines := f.wrap(f.w-b.indent, span{fc.strong(), b.lead}, span{fc, b.text})
	f.need(fc.leading() * float64(min(len(lines), 6)))
	f.lines(f.x+b.indent, f.w-b.indent, b.align, lines)
	f.y += fc.size * 0.5
}

// lines draws wrapped lines from f.y down and breaks pages between them.
func (f *flow) lines(x, w float64, a align, lines [][]span) {
	for _, l := range lines {
		h := f.face(0).leading()
		if len(l) > 0 {
			h = l[0].face.leading()
		}
		f.need(h)
		f.spanLine(x, f.y+h*0.76, w, a, l)
		f.y += h
	}
}

func (f *flow) verbatim(b verbatim) {
	fc := f.face(0)
	for _, l := range b {
		f.need(fc.leading())
		f.c.text(f.x, f.y+fc.leading()*0.76, fc, l)
		f.y += fc.leading()
	}
	f.y += 4
}

func (f *flow) list(b list) {
	fc := f.face(0)
	for i, item := range b.items {
		sign := "\u2022"
		if b.numbered {
			sign = fmt.Sprintf("%d.", i+1)
		}
		f.need(fc.leading())
		f.c.text(f.x+6, f.y+fc.leading()*0.76, fc, sign)
		f.lines(f.x+24, f.w-24, left, f.wrap(f.w-24, span{fc, item}))
		f.y += 2
	}
	f.y += 4
}

func (f *flow) checks(b checks) {
	fc := f.face(0)
	f.need(18)
	x, base := f.x, f.y+11
	if b.label != "" {
		f.c.text(x, base, fc.strong(), b.label)
		x += f.c.width(fc.strong(), b.label) + 14
	}
	for _, it := range b.items {
		f.box(x, base-8, 9, 9, 0.8, ink())
		if it.on {
			f.c.line(x+1.5, base-6.5, x+7.5, base-0.5, 1.3, ink())
			f.c.line(x+7.5, base-6.5, x+1.5, base-0.5, 1.3, ink())
		}
		f.c.text(x+14, base, fc, it.label)
		x += 14 + f.c.width(fc, it.label) + 18
	}
	f.y += 19
}

func (f *flow) columns(b columns) {
	const gap = 24
	x, y, w, fixed := f.x, f.y, f.w, f.fixed
	f.fixed, f.w = true, (w-gap)/2
	f.draw(b.left)
	bottom := f.y
	f.x, f.y = x+f.w+gap, y
	f.draw(b.right)
	f.x, f.w, f.y, f.fixed = x, w, max(bottom, f.y), fixed
}

func (f *flow) note(b note) {
	fc := f.face(-0.5)
	lines := f.wrap(f.w-20, span{fc.strong(), b.lead}, span{fc, b.text})
	h := fc.leading()*float64(len(lines)) + 14
	f.need(h)
	f.c.fill(f.x, f.y, f.w, h, pale())
	f.c.fill(f.x, f.y, 3, h, f.d.theme.accent)
	top := f.y
	f.y += 7
	f.lines(f.x+12, f.w-20, left, lines)
	f.y = top + h + 8
}

func (f *flow) signatures(b signatures) {
	f.need(74)
	const gap = 30
	n := float64(max(2, len(b)))
	w := (f.w - gap*(n-1)) / n
	small := f.face(-1.5)
	for i, s := range b {
		x := f.x + float64(i)*(w+gap)
		hand := face{family: serif, italic: true, size: 17, color: rgb{32, 42, 110}}
		f.c.text(x+8, f.y+26, hand, s.signed)
		f.c.line(x, f.y+31, x+w, f.y+31, 0.7, ink())
		f.c.text(x, f.y+42, small.strong(), s.name)
		f.c.text(x, f.y+53, small, s.role)
		f.c.text(x, f.y+64, small, s.date)
	}
	f.y += 76
}

func (f *flow) bars(b bars) {
	const w, h = 150, 26
	f.need(h + 14)
	x := f.x + offset(b.align, f.w, w)
	var seed uint64
	for _, r := range b.digits {
		seed = seed*31 + uint64(r)
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	for at := 0; at < w-3; {
		thick := 1 + rnd.IntN(3)
		f.c.fill(x+float64(at), f.y, float64(thick), h, ink())
		at += thick + 1 + rnd.IntN(2)
	}
	f.textIn(x, f.y+h+10, w, center, face{family: mono, size: 8, color: ink()}, b.digits)
	f.y += h + 18
}

func (f *flow) stamp(b stamp) {
	blue := rgb{38, 62, 140}
	fc := face{family: sans, bold: true, size: 10, color: blue}
	const w = 150
	h := 10 + 13*float64(len(b.lines))
	x := f.x + f.w - w
	f.box(x, f.y, w, h, 1.4, blue)
	f.box(x+3, f.y+3, w-6, h-6, 0.5, blue)
	for i, l := range b.lines {
		f.textIn(x, f.y+15+13*float64(i), w, center, fc, l)
	}
	f.y += h + 8
}
