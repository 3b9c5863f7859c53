// Package picture reads documents that are a picture themselves: PNG, JPEG, GIF, BMP, TIFF
// and WebP.
package picture

import (
	"context"
	"fmt"
	"image"
	"strconv"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// Options configures an Extractor. The zero value is ready to use.
type Options struct {
	// MaxPixels is the largest picture that is decoded: width times height. Default 60
	// million, an A4 page at 700 dpi.
	MaxPixels int

	// Timeout is how long decoding one picture may take. Default 10s.
	Timeout time.Duration
}

func (o Options) withDefaults() Options {
	if o.MaxPixels <= 0 {
		o.MaxPixels = 60_000_000
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	return o
}

// Extractor is an extract.Extractor for the types of which document.Type.IsImage is true.
type Extractor struct{ opts Options }

// New returns an Extractor.
func New(o Options) *Extractor { return &Extractor{opts: o.withDefaults()} }

// Extract decodes the picture, so that one that cannot be seen is an error now and not when
// a model has been asked. There is no text in it; Content.Pages is one empty page.
func (x *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	size, err := x.measure(d)
	if err != nil {
		return nil, err
	}
	m, err := x.decode(ctx, d)
	if err != nil {
		return nil, err
	}
	o, pages := orientationOf(d), 1
	if d.Type == document.TIFF {
		pages = countIFDs(d.Bytes)
	}
	size = o.size(size)
	p := drawer{held: reduce(m, maxSide), orientation: o, pages: pages}
	return &extract.Content{
		Pages:     []extract.Page{{Number: 1}},
		PageCount: pages,
		Meta: map[string]string{
			"format": string(d.Type),
			"width":  strconv.Itoa(size.X),
			"height": strconv.Itoa(size.Y),
		},
		Draw: p.draw,
	}, nil
}

// maxSide is the longest side of a drawn picture, in pixels: no model reads a larger one.
const maxSide = 2048

// drawer draws a decoded picture. It holds no more pixels than the largest drawing needs.
type drawer struct {
	held        image.Image
	orientation orientation
	pages       int
}

func (p drawer) draw(ctx context.Context, page int, v extract.View) (document.Image, error) {
	switch {
	case ctx.Err() != nil:
		return document.Image{}, ctx.Err()
	case page < 1 || page > p.pages:
		return document.Image{}, fault.New(fault.Invalid, nil, "page %d of a document of %d", page, p.pages)
	case v.Side < 1:
		return document.Image{}, fault.New(fault.Invalid, nil, "a picture %d pixels wide", v.Side)
	case page > 1:
		return document.Image{}, fault.New(fault.Unsupported, nil, "docsift draws only the first page of a TIFF: convert it to PDF")
	}
	out, err := extract.Encode(p.orientation.turn(fit(p.held, min(v.Side, maxSide))), v.Format)
	if err != nil {
		return document.Image{}, fmt.Errorf("draw picture: %w", err)
	}
	return out, nil
}
