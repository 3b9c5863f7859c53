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

// jpegQuality keeps small print legible: below about 75 the letters grow halos.
const jpegQuality = 80

// JPEG encodes a picture on a white background. One without colour is encoded as gray,
// which is smaller and three times as fast.
func JPEG(m image.Image) (document.Image, error) {
	m = onWhite(m)
	if g, ok := withoutColour(m); ok {
		m = g
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, m, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return document.Image{}, fmt.Errorf("encode jpeg: %w", err)
	}
	size := m.Bounds().Size()
	return document.Image{MIME: "image/jpeg", Width: size.X, Height: size.Y, Bytes: buf.Bytes()}, nil
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

// withoutColour returns m as gray when no pixel has a hue. It gives up at the first that has.
func withoutColour(m image.Image) (*image.Gray, bool) {
	rgba, ok := m.(*image.RGBA)
	if !ok {
		return nil, false
	}
	size := rgba.Rect.Size()
	gray := image.NewGray(image.Rectangle{Max: size})
	for y := range size.Y {
		row := rgba.Pix[y*rgba.Stride:][:4*size.X]
		out := gray.Pix[y*gray.Stride:][:size.X]
		for x := range out {
			p := row[4*x : 4*x+3 : 4*x+3]
			if p[0] != p[1] || p[1] != p[2] {
				return nil, false
			}
			out[x] = p[0]
		}
	}
	return gray, true
}
