package pdf

import "github.com/klippa-app/go-pdfium/structs"

// box is a rectangle of a page, in points from the lower left as the page is written.
type box struct{ left, bottom, right, top float32 }

func (b box) width() float32  { return b.right - b.left }
func (b box) height() float32 { return b.top - b.bottom }

// area is 0 for a box that is none.
func (b box) area() float32 { return max(b.width(), 0) * max(b.height(), 0) }

// meet returns what two boxes share.
func (b box) meet(c box) box {
	return box{max(b.left, c.left), max(b.bottom, c.bottom), min(b.right, c.right), min(b.top, c.top)}
}

// holdsMiddle reports whether the middle of c lies in b.
func (b box) holdsMiddle(c box) bool {
	x, y := (c.left+c.right)/2, (c.bottom+c.top)/2
	return x >= b.left && x <= b.right && y >= b.bottom && y <= b.top
}

// with returns a box that a form holds as it stands where the form is drawn.
func (b box) with(m structs.FPDF_FS_MATRIX) box {
	x1, y1 := m.A*b.left+m.C*b.bottom+m.E, m.B*b.left+m.D*b.bottom+m.F
	x2, y2 := m.A*b.right+m.C*b.top+m.E, m.B*b.right+m.D*b.top+m.F
	x3, y3 := m.A*b.left+m.C*b.top+m.E, m.B*b.left+m.D*b.top+m.F
	x4, y4 := m.A*b.right+m.C*b.bottom+m.E, m.B*b.right+m.D*b.bottom+m.F
	return box{min(x1, x2, x3, x4), min(y1, y2, y3, y4), max(x1, x2, x3, x4), max(y1, y2, y3, y4)}
}

// times returns the matrix that does m, then n.
func times(m, n structs.FPDF_FS_MATRIX) structs.FPDF_FS_MATRIX {
	return structs.FPDF_FS_MATRIX{
		A: m.A*n.A + m.B*n.C, B: m.A*n.B + m.B*n.D,
		C: m.C*n.A + m.D*n.C, D: m.C*n.B + m.D*n.D,
		E: m.E*n.A + m.F*n.C + n.E, F: m.E*n.B + m.F*n.D + n.F,
	}
}
