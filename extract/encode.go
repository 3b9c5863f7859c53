package extract

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"

	"github.com/docsift/docsift/document"
)

// jpegQuality keeps small print legible: at 75 a twentieth fewer words can be read, and 85 adds a
// hundredth for a tenth more bytes. BenchmarkQuality in extract/image measures both sides.
const jpegQuality = 80

// Encode encodes a picture on a white background. Format Colour is the same as Gray for a
// picture without any colour.
func Encode(m image.Image, f Format) (document.Image, error) {
	size := m.Bounds().Size()
	if max(size.X, size.Y) >= 1<<16 || size.X < 1 || size.Y < 1 {
		return document.Image{}, fmt.Errorf("encode picture: %dx%d pixels", size.X, size.Y)
	}
	out := document.Image{MIME: "image/jpeg", Width: size.X, Height: size.Y}
	m = onWhite(m)
	switch {
	case f == PGM:
		out.MIME, out.Bytes = "image/x-portable-graymap", pgm(gray(m))
		return out, nil
	case f == Gray || colourless(m):
		out.Bytes = encodeGray(gray(m))
		return out, nil
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, m, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return document.Image{}, fmt.Errorf("encode jpeg: %w", err)
	}
	out.Bytes = buf.Bytes()
	return out, nil
}

// pgm writes m as netpbm's P5: a header in letters, then a byte for each pixel.
func pgm(m *image.Gray) []byte {
	size := m.Rect.Size()
	out := fmt.Appendf(make([]byte, 0, 32+size.X*size.Y), "P5\n%d %d\n255\n", size.X, size.Y)
	for y := range size.Y {
		out = append(out, m.Pix[y*m.Stride:][:size.X]...)
	}
	return out
}

// colourless reports whether m has no colour. Other kinds of pictures than those of the readers
// may have some.
func colourless(m image.Image) bool {
	switch m := m.(type) {
	case *image.Gray:
		return true
	case *image.YCbCr:
		return neutral(m.Cb) && neutral(m.Cr)
	case *image.RGBA:
		return balanced(m)
	}
	return false
}

// tint is how far colours may be from none: a scanner's noise.
const tint = 8

func neutral(chroma []uint8) bool {
	for _, v := range chroma {
		if v-(128-tint) > 2*tint {
			return false
		}
	}
	return true
}

// balanced reports whether every pixel has as much of one colour as of the others.
func balanced(m *image.RGBA) bool {
	size := m.Rect.Size()
	for y := range size.Y {
		for row := m.Pix[y*m.Stride:][:4*size.X]; len(row) >= 4; row = row[4:] {
			if max(row[0], row[1], row[2])-min(row[0], row[1], row[2]) > tint {
				return false
			}
		}
	}
	return true
}

// onWhite returns m without transparency: a JPEG has none, and what was clear would turn black.
func onWhite(m image.Image) image.Image {
	if o, ok := m.(interface{ Opaque() bool }); ok && o.Opaque() {
		return m
	}
	flat := image.NewRGBA(m.Bounds())
	draw.Draw(flat, flat.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, m, m.Bounds().Min, draw.Over)
	return flat
}

// gray returns the brightness of m, by the weights of JFIF.
func gray(m image.Image) *image.Gray {
	switch m := m.(type) {
	case *image.Gray:
		return m
	case *image.YCbCr:
		return &image.Gray{Pix: m.Y, Stride: m.YStride, Rect: m.Rect}
	case *image.RGBA:
		out := image.NewGray(m.Rect)
		grayRows(out, m)
		return out
	}
	out := image.NewGray(m.Bounds())
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

func grayRows(out *image.Gray, m *image.RGBA) {
	size := m.Rect.Size()
	for y := range size.Y {
		row := m.Pix[y*m.Stride:][:4*size.X]
		to := out.Pix[y*out.Stride:][:size.X]
		for x := range to {
			p := row[4*x : 4*x+3 : 4*x+3]
			to[x] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
		}
	}
}
