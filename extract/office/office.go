// Package office reads Office files, Microsoft's and OpenDocument: the text that a reader
// would see, and what the file says of itself. Nothing in them is run, followed or fetched.
package office

import (
	"context"
	"strings"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// Options bounds what is read. The zero value is ready to use.
type Options struct {
	// MaxEntries is the number of files that the zip may hold. Default 10,000.
	MaxEntries int

	// MaxUnpacked is how many bytes those files may have together. Default 200 MiB.
	MaxUnpacked int64

	// MaxRatio is how many times its packed size an XML file of some MiB may have. Default 200.
	MaxRatio int

	// MaxDepth is how deep XML elements may nest. Default 256.
	MaxDepth int

	// MaxText is how many bytes of text are kept; the rest is left unread. Default 1 MiB.
	MaxText int

	// MaxPages is how many sheets or slides are read. Default 1,000.
	MaxPages int

	// MaxRows is how many rows of a sheet are read. Default 1,000.
	MaxRows int

	// MaxCells is how many cells of a row are read. Default 100.
	MaxCells int
}

func (o Options) withDefaults() Options {
	o.MaxEntries = or(o.MaxEntries, 10_000)
	o.MaxUnpacked = or(o.MaxUnpacked, 200<<20)
	o.MaxRatio = or(o.MaxRatio, 200)
	o.MaxDepth = or(o.MaxDepth, 256)
	o.MaxText = or(o.MaxText, 1<<20)
	o.MaxPages = or(o.MaxPages, 1000)
	o.MaxRows = or(o.MaxRows, 1000)
	o.MaxCells = or(o.MaxCells, 100)
	return o
}

func or[N int | int64](n, def N) N {
	if n <= 0 {
		return def
	}
	return n
}

// Extractor reads document.DOCX, XLSX, PPTX, ODT, ODS and ODP, templates and files with
// macros among them.
type Extractor struct {
	opts Options
}

var _ extract.Extractor = (*Extractor)(nil)

// New returns an Extractor.
func New(o Options) *Extractor {
	return &Extractor{opts: o.withDefaults()}
}

// Extract returns a text document as one page, a workbook as a page for each visible sheet
// and a presentation as a page for each slide. No page can be drawn. A file over a limit is
// fault.Inflated, fault.TooDeep or fault.TooComplex, one that declares entities fault.Doctype.
func (e *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	read := readerOf(d.Type)
	if read == nil {
		return nil, fault.New(fault.Unsupported, nil, "%s is not an Office file", d.Type)
	}
	p, err := openPackage(ctx, d.Bytes, e.opts)
	if err != nil {
		return nil, err
	}
	c, err := read(p)
	if err != nil {
		return nil, err
	}
	if p.cut && strings.TrimSpace(c.Text()) == "" {
		return nil, p.damaged
	}
	return c, nil
}

// readerOf returns what reads a type, or nil.
func readerOf(t document.Type) func(*parcel) (*extract.Content, error) {
	switch t {
	case document.DOCX:
		return readWord
	case document.XLSX:
		return readWorkbook
	case document.PPTX:
		return readSlides
	case document.ODT:
		return readOpenText
	case document.ODS:
		return readOpenSheets
	case document.ODP:
		return readOpenSlides
	}
	return nil
}
