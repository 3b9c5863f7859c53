package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// rasterCanvas draws pages as images.
type rasterCanvas struct {
	w, h  int     // pixels
	scale float64 // pixels in a point
	pages []*image.RGBA
	faces map[face]font.Face // by face in black
	err   error              // of the first font that did not load
}

// newRaster has pages of w by h points.
func newRaster(w, h, dpi float64) *rasterCanvas {
	scale := dpi / 72
	return &rasterCanvas{
		w: int(math.Round(w * scale)), h: int(math.Round(h * scale)),
		scale: scale, faces: map[face]font.Face{},
	}
}

// renderPage returns the first page of d as an image.
func renderPage(d doc, dpi float64) (*image.RGBA, error) {
	c := drawDoc(d, func() canvas { return newRaster(d.theme.paperW, d.theme.paperH, dpi) }).(*rasterCanvas)
	if c.err != nil {
		return nil, c.err
	}
	if len(c.pages) != 1 {
		return nil, fmt.Errorf("draw image: %q takes %d pages, want 1", d.title, len(c.pages))
	}
	return c.pages[0], nil
}

func (c *rasterCanvas) newPage() {
	img := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	c.pages = append(c.pages, img)
}

func (c *rasterCanvas) page() *image.RGBA { return c.pages[len(c.pages)-1] }

func (c *rasterCanvas) px(pt float64) int { return int(math.Round(pt * c.scale)) }

// ttf picks the Go font that is nearest to f.
func ttf(f face) []byte {
	switch {
	case f.family == mono && f.bold:
		return gomonobold.TTF
	case f.family == mono:
		return gomono.TTF
	case f.italic:
		return goitalic.TTF
	case f.bold:
		return gobold.TTF
	}
	return goregular.TTF
}

func (c *rasterCanvas) fontFace(f face) font.Face {
	f.color = rgb{}
	if ff, ok := c.faces[f]; ok {
		return ff
	}
	ff, err := loadFace(ttf(f), f.size*c.scale)
	if err != nil && c.err == nil {
		c.err = err
	}
	c.faces[f] = ff
	return ff
}

func loadFace(data []byte, px float64) (font.Face, error) {
	parsed, err := opentype.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("parse font: %w", err)
	}
	return opentype.NewFace(parsed, &opentype.FaceOptions{Size: px, DPI: 72})
}

func (c *rasterCanvas) width(f face, s string) float64 {
	return float64(font.MeasureString(c.fontFace(f), s)) / 64 / c.scale
}

func (c *rasterCanvas) text(x, y float64, f face, s string) {
	d := font.Drawer{
		Dst: c.page(), Src: uniform(f.color), Face: c.fontFace(f),
		Dot: fixed.P(c.px(x), c.px(y)),
	}
	d.DrawString(s)
}

func (c *rasterCanvas) fill(x, y, w, h float64, col rgb) {
	r := image.Rect(c.px(x), c.px(y), c.px(x+w), c.px(y+h))
	draw.Draw(c.page(), r, uniform(col), image.Point{}, draw.Src)
}

// line draws squares along the way, which is all that rules and crosses need.
func (c *rasterCanvas) line(x1, y1, x2, y2, w float64, col rgb) {
	thick := max(1, c.px(w))
	ax, ay, bx, by := c.px(x1), c.px(y1), c.px(x2), c.px(y2)
	steps := max(abs(bx-ax), abs(by-ay), 1)
	for i := range steps + 1 {
		x, y := ax+(bx-ax)*i/steps, ay+(by-ay)*i/steps
		r := image.Rect(x, y, x+thick, y+thick)
		draw.Draw(c.page(), r, uniform(col), image.Point{}, draw.Src)
	}
}

func abs(n int) int { return max(n, -n) }

func uniform(c rgb) image.Image { return image.NewUniform(color.RGBA{c.r, c.g, c.b, 255}) }
