package picture

import (
	"context"
	"image"
)

// unpack reads the run-length codes of a BMP. Pixels that they skip have the first colour.
func (p *bmp) unpack(ctx context.Context, m *image.Paletted) error {
	const (
		endOfRow = iota
		end
		skip
	)
	data := p.data[p.pixels:]
	x, y := 0, 0
	for len(data) >= 2 && y < p.size.Y {
		n, code := int(data[0]), data[1]
		data = data[2:]
		switch {
		case n > 0:
			x += p.repeat(m, image.Pt(x, y), n, code)
		case code == endOfRow:
			x, y = 0, y+1
			if err := ctx.Err(); err != nil {
				return err
			}
		case code == end:
			return nil
		case code == skip && len(data) >= 2:
			x, y, data = min(x+int(data[0]), p.size.X), y+int(data[1]), data[2:]
		case code > skip:
			used := p.literal(m, image.Pt(x, y), int(code), data)
			x, data = min(x+int(code), p.size.X), data[used:]
		}
	}
	if y < p.size.Y-p.size.Y/4-1 {
		return errCut
	}
	return nil
}

// stretch returns the n pixels of the picture at a place of the file, or as many as a row has.
func (p *bmp) stretch(m *image.Paletted, at image.Point, n int) []uint8 {
	return m.Pix[p.row(at.Y)*m.Stride+at.X:][:min(n, p.size.X-at.X)]
}

// repeat sets n pixels to one colour, or to two by turns, and returns how many it set.
func (p *bmp) repeat(m *image.Paletted, at image.Point, n int, code byte) int {
	to := p.stretch(m, at, n)
	pair := [2]uint8{code, code}
	if p.packing == bmpRLE4 {
		pair = [2]uint8{code >> 4, code & 15}
	}
	for i := range to {
		to[i] = pair[i&1]
	}
	return len(to)
}

// literal sets n pixels one by one and returns how many bytes they took, padded to an even number.
func (p *bmp) literal(m *image.Paletted, at image.Point, n int, data []byte) int {
	size := n
	if p.packing == bmpRLE4 {
		size = (n + 1) / 2
	}
	there := data[:min(size, len(data))]
	for i := range p.stretch(m, at, n) {
		switch {
		case p.packing == bmpRLE8 && i < len(there):
			p.stretch(m, at, n)[i] = there[i]
		case p.packing == bmpRLE4 && i/2 < len(there):
			p.stretch(m, at, n)[i] = there[i/2] >> (4 - i&1*4) & 15
		}
	}
	return min(size+size&1, len(data))
}
