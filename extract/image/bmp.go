package picture

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/bits"
)

// How the pixels of a BMP are packed.
const (
	bmpPlain      = 0
	bmpRLE8       = 1
	bmpRLE4       = 2
	bmpMasks      = 3
	bmpAlphaMasks = 6
)

// Sizes of headers, by which their versions are told.
const (
	bmpCore  = 12 // of OS/2, with sizes of 16 bits
	bmpInfo  = 40
	bmpOS2   = 64 // the second of OS/2
	bmpMask3 = 52 // with masks of three colours
	bmpMask4 = 56 // and of alpha
	bmpMost  = 124
)

// bmp is how a BMP is stored.
type bmp struct {
	data    []byte
	size    image.Point
	depth   int // bits a pixel
	packing int
	upward  bool // the lowest row comes first
	masks   [4]uint32
	palette color.Palette
	pixels  int // where they begin
}

// readBMP reads the headers and the palette.
func readBMP(b []byte, check func(w, h int, depth int) error) (*bmp, error) {
	const fileHeader = 14
	if len(b) < fileHeader+bmpCore || string(b[:2]) != "BM" {
		return nil, errors.New("no BMP header")
	}
	p := &bmp{data: b, pixels: int(binary.LittleEndian.Uint32(b[10:])), upward: true}
	header := binary.LittleEndian.Uint32(b[fileHeader:])
	if header > bmpMost || int(header) > len(b)-fileHeader {
		return nil, errors.New("a header of an unknown size")
	}
	h := b[fileHeader:][:header]
	colours, step := 0, 4
	switch {
	case header == bmpCore:
		p.size = image.Pt(int(binary.LittleEndian.Uint16(h[4:])), int(binary.LittleEndian.Uint16(h[6:])))
		p.depth, step = int(binary.LittleEndian.Uint16(h[10:])), 3
	case header >= 16:
		colours = p.readInfo(h)
	default:
		return nil, errors.New("a header of an unknown size")
	}
	if p.size.X <= 0 || p.size.Y <= 0 {
		return nil, errors.New("no pixels")
	}
	if err := check(p.size.X, p.size.Y, p.depth); err != nil {
		return nil, err
	}
	rest := p.readMasks(h, b[fileHeader+header:])
	p.readPalette(rest, colours, step)
	return p, p.checkKind(header)
}

// readInfo reads the header that all but the first version share, of which OS/2 may write only
// the beginning, and returns how many colours its palette has.
func (p *bmp) readInfo(h []byte) (colours int) {
	var full [bmpInfo]byte
	copy(full[:], h)
	height := int(int32(binary.LittleEndian.Uint32(full[8:])))
	if height < 0 {
		p.upward, height = false, -height
	}
	p.size = image.Pt(int(int32(binary.LittleEndian.Uint32(full[4:]))), height)
	p.depth = int(binary.LittleEndian.Uint16(full[14:]))
	p.packing = int(min(binary.LittleEndian.Uint32(full[16:]), 1<<16))
	return int(min(binary.LittleEndian.Uint32(full[32:]), 256))
}

