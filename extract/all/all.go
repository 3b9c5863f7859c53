// Package all reads every type of document that docsift knows.
package all

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	picture "github.com/docsift/docsift/extract/image"
	"github.com/docsift/docsift/extract/mail"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/extract/ole"
	"github.com/docsift/docsift/extract/pdf"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/fault"
)

// Options configures the readers. The zero value is ready to use.
type Options struct {
	PDF    pdf.Options
	Image  picture.Options
	Office office.Options
	OLE    ole.Options
	Text   text.Options
	Mail   mail.Options // its HTML and RTF are package text's own unless set
}

// Extractor hands each document to the reader of its type. It is safe for concurrent use.
type Extractor struct {
	pdf    *pdf.Extractor
	image  extract.Extractor
	office extract.Extractor
	ole    extract.Extractor
	text   extract.Extractor
	mail   extract.Extractor
}

// New returns an Extractor. Nothing is started before the first document that needs it.
func New(o Options) *Extractor {
	if o.Mail.HTML == nil {
		o.Mail.HTML = text.HTML
	}
	if o.Mail.RTF == nil {
		o.Mail.RTF = text.RTF
	}
	return &Extractor{
		pdf: pdf.New(o.PDF), image: picture.New(o.Image), office: office.New(o.Office), ole: ole.New(o.OLE),
		text: text.New(o.Text), mail: mail.New(o.Mail),
	}
}

// Extract reads d. A document that brings its reader down is fault.Corrupt, whether it is
// read or drawn.
func (e *Extractor) Extract(ctx context.Context, d *document.Document) (c *extract.Content, err error) {
	defer survive(&err)
	r := e.reader(d.Type)
	if r == nil {
		return nil, fault.New(fault.Unsupported, nil, "%s files cannot be read", d.Type)
	}
	c, err = r.Extract(ctx, d)
	if err != nil {
		return nil, err
	}
	if draw := c.Draw; draw != nil {
		c.Draw = func(ctx context.Context, page int, v extract.View) (m document.Image, err error) {
			defer survive(&err)
			return draw(ctx, page, v)
		}
	}
	return c, nil
}

// reader returns the reader of a type, or nil.
func (e *Extractor) reader(t document.Type) extract.Extractor {
	switch t {
	case document.PDF:
		return e.pdf
	case document.PNG, document.JPEG, document.GIF, document.BMP, document.TIFF, document.WebP, document.HEIC:
		return e.image
	case document.DOCX, document.XLSX, document.PPTX, document.ODT, document.ODS, document.ODP:
		return e.office
	case document.DOC, document.XLS, document.PPT:
		return e.ole
	case document.Text, document.CSV, document.HTML, document.RTF:
		return e.text
	case document.EML, document.MSG:
		return e.mail
	}
	return nil
}

// survive turns a panic into an error: no document may bring down its neighbours.
func survive(err *error) {
	if p := recover(); p != nil {
		cause := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		*err = fault.New(fault.Corrupt, cause, "the document is broken in a way that its reader did not survive")
	}
}

// Close releases what the readers hold. No document may be under way.
func (e *Extractor) Close() error { return e.pdf.Close() }
