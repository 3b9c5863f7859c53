// Package child reads documents in processes of their own, so that one which brings its reader
// down, or gets hold of it, harms no other and reaches nothing. A Pool in the parent hands
// documents to children; each child is this very program once more, and ends in Serve.
package child

import (
	"cmp"
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// Options configures a Pool.
type Options struct {
	// Command is what a child is called and its arguments, with which this very program ends
	// in Serve. Required.
	Command []string

	// Children is how many documents are read at once. Default one per CPU, at most 4.
	Children int

	// MaxUses is how many documents a child reads before another takes its place, which costs
	// about as much as ten. One whose memory has grown to half of MaxMemory goes before. Default 500.
	MaxUses int

	// MaxMemory is the most that a child may hold, in bytes. Default 512 MiB.
	MaxMemory int64

	// Timeout is how long one document, or one page to draw, may take before its child is
	// killed. Default 8s.
	Timeout time.Duration

	// Wait is how long a document may wait for a free child before it is refused with
	// fault.Busy. Default three times Timeout.
	Wait time.Duration

	// Preparing is called when a child takes longer than a second to get ready, as the first
	// one does whose Handler compiles its readers. Default: nobody is told.
	Preparing func()

	// Files are the files and folders that a child may read. Default none.
	Files []string

	// Lost is called when a child died of a document, or was killed because that took too long.
	// Default: nobody is told.
	Lost func()

	// Log is told of children that died. Default: nobody is.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Children <= 0 {
		o.Children = min(runtime.GOMAXPROCS(0), 4)
	}
	o.MaxUses = cmp.Or(max(o.MaxUses, 0), 500)
	o.MaxMemory = cmp.Or(max(o.MaxMemory, 0), 512<<20)
	o.Timeout = cmp.Or(max(o.Timeout, 0), 8*time.Second)
	o.Wait = cmp.Or(max(o.Wait, 0), 3*o.Timeout)
	if o.Preparing == nil {
		o.Preparing = func() {}
	}
	if o.Lost == nil {
		o.Lost = func() {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Pool is an extract.Extractor and an extract.Recognizer over a few children, which start when
// they are first needed.
type Pool struct {
	opts  Options
	slots chan struct{} // one element for each child at work

	mu   sync.Mutex
	idle []*process            // least recently used first, so that others keep what they hold
	all  map[*process]struct{} // not yet reaped

	hopeless atomic.Bool // children outgrow their limit of memory each time

	closing sync.Once
	closed  chan struct{}
}

var (
	_ extract.Extractor  = (*Pool)(nil)
	_ extract.Recognizer = (*Pool)(nil)
)

// New returns a Pool. Nothing is started before the first document.
func New(o Options) *Pool {
	o = o.withDefaults()
	return &Pool{
		opts:   o,
		slots:  make(chan struct{}, o.Children),
		all:    make(map[*process]struct{}),
		closed: make(chan struct{}),
	}
}

// Extract reads d in a child. A document that its child does not survive is read once more in
// a new one; if that dies too, or takes too long, it is fault.TooComplex.
func (p *Pool) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	r, texts, err := p.ask(ctx, order{request: about(opExtract, d), document: d})
	if err != nil {
		return nil, err
	}
	c := r.content(texts)
	if r.Draws {
		c.Draw = func(ctx context.Context, page int, v extract.View) (document.Image, error) {
			return p.draw(ctx, d, page, v)
		}
	}
	return c, nil
}

// draw asks a child for a page: the one that still holds the document if it is free, else
// another, which reads it anew.
func (p *Pool) draw(ctx context.Context, d *document.Document, page int, v extract.View) (document.Image, error) {
	if v.Side < 1 {
		return document.Image{}, fault.New(fault.Invalid, nil, "a picture %d pixels wide", v.Side)
	}
	q := about(opDraw, d)
	q.Page, q.View = page, v
	r, picture, err := p.ask(ctx, order{request: q, document: d})
	if err != nil {
		return document.Image{}, err
	}
	return document.Image{MIME: r.Image.MIME, Width: r.Image.Width, Height: r.Image.Height, Bytes: picture}, nil
}

// Recognize reads the letters of a page's picture in a child, under the same rules as Extract.
func (p *Pool) Recognize(ctx context.Context, page document.Image) (string, error) {
	q := request{Op: opRecognize, Image: &picture{page.MIME, page.Width, page.Height}}
	_, text, err := p.ask(ctx, order{request: q, picture: page.Bytes})
	return string(text), err
}

// Start starts a child if none is there, and says how children are confined. It fails where
// this program cannot be started once more.
func (p *Pool) Start(ctx context.Context) (Confinement, error) {
	if err := p.takeSlot(ctx); err != nil {
		return Confinement{}, err
	}
	defer p.leaveSlot()
	pr, err := p.take(ctx, "", false)
	if err != nil {
		return Confinement{}, err
	}
	p.give(pr)
	return pr.confinement, nil
}

// Close waits for the documents at hand, no longer than one may take, and ends all children.
// What is asked for afterwards fails with fault.Stopping.
func (p *Pool) Close() error {
	p.closing.Do(func() {
		close(p.closed)
		late := time.After(p.opts.Timeout)
		for range cap(p.slots) {
			select {
			case p.slots <- struct{}{}:
			case <-late:
			}
		}
		for _, pr := range p.living() {
			pr.end()
		}
	})
	return nil
}
