package extract

import (
	"encoding/binary"
	"image"
	"math"
	"math/bits"
)

// encodeGray encodes m as JPEG: baseline, sequential, one component (ITU-T T.81), about four
// times as fast as image/jpeg on a page, whose paper needs no transform. m is not empty and
// smaller than 65,536 pixels each way.
func encodeGray(m *image.Gray) []byte {
	size, table := m.Rect.Size(), quantTable()
	e := grayEncoder{
		zigzag: zigzag(),
		recip:  reciprocals(table),
		dc:     huffmanDC().codes(),
		ac:     huffmanAC().codes(),
		out:    bitWriter{free: 64, bytes: make([]byte, 0, 1024+size.X*size.Y/6)},
	}
	e.out.bytes = appendHeader(e.out.bytes, size, reorder(table, e.zigzag))
	for y := 0; y < size.Y; y += 8 {
		for x := 0; x < size.X; x += 8 {
			e.encode(blockAt(m, x, y))
		}
	}
	return append(e.out.close(), 0xff, 0xd9) // EOI
}

// block is eight rows of eight pixels, the leftmost in the lowest byte.
type block [8]uint64

// blockAt returns the block at x, y. The last column and row of m go on beyond its edges, as A.2.4
// advises.
func blockAt(m *image.Gray, x, y int) block {
	var b block
	size := m.Rect.Size()
	if x+8 > size.X || y+8 > size.Y {
		for j := range b {
			row := m.Pix[min(y+j, size.Y-1)*m.Stride:][:size.X]
			for i := range 8 {
				b[j] |= uint64(row[min(x+i, size.X-1)]) << (8 * i)
			}
		}
		return b
	}
	for j := range b {
		b[j] = binary.LittleEndian.Uint64(m.Pix[(y+j)*m.Stride+x:])
	}
	return b
}

// flat reports whether all pixels of b are the same.
func (b *block) flat() bool {
	first := b[0]
	differ := first ^ bits.RotateLeft64(first, 8)
	for _, row := range b {
		differ |= row ^ first
	}
	return differ == 0
}

type grayEncoder struct {
	zigzag [64]uint8 // the place of each coefficient in the order of figure A.6
	recip  [64]int64
	dc, ac [256]code
	last   int32 // DC of the block before
	out    bitWriter
}

// encode appends one block: the DC as its difference from the block before (F.1.2.1), then each AC
// that is not zero with the number of zeros before it (F.1.2.2).
func (e *grayEncoder) encode(b block) {
	e.out.reserve()
	var coef [64]int32
	var set uint64
	if b.flat() {
		coef[0] = quantise(64*(int64(b[0]&0xff)-128)<<fraction, e.recip[0])
	} else {
		lanes := transform(&b)
		set = e.quantiseAll(&lanes, &coef)
	}
	e.putNumber(&e.dc, 0, coef[0]-e.last)
	e.last = coef[0]
	next := 1
	for set &^= 1; set != 0; set &= set - 1 {
		at := bits.TrailingZeros64(set)
		run := at - next
		for ; run > 15; run -= 16 {
			e.out.put(e.ac[0xf0]) // ZRL
		}
		e.putNumber(&e.ac, run, coef[at&63])
		next = at + 1
	}
	if next < 64 {
		e.out.put(e.ac[0]) // EOB
	}
}

// putNumber puts the code for the number of v's bits after a run of zeros, and then those bits:
// the lowest, of v itself or of v-1 if it is negative (F.1.2.1.2).
func (e *grayEncoder) putNumber(codes *[256]code, run int, v int32) {
	sign := v >> 31
	length := bits.Len32(uint32((v ^ sign) - sign))
	c := codes[uint8(run<<4|length)]
	low := uint32(v+sign) & (1<<length - 1)
	e.out.put(code{bits: c.bits<<length | low, length: c.length + uint8(length)})
}

// lanes is a block as 32 pairs of numbers, one pair in each int64: the sum of the first and 2^32
// times the second. Sums, differences and multiples of such sums are those of both numbers at
// once, whatever their signs.
type lanes [4][8]int64

const (
	// scale is the number of binary digits by which one pass of the transform multiplies, excess
	// how many of those the first pass gives back so that 32 digits hold what the second makes.
	scale  = 12
	excess = 8
	// fraction is how many there are in the end.
	fraction = 2*scale - excess
)

// transform returns the forward DCT of b (A.3.3), but for the factors that reciprocals has. The
// pairs are the rows 0 and 4, 1 and 5, 2 and 6, 3 and 7.
func transform(b *block) lanes {
	var columns, rows lanes
	for i := range columns {
		for j, row := range b {
			columns[i][j] = int64(row >> (8 * i) & 0xff_0000_00ff)
		}
		dct(&columns[i])
		columns[i][0] -= (1<<32 + 1) * 8 * 128 << scale // the level shift of A.3.1
	}
	for j := range rows {
		for i := range columns {
			upper, lower := columns[i][j], columns[i][j+4]
			rows[j][i] = first(upper)>>excess + first(lower)>>excess<<32
			rows[j][i+4] = second(upper)>>excess + second(lower)>>excess<<32
		}
		dct(&rows[j])
	}
	return rows
}

