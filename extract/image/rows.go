package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// rows is a picture that is read row by row, on white: a byte of brightness a pixel, or four
// of RGBA. It has one reader at a time.
type rows struct {
	size     image.Point
	channels int
	read     func(y int, row []uint8)
}

// brightness reads m without colour.
func brightness(m image.Image) rows {
	b := m.Bounds()
	switch m := m.(type) {
	case *image.Gray:
		return plane(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, b.Size())
	case *image.YCbCr:
		return plane(m.Y[m.YOffset(b.Min.X, b.Min.Y):], m.YStride, b.Size())
	case *image.Gray16:
		return rows{b.Size(), 1, func(y int, row []uint8) {
			line := m.Pix[y*m.Stride:]
			for x := range row {
				row[x] = line[2*x]
			}
		}}
	case *image.Paletted:
		swatch, _ := swatches(m.Palette)
		return rows{b.Size(), 1, func(y int, row []uint8) {
			for x, index := range m.Pix[y*m.Stride:][:len(row)] {
				row[x] = swatch[index]
			}
		}}
	}
	colours := coloured(m)
	line := make([]uint8, 4*b.Dx())
	return rows{b.Size(), 1, func(y int, row []uint8) {
		colours.read(y, line)
		for x := range row {
			row[x] = luma(line[4*x : 4*x+4])
		}
	}}
}

// luma is how bright a colour is, by the weights of JFIF.
func luma(p []uint8) uint8 {
	return uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
}

// plane reads one byte a pixel.
func plane(pix []uint8, stride int, size image.Point) rows {
	return rows{size, 1, func(y int, row []uint8) { copy(row, pix[y*stride:][:len(row)]) }}
}

// coloured reads m in colour.
func coloured(m image.Image) rows {
	b := m.Bounds()
	switch m := m.(type) {
	case *image.RGBA:
		return pixels(m.Pix, m.Stride, b.Size(), false)
	case *image.NRGBA:
		return pixels(m.Pix, m.Stride, b.Size(), true)
	case *image.RGBA64:
		return deepPixels(m.Pix, m.Stride, b.Size(), false)
	case *image.NRGBA64:
		return deepPixels(m.Pix, m.Stride, b.Size(), true)
	case *image.Paletted:
		_, swatch := swatches(m.Palette)
		return rows{b.Size(), 4, func(y int, row []uint8) {
			for x, index := range m.Pix[y*m.Stride:][:len(row)/4] {
				*(*[4]uint8)(row[4*x:]) = swatch[index]
			}
		}}
	}
	return anyPixels(m)
}

// pixels reads four bytes a pixel and lays them on white.
func pixels(pix []uint8, stride int, size image.Point, multiply bool) rows {
	return rows{size, 4, func(y int, row []uint8) {
		copy(row, pix[y*stride:])
		layOnWhite(row, multiply)
	}}
}

// deepPixels reads four times two bytes a pixel.
func deepPixels(pix []uint8, stride int, size image.Point, multiply bool) rows {
	return rows{size, 4, func(y int, row []uint8) {
		line := pix[y*stride:][:2*len(row)]
		for i := range row {
			row[i] = line[2*i]
		}
		layOnWhite(row, multiply)
	}}
}

func layOnWhite(row []uint8, multiply bool) {
	for ; len(row) >= 4; row = row[4:] {
		if row[3] != 255 {
			onWhite(row, multiply)
			row[3] = 255
		}
	}
}

// anyPixels reads a picture of any kind, slowly.
func anyPixels(m image.Image) rows {
	b := m.Bounds()
	o, ok := m.(interface{ Opaque() bool })
	opaque, white := ok && o.Opaque(), image.NewUniform(color.White)
	return rows{b.Size(), 4, func(y int, row []uint8) {
		r, from := image.Rect(0, 0, b.Dx(), 1), image.Pt(b.Min.X, b.Min.Y+y)
		line := &image.RGBA{Pix: row, Stride: len(row), Rect: r}
		if opaque {
			draw.Draw(line, r, m, from, draw.Src)
			return
		}
		draw.Draw(line, r, white, image.Point{}, draw.Src)
		draw.Draw(line, r, m, from, draw.Over)
	}}
}

// swatches returns every colour of a palette on white. Those beyond it are black.
func swatches(p color.Palette) (bright [256]uint8, colours [256][4]uint8) {
	for i := range colours {
		c := color.NRGBA{A: 255}
		if i < len(p) {
			c = color.NRGBAModel.Convert(p[i]).(color.NRGBA)
		}
		colours[i] = [4]uint8{c.R, c.G, c.B, c.A}
		layOnWhite(colours[i][:], true)
		bright[i] = luma(colours[i][:])
	}
	return bright, colours
}

// stretched repeats rows or columns until the picture has the size to, which is no smaller.
func (r rows) stretched(to image.Point) rows {
	if to == r.size {
		return r
	}
	line, have := make([]uint8, r.channels*r.size.X), -1
	return rows{to, r.channels, func(y int, row []uint8) {
		if from := y * r.size.Y / to.Y; from != have {
			r.read(from, line)
			have = from
		}
		if to.X == r.size.X {
			copy(row, line)
			return
		}
		for x := range to.X {
			copy(row[x*r.channels:][:r.channels], line[x*r.size.X/to.X*r.channels:])
		}
	}}
}
