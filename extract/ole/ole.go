// Package ole reads the binary files of Word, Excel and PowerPoint that came before 2007: the
// text that a reader would see, and what the file says of itself. Nothing in them is run,
// followed or fetched.
package ole

import (
	"context"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// Options bounds what is read. The zero value is ready to use.
type Options struct {
	// MaxStreams is how many entries of the file's directory are read. A file whose document
	// stands behind them is fault.Inflated. Default 10,000.
	MaxStreams int

	// MaxText is how many bytes of text are kept; the rest is left unread. Default 1 MiB.
	MaxText int

	// MaxPages is how many sheets or slides are read. Default 1,000.
	MaxPages int

	// MaxRows is how many rows of a sheet are read. Default 1,000.
	MaxRows int

	// MaxCells is how many cells of a row are read. Default 100.
	MaxCells int

	// MaxDepth is how deep the records of a presentation may nest. Default 64.
	MaxDepth int
}

func (o Options) withDefaults() Options {
	o.MaxStreams = or(o.MaxStreams, 10_000)
	o.MaxText = or(o.MaxText, 1<<20)
	o.MaxPages = or(o.MaxPages, 1000)
	o.MaxRows = or(o.MaxRows, 1000)
	o.MaxCells = or(o.MaxCells, 100)
	o.MaxDepth = or(o.MaxDepth, 64)
	return o
}

func or(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}

// Extractor reads document.DOC, document.XLS and document.PPT.
type Extractor struct {
	opts Options
}

var _ extract.Extractor = (*Extractor)(nil)

// New returns an Extractor.
func New(o Options) *Extractor {
	return &Extractor{opts: o.withDefaults()}
}

// Extract returns a Word document as one page, a workbook as a page for each visible sheet and
// a presentation as a page for each slide. No page can be drawn. A file that is none of these
// inside is fault.Unsupported.
func (e *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	read := map[document.Type]func(context.Context, *compound, Options) (*extract.Content, error){
		document.DOC: readWord, document.XLS: readWorkbook, document.PPT: readSlides,
	}[d.Type]
	if read == nil {
		return nil, fault.New(fault.Unsupported, nil, "%s is not a binary Office file", d.Type)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := openCompound(d.Bytes, e.opts.MaxStreams)
	if err != nil {
		return nil, err
	}
	return read(ctx, c, e.opts)
}

func encrypted() error {
	return fault.New(fault.Encrypted, nil, "the Office file is protected by a password: remove the protection and send it again")
}

func corrupt(format string, args ...any) error {
	return fault.New(fault.Corrupt, nil, "the Office file is damaged or incomplete: "+format, args...)
}