func first(pair int64) int64  { return int64(int32(pair)) }
func second(pair int64) int64 { return (pair + 1<<31) >> 32 }

// dct is the transform of eight numbers by Arai, Agui and Nakajima: five products, and a factor
// for each result that the quantisation takes care of.
func dct(v *[8]int64) {
	const (
		c4  = 2896 // cos 4π/16
		c6  = 1567 // cos 6π/16
		d26 = 2217 // cos 2π/16 - cos 6π/16
		s26 = 5352 // cos 2π/16 + cos 6π/16
	)
	s0, d0 := v[0]+v[7], v[0]-v[7]
	s1, d1 := v[1]+v[6], v[1]-v[6]
	s2, d2 := v[2]+v[5], v[2]-v[5]
	s3, d3 := v[3]+v[4], v[3]-v[4]

	e0, e1 := s0+s3, s1+s2
	v[0], v[4] = (e0+e1)<<scale, (e0-e1)<<scale
	e3 := s0 - s3
	turn := (s1 - s2 + e3) * c4
	v[2], v[6] = e3<<scale+turn, e3<<scale-turn

	o0, o1, o2 := d3+d2, d2+d1, d1+d0
	both := (o0 - o2) * c6
	low, high := o0*d26+both, o2*s26+both
	mid := o1 * c4
	sum, diff := d0<<scale+mid, d0<<scale-mid
	v[5], v[3] = diff+low, diff-low
	v[1], v[7] = sum+high, sum-high
}

// precision is the number of binary digits of a reciprocal that a coefficient's fraction does
// not have.
const precision = 44 - fraction

// reciprocals returns what makes a quantised coefficient (A.3.4) of a transformed one.
func reciprocals(table [64]uint8) [64]int64 {
	factor := func(i int) float64 {
		if i == 0 {
			return 1
		}
		return math.Sqrt2 * math.Cos(float64(i)*math.Pi/16)
	}
	var out [64]int64
	for i, q := range table {
		out[i] = int64(math.Round((1 << precision) / (8 * factor(i/8) * factor(i%8) * float64(q))))
	}
	return out
}

func quantise(coef, recip int64) int32 {
	return int32((coef*recip + 1<<(fraction+precision-1)) >> (fraction + precision))
}

// quantiseAll stores the quantised coefficients in zigzag order and returns which are not zero.
func (e *grayEncoder) quantiseAll(l *lanes, coef *[64]int32) (set uint64) {
	for j := range l {
		for i, pair := range l[j] {
			at := 8*j + i
			upper := quantise(first(pair), e.recip[at])
			lower := quantise(second(pair), e.recip[at+32])
			set |= e.store(coef, at, upper) | e.store(coef, at+32, lower)
		}
	}
	return set
}

// store returns the bit of the place where it stored v, unless that is zero.
func (e *grayEncoder) store(coef *[64]int32, at int, v int32) uint64 {
	place := e.zigzag[at] & 63
	coef[place] = v
	return uint64(uint32(v|-v)>>31) << place
}

// zigzag returns the place of each coefficient in figure A.6.
func zigzag() [64]uint8 {
	return [64]uint8{
		0, 1, 5, 6, 14, 15, 27, 28,
		2, 4, 7, 13, 16, 26, 29, 42,
		3, 8, 12, 17, 25, 30, 41, 43,
		9, 11, 18, 24, 31, 40, 44, 53,
		10, 19, 23, 32, 39, 45, 52, 54,
		20, 22, 33, 38, 46, 51, 55, 60,
		21, 34, 37, 47, 50, 56, 59, 61,
		35, 36, 48, 49, 57, 58, 62, 63,
	}
}

// quantTable returns table K.1 scaled for jpegQuality as libjpeg does.
func quantTable() [64]uint8 {
	table := [64]uint8{
		16, 11, 10, 16, 24, 40, 51, 61,
		12, 12, 14, 19, 26, 58, 60, 55,
		14, 13, 16, 24, 40, 57, 69, 56,
		14, 17, 22, 29, 51, 87, 80, 62,
		18, 22, 37, 56, 68, 109, 103, 77,
		24, 35, 55, 64, 81, 104, 113, 92,
		49, 64, 78, 87, 103, 121, 120, 101,
		72, 92, 95, 98, 112, 100, 103, 99,
	}
	const percent = 200 - 2*jpegQuality
	for i, q := range table {
		table[i] = uint8((int(q)*percent + 50) / 100)
	}
	return table
}

// reorder returns table with each element at its place.
func reorder(table, places [64]uint8) [64]uint8 {
	var out [64]uint8
	for i, q := range table {
		out[places[i]] = q
	}
	return out
}
