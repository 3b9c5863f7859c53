package picture

import "image"

// orientation is where the top left corner of a stored picture belongs, in the eight values
// of Exif: 1 upright, 2 mirrored, 3 upside down, 4 mirrored upside down, 5 mirrored and
// turned left, 6 to be turned right, 7 mirrored and turned right, 8 to be turned left.
type orientation uint16

const upright orientation = 1

func (o orientation) valid() bool { return o >= 1 && o <= 8 }

// turned reports whether width and height change places.
func (o orientation) turned() bool { return o >= 5 }

// size returns the size of a picture of the stored size p when it is shown.
func (o orientation) size(p image.Point) image.Point {
	if o.turned() {
		return image.Pt(p.Y, p.X)
	}
	return p
}

// from returns which stored pixel is shown at x, y. The stored picture has the size s.
func (o orientation) from(x, y int, s image.Point) (int, int) {
	right, bottom := s.X-1, s.Y-1
	switch o {
	case 2:
		return right - x, y
	case 3:
		return right - x, bottom - y
	case 4:
		return x, bottom - y
	case 5:
		return y, x
	case 6:
		return y, bottom - x
	case 7:
		return right - y, bottom - x
	case 8:
		return right - y, x
	}
	return x, y
}

// turn returns g as it is to be shown.
func (o orientation) turn(g grid) grid {
	if o == upright {
		return g
	}
	out := newGrid(o.size(g.size), g.channels)
	for y := range out.size.Y {
		row := out.row(y)
		for x := range out.size.X {
			sx, sy := o.from(x, y, g.size)
			at := (sy*g.size.X + sx) * g.channels
			copy(row[x*g.channels:][:g.channels], g.pix[at:])
		}
	}
	return out
}
