package picture

import (
	"encoding/binary"
	"image"
)

// canvas is a page that fills up with segments.
type canvas struct {
	page    *tiffPage
	pix     []uint8
	width   int          // bytes of a row
	bits    [256][8]byte // eight samples of one bit
	samples []uint8      // of a row, a byte each
	swatch  [256][3]uint8
}

func newCanvas(p *tiffPage) *canvas {
	c := &canvas{
		page: p, width: p.channels() * p.size.X, samples: make([]uint8, p.segment.X*p.stored()+8),
		pix: make([]uint8, p.channels()*p.size.X*p.size.Y),
	}
	if p.model != cmykModel { // no ink is white already
		for i := range c.pix {
			c.pix[i] = 255
		}
	}
	for b := range c.bits {
		for i := range 8 {
			c.bits[b][i] = p.level(b >> (7 - i) & 1)
		}
	}
	c.mixColours()
	return c
}

// level returns a sample of up to eight bits as a byte: a brightness, or a colour's number.
func (p *tiffPage) level(sample int) uint8 {
	if p.model == paletteModel {
		return uint8(sample)
	}
	v := uint8(sample * 255 / (1<<p.bits - 1))
	if p.model == whiteIsZero {
		return ^v
	}
	return v
}

func (c *canvas) mixColours() {
	all := c.page.palette
	n, shift := len(all)/3, 0
	if c.page.model != paletteModel {
		return
	}
	for _, v := range all {
		if v > 255 {
			shift = 8 // as it should be; some writers use one byte of the two
		}
	}
	n = min(n, 1<<c.page.bits)
	for i := range n {
		c.swatch[i] = [3]uint8{uint8(all[i] >> shift), uint8(all[n+i] >> shift), uint8(all[2*n+i] >> shift)}
	}
}

// put copies rows of a segment to their place.
func (c *canvas) put(box image.Rectangle, rows []byte, plane int) {
	size, n := c.page.rowBytes(), c.page.channels()
	for y := box.Min.Y; len(rows) >= size; y++ {
		to := c.pix[y*c.width+box.Min.X*n:][:box.Dx()*n]
		c.putRow(to, c.expand(rows[:size], box.Dx()*c.page.stored()), plane)
		rows = rows[size:]
	}
}

// expand returns the n samples of a row as a byte each.
func (c *canvas) expand(row []byte, n int) []uint8 {
	out := c.samples[:n]
	switch bits := c.page.bits; {
	case bits == 1:
		for i := 0; i < n; i += 8 {
			*(*[8]byte)(c.samples[i:]) = c.bits[row[i/8]]
		}
	case bits == 8 && c.page.model != whiteIsZero:
		return row[:n]
	case bits == 8:
		for i := range out {
			out[i] = ^row[i]
		}
	case bits == 16:
		high := 0
		if c.page.dir.file.order == binary.LittleEndian {
			high = 1
		}
		for i := range out {
			out[i] = row[2*i+high]
			if c.page.model == whiteIsZero {
				out[i] = ^out[i]
			}
		}
	default:
		for i := range out {
			out[i] = c.page.level(int(row[i*bits/8]) >> (8 - bits - i*bits%8) & (1<<bits - 1))
		}
	}
	return out
}

func (c *canvas) putRow(to, samples []uint8, plane int) {
	step := c.page.stored()
	switch p := c.page; {
	case p.channels() == 1 && step == 1:
		copy(to, samples)
	case p.channels() == 1:
		for x := range to {
			to[x] = samples[x*step]
		}
	case p.model == paletteModel:
		for x := 0; 4*x < len(to); x++ {
			copy(to[4*x:4*x+3], c.swatch[samples[x*step]][:])
		}
	case p.planar:
		for x, v := range samples {
			to[4*x+plane] = v
		}
	default:
		for x, n := 0, min(step, 4); 4*x < len(to); x++ {
			copy(to[4*x:4*x+n], samples[x*step:])
		}
	}
}

// finish returns the page. Its pixels may not be put any more.
func (c *canvas) finish() image.Image {
	box := image.Rectangle{Max: c.page.size}
	if c.page.channels() == 1 {
		return &image.Gray{Pix: c.pix, Stride: c.width, Rect: box}
	}
	for p := c.pix; len(p) > 0; p = p[4:] {
		switch {
		case c.page.model == cmykModel:
			for i := range 3 {
				p[i] = uint8(uint32(255-p[i]) * uint32(255-p[3]) / 255)
			}
		case c.page.alpha != 0:
			onWhite(p, c.page.alpha == 2)
		}
		p[3] = 255
	}
	return &image.RGBA{Pix: c.pix, Stride: c.width, Rect: box}
}

// onWhite lays a pixel on white. Its colours may have to be multiplied by its alpha first.
func onWhite(p []uint8, multiply bool) {
	alpha := uint32(p[3])
	for i := range 3 {
		v := uint32(p[i])
		if multiply {
			v = (v*alpha + 127) / 255
		}
		p[i] = uint8(min(v+255-alpha, 255))
	}
}
