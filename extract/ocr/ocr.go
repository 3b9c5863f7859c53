// Package ocr reads the text of documents that have none: their pages are drawn, and
// tesseract reads the letters, as an installed command or as WebAssembly inside the process.
package ocr

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// Options configures New. The zero value is ready to use.
type Options struct {
	// Pages is how many pages are read at most, from the first on, until one has enough text
	// to judge by. Default 2.
	Pages int

	// Side is how large a page is drawn for reading, in pixels of the longer side. A smaller
	// picture is enlarged up to twice. Default 2000.
	Side int

	// Timeout is how long one document may take to draw and read. Default 6s.
	Timeout time.Duration

	// Total is how long reading a document may take altogether, by Content.Took and then for its
	// letters: one that was slow to read has less left of Timeout. Default 9s.
	Total time.Duration

	// Wait is how long a document may wait for its turn. Default 30s.
	Wait time.Duration

	// Parallel is how many documents are read at once. Default one per CPU.
	Parallel int

	// Log is told of every document that could not be read. Default none.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Pages <= 0 {
		o.Pages = 2
	}
	if o.Side <= 0 {
		o.Side = 2000
	}
	if o.Timeout <= 0 {
		o.Timeout = 6 * time.Second
	}
	if o.Total <= 0 {
		o.Total = 9 * time.Second
	}
	if o.Wait <= 0 {
		o.Wait = 30 * time.Second
	}
	if o.Parallel <= 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// New returns inner with r for the documents whose first page has no readable text, or of which
// no page has more than a stamp: their Content.OCR draws pages and has r read them, from the first on to one that can be read. A text
// on later pages does not do instead: it may be a certificate behind a scan. What r reads becomes
// the text of its page, with Page.OCR set. Of a document that stays without text, Meta "ocr"
// says why: "no text", "little text", "busy", "timeout" or "failed: …".
func New(inner extract.Extractor, r extract.Recognizer, o Options) extract.Extractor {
	o = o.withDefaults()
	return &extractor{inner: inner, reader: r, opts: o, turns: make(chan struct{}, o.Parallel)}
}

type extractor struct {
	inner  extract.Extractor
	reader extract.Recognizer
	opts   Options
	turns  chan struct{} // one element per document being read
}

var (
	errNoText     = errors.New("no text")
	errLittleText = errors.New("little text")
	errBusy       = errors.New("busy")
)

// Extract reads d. Its pictures are read by Content.OCR, and only then.
func (x *extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	c, err := x.inner.Extract(ctx, d)
	if err != nil || c.Draw == nil || readable(c, 1) && !stamped(c) {
		return c, err
	}
	c.OCR = func(ctx context.Context) ([]extract.Page, error) { return x.pages(ctx, c) }
	return c, nil
}

// pages returns the pages of c with what their pictures say. Why no page of c can be judged by
// is written down in its Meta, and an error when nothing at all could be read.
func (x *extractor) pages(ctx context.Context, c *extract.Content) ([]extract.Page, error) {
	read := *c
	read.Pages = slices.Clone(c.Pages)
	err := x.read(ctx, &read)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	some := slices.ContainsFunc(read.Pages, func(p extract.Page) bool { return p.OCR })
	if errors.Is(err, errNoText) && some {
		err = errLittleText
	}
	if err != nil && !extract.Readable(c.Text()) {
		x.report(ctx, c, err)
	}
	if !some {
		return c.Pages, err
	}
	return read.Pages, nil
}

// readable reports whether page n has text to judge by.
func readable(c *extract.Content, n int) bool {
	i, found := find(c, n)
	return found && extract.Readable(c.Pages[i].Text)
}

// stamped reports whether no page has more text than a court or a browser puts at the edge of a
// scan.
func stamped(c *extract.Content) bool {
	const most = 110 // letters and digits
	return !slices.ContainsFunc(c.Pages, func(p extract.Page) bool { return letters(p.Text) > most })
}

// find returns where page n is or would be.
func find(c *extract.Content, n int) (i int, found bool) {
	return slices.BinarySearchFunc(c.Pages, n, func(p extract.Page, n int) int { return p.Number - n })
}

// read waits for its turn and reads pages until one is readable.
func (x *extractor) read(ctx context.Context, c *extract.Content) error {
	if err := x.turn(ctx); err != nil {
		return err
	}
	defer func() { <-x.turns }()
	ctx, cancel := context.WithTimeout(ctx, min(x.opts.Timeout, x.opts.Total-c.Took))
	defer cancel()
	scan := stamped(c)
	for n := 1; n <= min(x.opts.Pages, c.PageCount); n++ {
		if !scan && readable(c, n) {
			return nil
		}
		text, err := x.readPage(ctx, c, n)
		if err != nil {
			return err
		}
		keep(c, n, text)
		if extract.Readable(text) {
			return nil
		}
	}
	return errNoText
}

func (x *extractor) turn(ctx context.Context) error {
	late := time.NewTimer(x.opts.Wait)
	defer late.Stop()
	select {
	case x.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-late.C:
		return errBusy
	}
}

func (x *extractor) readPage(ctx context.Context, c *extract.Content, n int) (string, error) {
	picture, err := c.Draw(ctx, n, extract.View{Side: x.opts.Side, Format: extract.PGM})
	if err != nil {
		return "", err
	}
	if picture, err = enlarge(picture, x.opts.Side); err != nil {
		return "", err
	}
	text, err := x.reader.Recognize(ctx, picture)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(extract.Clean(text)), nil
}

// keep makes text that of page n, unless the page has as much of its own.
func keep(c *extract.Content, n int, text string) {
	i, found := find(c, n)
	switch {
	case !found && text != "":
		c.Pages = slices.Insert(c.Pages, i, extract.Page{Number: n, Text: text, OCR: true})
	case found && letters(text) > letters(c.Pages[i].Text):
		c.Pages[i].Text, c.Pages[i].OCR = text, true
	}
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// report writes down why a document stays without text.
func (x *extractor) report(ctx context.Context, c *extract.Content, err error) {
	why := "failed: " + fault.Message(err)
	switch {
	case errors.Is(err, errNoText), errors.Is(err, errLittleText), errors.Is(err, errBusy):
		why = err.Error()
	case errors.Is(err, context.DeadlineExceeded), fault.KindOf(err) == fault.TooComplex:
		why = "timeout"
	}
	if c.Meta == nil {
		c.Meta = make(map[string]string)
	}
	c.Meta["ocr"] = why
	if !errors.Is(err, errNoText) && !errors.Is(err, errLittleText) {
		x.opts.Log.WarnContext(ctx, "no text from the picture of a page", "why", why, "err", err)
	}
}
