// Package office reads Word and Excel files: the text that a reader would see, and what
// the file says of itself. Nothing in them is run, followed or fetched.
package office

import (
	"context"

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

// Extractor reads document.DOCX and document.XLSX.
type Extractor struct {
	opts Options
}

var _ extract.Extractor = (*Extractor)(nil)

// New returns an Extractor.
func New(o Options) *Extractor {
	return &Extractor{opts: o.withDefaults()}
}

// Extract returns a Word document as one page and a workbook as a page for each visible
// sheet. No page can be drawn. A file over a limit is fault.TooComplex.
func (e *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	if d.Type != document.DOCX && d.Type != document.XLSX {
		return nil, fault.New(fault.Unsupported, nil, "%s is not an Office file", d.Type)
	}
	p, err := openPackage(ctx, d.Bytes, e.opts)
	if err != nil {
		return nil, err
	}
	if d.Type == document.DOCX {
		return readWord(p)
	}
	return readWorkbook(p)
}
