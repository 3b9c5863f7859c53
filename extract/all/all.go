// Package all reads every type of document that docsift knows.
package all

import (
	"context"
	"fmt"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	picture "github.com/docsift/docsift/extract/image"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/extract/pdf"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/fault"
)

// Options configures the readers. The zero value is ready to use.
type Options struct {
	PDF    pdf.Options
	Image  picture.Options
	Office office.Options
	Text   text.Options
}

// Extractor hands each document to the reader of its type. It is safe for concurrent use.
type Extractor struct {
	pdf    *pdf.Extractor
	image  extract.Extractor
	office extract.Extractor
	text   extract.Extractor
}

// New returns an Extractor. Nothing is started before the first document that needs it.
func New(o Options) *Extractor {
	return &Extractor{
		pdf: pdf.New(o.PDF), image: picture.New(o.Image), office: office.New(o.Office), text: text.New(o.Text),
	}
}

// Extract reads d. A document that brings its reader down is fault.Corrupt.
func (e *Extractor) Extract(ctx context.Context, d *document.Document) (_ *extract.Content, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Corrupt, fmt.Errorf("panic: %v", p), "the document is broken in a way that its reader did not survive")
		}
	}()
	switch {
	case d.Type == document.PDF:
		return e.pdf.Extract(ctx, d)
	case d.Type.IsImage():
		return e.image.Extract(ctx, d)
	case d.Type == document.DOCX, d.Type == document.XLSX:
		return e.office.Extract(ctx, d)
	case d.Type == document.Text, d.Type == document.CSV, d.Type == document.HTML:
		return e.text.Extract(ctx, d)
	}
	return nil, fault.New(fault.Unsupported, nil, "%s files cannot be read", d.Type)
}

// Close releases what the readers hold. No document may be under way.
func (e *Extractor) Close() error { return e.pdf.Close() }
