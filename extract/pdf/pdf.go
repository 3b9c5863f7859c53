// Package pdf reads PDF documents with PDFium, compiled to WebAssembly and run inside the
// process: no cgo, and no way from a document to the host's files, network or memory.
package pdf

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// Options configures an Extractor. The zero value is ready to use.
type Options struct {
	// CacheDir keeps the compiled reader between runs, which makes a start of three seconds
	// one of a tenth. Default docsift/wazero in the user's cache directory. Where it cannot
	// be written, every process compiles for itself.
	CacheDir string

	// Workers is how many documents are read at once. Default one per CPU, at most 4.
	Workers int

	// FirstPages is how many pages give their text, counted from the front; the last page
	// always does too. Default 3.
	FirstPages int

	// MaxMemory is the most that one worker may use, in bytes. Default 512 MiB.
	MaxMemory int64

	// Timeout is how long one document, or one page to draw, may take. Default 10s.
	Timeout time.Duration

	// Wait is how long a document may wait for a worker before it is refused with fault.Busy, so
	// that a crowd of slow documents does not hold up the others without end. Default three
	// times Timeout.
	Wait time.Duration

	// Interruptible makes Timeout stop the work itself, at about four times the cost of
	// every document. Without it a document that is late is answered for and abandoned, but
	// the call that it is stuck in runs to its end, keeps its worker and may hold up the
	// whole process.
	Interruptible bool

	// Mapped keeps a worker's memory apart from Go's, where the system can: it takes no more than
	// PDFium asks for, and a limit on the process's data holds for it. Only for who never
	// abandons a document: a call that runs on would be one too many. Default false.
	Mapped bool

	// Compiling is called once, from a goroutine of its own, when the reader turns out to
	// need compiling before the first document can be read.
	Compiling func()
}

func (o Options) withDefaults() Options {
	if o.CacheDir == "" {
		if dir, err := os.UserCacheDir(); err == nil {
			o.CacheDir = filepath.Join(dir, "docsift", "wazero")
		}
	}
	if o.Workers <= 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), 4)
	}
	if o.FirstPages <= 0 {
		o.FirstPages = 3
	}
	if o.MaxMemory <= 0 {
		o.MaxMemory = 512 << 20
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Wait <= 0 {
		o.Wait = 3 * o.Timeout
	}
	return o
}

// Extractor is an extract.Extractor for document.PDF. It starts its reader with the first
// document and keeps it until Close.
type Extractor struct {
	opts   Options
	engine *engine
}

// New returns an Extractor. Nothing is started before the first document.
func New(o Options) *Extractor {
	o = o.withDefaults()
	return &Extractor{opts: o, engine: newEngine(o)}
}

// Extract returns the text of the first pages and of the last one.
func (x *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	c, err := do(ctx, x.engine, d, func(o *opened) (*extract.Content, error) {
		return o.read(x.opts.FirstPages)
	})
	if err != nil {
		return nil, err
	}
	count := c.PageCount
	c.Draw = func(ctx context.Context, page int, v extract.View) (document.Image, error) {
		switch {
		case page < 1 || page > count:
			return document.Image{}, fault.New(fault.Invalid, nil, "page %d of a document of %d", page, count)
		case v.Side < 1:
			return document.Image{}, fault.New(fault.Invalid, nil, "a picture %d pixels wide", v.Side)
		}
		return do(ctx, x.engine, d, func(o *opened) (document.Image, error) { return o.draw(page, v) })
	}
	return c, nil
}

// Start starts the reader before the first document comes, and reads from disk all that it will
// ever need.
func (x *Extractor) Start(ctx context.Context) error { return x.engine.start(ctx) }

// Close waits for the documents at hand, no longer than one may take, and frees the reader.
// What is asked for afterwards fails with fault.Stopping.
func (x *Extractor) Close() error { return x.engine.close() }
