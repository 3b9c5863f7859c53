// Package picture reads documents that are pictures themselves: PNG, JPEG, GIF, BMP, WebP and
// TIFF, of which a page is as good as any other.
package picture

import (
	"context"
	"strconv"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
)

// Options configures an Extractor. The zero value is ready to use.
type Options struct {
	// MaxPixels is the largest picture that is decoded: width times height. One that takes more
	// than four bytes a pixel while it is decoded may have accordingly fewer. Default 60
	// million, an A4 page at 700 dpi.
	MaxPixels int

	// FirstPages is how many pages of a TIFF Content.Pages lists, counted from the front; it
	// always lists the last page too. Default 3.
	FirstPages int

	// Timeout is how long decoding one picture may take. Default 10s.
	Timeout time.Duration
}

func (o Options) withDefaults() Options {
	if o.MaxPixels <= 0 {
		o.MaxPixels = 60_000_000
	}
	if o.FirstPages <= 0 {
		o.FirstPages = 3
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

// Extract decodes the first picture, so that one that cannot be seen is an error now and not
// when a model has been asked. There is no text in it; every page of Content.Pages is empty.
// A picture over the limit on pixels is fault.ManyPixels, and nothing of it is decoded.
func (x *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	a, err := x.open(d)
	if err != nil {
		return nil, err
	}
	p := &drawer{x: x, album: a}
	first, err := p.take(ctx, 1)
	if err != nil {
		return nil, err
	}
	return &extract.Content{
		Pages:     x.listed(a.count),
		PageCount: a.count,
		Meta:      metaOf(d, first.sheet),
		Draw:      p.draw,
	}, nil
}

// listed returns the first pages and the last of count.
func (x *Extractor) listed(count int) []extract.Page {
	var pages []extract.Page
	for i := 1; i <= min(count, x.opts.FirstPages); i++ {
		pages = append(pages, extract.Page{Number: i})
	}
	if count > x.opts.FirstPages {
		pages = append(pages, extract.Page{Number: count})
	}
	return pages
}

func metaOf(d *document.Document, s sheet) map[string]string {
	size := s.orientation.size(s.size)
	meta := map[string]string{
		"format": string(d.Type),
		"width":  strconv.Itoa(size.X),
		"height": strconv.Itoa(size.Y),
	}
	for key, value := range exifOf(d).meta() {
		if value != "" {
			meta[key] = value
		}
	}
	return meta
}
