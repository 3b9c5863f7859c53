// Package mail reads messages as mail programs keep them: who writes to whom about what, the
// body, and the names of what is attached. Attachments are not opened; messages inside a
// message are. Nothing is followed or fetched.
package mail

import (
	"context"
	"strings"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
)

// Options says how bodies are read and bounds what is. The zero value is ready to use.
type Options struct {
	// HTML returns what a body that is a web page shows and hides. The charset is the mail's
	// word on it, or "". Nil leaves such bodies out.
	HTML func(page []byte, charset string) *extract.Content

	// RTF returns the same of a body in rich text. Nil leaves such bodies out.
	RTF func(b []byte) (*extract.Content, error)

	// MaxParts is how many parts a message may have, those of messages inside it included.
	// Default 1,000.
	MaxParts int

	// MaxDepth is how deep parts and messages may nest. Default 20.
	MaxDepth int

	// MaxHeader is how many bytes of a header are read; the rest is skipped. Default 256 KiB.
	MaxHeader int

	// MaxStreams is how many streams an Outlook message may have. Default 100,000.
	MaxStreams int

	// MaxText is how many bytes of text are kept; the rest is left unread. Default 1 MiB.
	MaxText int
}

func (o Options) withDefaults() Options {
	o.MaxParts = or(o.MaxParts, 1000)
	o.MaxDepth = or(o.MaxDepth, 20)
	o.MaxHeader = or(o.MaxHeader, 256<<10)
	o.MaxStreams = or(o.MaxStreams, 100_000)
	o.MaxText = or(o.MaxText, 1<<20)
	return o
}

func or(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}

// Extractor reads document.EML and document.MSG.
type Extractor struct {
	opts Options
}

var _ extract.Extractor = (*Extractor)(nil)

// New returns an Extractor.
func New(o Options) *Extractor {
	return &Extractor{opts: o.withDefaults()}
}

// Extract returns a message as one page: From, To, Cc, Subject and Date on a line each, the
// body, the names of the attachments, and then each message inside in the same way. No page
// can be drawn. Too many parts are fault.Inflated, too deep ones fault.TooDeep. Of encrypted
// mail the header is read; it is fault.Encrypted when that says nothing either.
func (e *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	r := &reader{ctx: ctx, opts: e.opts, left: e.opts.MaxText}
	var m *message
	var err error
	switch d.Type {
	case document.EML:
		m, err = r.message(d.Bytes, 0)
	case document.MSG:
		m, err = r.outlook(d.Bytes)
	default:
		return nil, fault.New(fault.Unsupported, nil, "%s is not a mail", d.Type)
	}
	switch {
	case err != nil:
		return nil, err
	case m.isSealed():
		return nil, fault.New(fault.Encrypted, nil, "the mail is encrypted: decrypt it and send it again")
	}
	text := strings.TrimSpace(extract.Cut(extract.Clean(m.text()), e.opts.MaxText))
	return &extract.Content{
		Pages:     []extract.Page{{Number: 1, Text: text}},
		PageCount: 1,
		Meta:      m.meta(),
		Hidden:    r.hidden,
	}, nil
}

// reader reads one document.
type reader struct {
	ctx   context.Context // of the one call that reads it
	opts  Options
	seen  int  // parts so far
	left  int  // bytes of text that may still be gathered
	plain bool // web pages repeat what was read

	hidden []unseen.Text
}

// enter counts a part before it is read.
func (r *reader) enter(depth int) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.seen++; r.seen > r.opts.MaxParts {
		return fault.New(fault.Inflated, nil, "the mail has more than %d parts: send what matters of it on its own", r.opts.MaxParts)
	}
	if depth > r.opts.MaxDepth {
		return fault.New(fault.TooDeep, nil, "parts of the mail nest more than %d deep: send the inner message on its own", r.opts.MaxDepth)
	}
	return nil
}

// keepShown keeps what a body shows, and what it hides.
func (r *reader) keepShown(c *extract.Content) string {
	r.hidden = append(r.hidden, c.Hidden...)
	return r.keep(c.Text())
}

// keep takes a text of a body off the budget and returns what is kept of it.
func (r *reader) keep(s string) string {
	s = strings.TrimSpace(extract.Cut(s, r.left))
	r.left -= len(s)
	return s
}