// readMasks finds out which bits of a pixel are which colour, and returns what follows.
func (p *bmp) readMasks(h, rest []byte) []byte {
	switch p.depth {
	case 16:
		p.masks = [4]uint32{0x7C00, 0x03E0, 0x001F}
	case 24, 32:
		p.masks = [4]uint32{0xFF0000, 0x00FF00, 0x0000FF}
	}
	if p.packing != bmpMasks && p.packing != bmpAlphaMasks {
		return rest
	}
	n, b := 3, []byte(nil)
	if p.packing == bmpAlphaMasks || len(h) >= bmpMask4 {
		n = 4
	}
	switch {
	case len(h) >= bmpMask3 && len(h) != bmpOS2:
		b = h[bmpInfo:]
	case len(h) == bmpInfo:
		b = rest[:min(4*n, len(rest))]
		rest = rest[len(b):]
	}
	for i := range min(n, len(b)/4) {
		p.masks[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return rest
}

// readPalette reads colours of step bytes. A palette may say that it is longer than it can be.
func (p *bmp) readPalette(b []byte, colours, step int) {
	if p.depth > 8 || p.depth < 1 {
		return
	}
	if most := 1 << p.depth; colours <= 0 || colours > most {
		colours = most
	}
	const headers = 14
	if room := p.pixels - (len(p.data) - len(b)); p.pixels >= headers+bmpCore && room < step*colours {
		colours = max(room, 0) / step
	}
	for ; colours > 0 && len(b) >= step; b = b[step:] {
		p.palette = append(p.palette, color.RGBA{b[2], b[1], b[0], 255})
		colours--
	}
}

// checkKind refuses what cannot be read.
func (p *bmp) checkKind(header uint32) error {
	plain := p.packing == bmpPlain
	known := plain && (p.depth == 1 || p.depth == 2 || p.depth == 4 || p.depth == 8 || p.depth == 16 || p.depth == 24 || p.depth == 32) ||
		p.packing == bmpRLE8 && p.depth == 8 || p.packing == bmpRLE4 && p.depth == 4 ||
		(p.packing == bmpMasks && header != bmpOS2 || p.packing == bmpAlphaMasks) && (p.depth == 16 || p.depth == 32)
	switch {
	case !known:
		return variant(fmt.Sprintf("compression %d of %d bits", p.packing, p.depth))
	case p.depth <= 8 && len(p.palette) == 0:
		return errors.New("a palette without colours")
	case p.pixels > len(p.data):
		return errors.New("pixels beyond the end")
	}
	return nil
}

// openBMP returns the picture of a BMP.
func (x *Extractor) openBMP(b []byte) (album, error) {
	p, err := readBMP(b, func(w, h, depth int) error {
		memory := 4.0
		if depth <= 8 {
			memory = 1
		}
		return x.checkSize(w, h, memory)
	})
	if err != nil {
		return album{}, x.verdict("BMP", err)
	}
	s := sheet{size: p.size, stretch: 1, orientation: upright, decode: p.decode}
	return album{"BMP", 1, func(int) (sheet, error) { return s, nil }}, nil
}

// row returns where row y of the file is shown.
func (p *bmp) row(y int) int {
	if p.upward {
		return p.size.Y - 1 - y
	}
	return y
}

// decode returns the picture. Where its last quarter or less is missing, it has the first
// colour or is white.
func (p *bmp) decode(ctx context.Context) (image.Image, error) {
	box := image.Rectangle{Max: p.size}
	switch {
	case p.packing == bmpRLE8 || p.packing == bmpRLE4:
		m := image.NewPaletted(box, p.palette)
		return m, p.unpack(ctx, m)
	case p.depth <= 8:
		m := image.NewPaletted(box, p.palette)
		return m, p.eachRow(ctx, func(y int, row []byte) { unpackIndices(m.Pix[y*m.Stride:][:p.size.X], row, p.depth) })
	}
	m := image.NewRGBA(box)
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	if p.depth == 24 {
		return m, p.eachRow(ctx, func(y int, row []byte) {
			for to := m.Pix[y*m.Stride:][:4*p.size.X]; len(to) > 0; to, row = to[4:], row[3:] {
				to[0], to[1], to[2] = row[2], row[1], row[0]
			}
		})
	}
	mix := p.mixer()
	return m, p.eachRow(ctx, func(y int, row []byte) { mix(m.Pix[y*m.Stride:][:4*p.size.X], row) })
}

// eachRow calls f for every row that is there.
func (p *bmp) eachRow(ctx context.Context, f func(y int, row []byte)) error {
	data := p.data[p.pixels:]
	size := (p.size.X*p.depth + 31) / 32 * 4
	y := 0
	for ; y < p.size.Y && len(data) >= size; y++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		f(p.row(y), data[:size])
		data = data[size:]
	}
	if y < p.size.Y-p.size.Y/4 {
		return errCut
	}
	return nil
}

func unpackIndices(to, row []byte, depth int) {
	if depth == 8 {
		copy(to, row)
		return
	}
	for x := range to {
		to[x] = row[x*depth/8] >> (8 - depth - x*depth%8) & (1<<depth - 1)
	}
}

// mixer returns what turns a row of pixels of 16 or 32 bits into colours. Alpha counts only if
// any pixel of a row has some: many writers leave it all zero.
func (p *bmp) mixer() func(to, row []byte) {
	var shift, width [4]int
	for i, m := range p.masks {
		shift[i], width[i] = bits.TrailingZeros32(m), bits.Len32(m>>(bits.TrailingZeros32(m)&31))
	}
	step := p.depth / 8
	return func(to, row []byte) {
		clearAll := true
		for x := 0; 4*x < len(to); x++ {
			v := uint32(binary.LittleEndian.Uint16(row[x*step:]))
			if step == 4 {
				v = binary.LittleEndian.Uint32(row[x*step:])
			}
			for i, m := range p.masks {
				if m != 0 {
					to[4*x+i] = widen(v&m>>(shift[i]&31), width[i])
				} else if i < 3 {
					to[4*x+i] = 0
				}
			}
			clearAll = clearAll && to[4*x+3] == 0
		}
		for x := 3; clearAll && x < len(to); x += 4 {
			to[x] = 255
		}
		layOnWhite(to, true)
	}
}

// widen turns a sample of n bits into one of eight.
func widen(v uint32, n int) uint8 {
	if n >= 8 {
		return uint8(v >> (n - 8))
	}
	return uint8(v * 255 / (1<<n - 1))
}
