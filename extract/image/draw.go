package picture

import (
	"context"
	"fmt"
	"image"
	"sync"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// maxSide is the longest side of a drawn picture, in pixels: no model and no reader of letters
// takes a larger one.
const maxSide = 4096

// drawer draws the pages of an album. It holds the one that was drawn last.
type drawer struct {
	x     *Extractor
	album album

	mu     sync.Mutex
	number int // of the page that is held, 0 for none
	held   shown
}

// shown is a decoded picture and how it is to be shown.
type shown struct {
	sheet
	m image.Image
}

// take returns a page. Only one is decoded at a time, which bounds the memory.
func (p *drawer) take(ctx context.Context, page int) (shown, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.number == page {
		return p.held, nil
	}
	p.number, p.held = 0, shown{}
	s, err := p.album.sheet(page - 1)
	if err != nil {
		return shown{}, err
	}
	m, err := p.x.decode(ctx, p.album, s)
	if err != nil {
		return shown{}, err
	}
	p.number, p.held = page, shown{s, reduce(m)}
	return p.held, nil
}

func (p *drawer) draw(ctx context.Context, page int, v extract.View) (document.Image, error) {
	switch {
	case ctx.Err() != nil:
		return document.Image{}, ctx.Err()
	case page < 1 || page > p.album.count:
		return document.Image{}, fault.New(fault.Invalid, nil, "page %d of a document of %d", page, p.album.count)
	case v.Side < 1:
		return document.Image{}, fault.New(fault.Invalid, nil, "a picture %d pixels wide", v.Side)
	}
	s, err := p.take(ctx, page)
	if err != nil {
		return document.Image{}, fmt.Errorf("draw page %d: %w", page, err)
	}
	out, err := extract.Encode(s.fit(min(v.Side, maxSide), v.Format), v.Format)
	if err != nil {
		return document.Image{}, fmt.Errorf("draw page %d: %w", page, err)
	}
	return out, nil
}

// reduce returns m with no more pixels than the largest drawing needs twice over. Pictures that
// take little memory stay as they are.
func reduce(m image.Image) image.Image {
	size := m.Bounds().Size()
	n := max(size.X, size.Y) / maxSide
	if n < 2 {
		return m
	}
	switch m.(type) {
	case *image.YCbCr, *image.Paletted:
		return m
	case *image.Gray, *image.Gray16:
		return pictureOf(paint(blocks(brightness(m), n)))
	}
	return pictureOf(paint(blocks(coloured(m), n)))
}

func pictureOf(g grid) image.Image {
	box := image.Rectangle{Max: g.size}
	if g.channels == 1 {
		return &image.Gray{Pix: g.pix, Stride: g.size.X, Rect: box}
	}
	return &image.RGBA{Pix: g.pix, Stride: 4 * g.size.X, Rect: box}
}

// fit returns the picture on white, upright, with square pixels, its longer side shrunk to
// side. A smaller picture keeps its size.
func (s shown) fit(side int, f extract.Format) image.Image {
	full := s.squared(s.m.Bounds().Size())
	want := shownSize(full, side)
	if f != extract.Colour {
		return s.one(brightness(s.m), want)
	}
	switch m := s.m.(type) {
	case *image.Gray, *image.Gray16:
		return s.one(brightness(m), want)
	case *image.YCbCr:
		if full == m.Rect.Max && chromaFits(m.SubsampleRatio) {
			return s.three(m, want)
		}
	}
	return s.one(coloured(s.m), want)
}

func (s shown) one(r rows, want image.Point) image.Image {
	return pictureOf(s.orientation.turn(shrink(r.stretched(s.squared(r.size)), want)))
}

// chromaFits reports whether there is colour for every second pixel at least.
func chromaFits(r image.YCbCrSubsampleRatio) bool {
	return r == image.YCbCrSubsampleRatio444 || r == image.YCbCrSubsampleRatio422 ||
		r == image.YCbCrSubsampleRatio420 || r == image.YCbCrSubsampleRatio440
}

// three shrinks brightness and colours for themselves, which turns no pixel into RGB.
func (s shown) three(m *image.YCbCr, want image.Point) image.Image {
	high := len(m.Cb) / m.CStride
	chroma := image.Pt(min(m.CStride, m.Rect.Max.X), min(high, m.Rect.Max.Y))
	if m.SubsampleRatio == image.YCbCrSubsampleRatio422 || m.SubsampleRatio == image.YCbCrSubsampleRatio420 {
		chroma.X = (m.Rect.Max.X + 1) / 2
	}
	if m.SubsampleRatio == image.YCbCrSubsampleRatio440 || m.SubsampleRatio == image.YCbCrSubsampleRatio420 {
		chroma.Y = (m.Rect.Max.Y + 1) / 2
	}
	half := image.Pt((want.X+1)/2, (want.Y+1)/2)
	y := s.orientation.turn(shrink(plane(m.Y, m.YStride, m.Rect.Max), want))
	cb := s.orientation.turn(shrink(plane(m.Cb, m.CStride, chroma), half))
	cr := s.orientation.turn(shrink(plane(m.Cr, m.CStride, chroma), half))
	return &image.YCbCr{
		Y: y.pix, Cb: cb.pix, Cr: cr.pix, YStride: y.size.X, CStride: cb.size.X,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rectangle{Max: y.size},
	}
}
