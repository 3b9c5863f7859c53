package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"syscall"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// Handler is who does the work in a child. What is nil is not offered.
type Handler struct {
	// Prepare is called once, before the child is confined and before it sees a document, to
	// open and compile what is needed later. The child does not start if it fails.
	Prepare func() error

	Extractor  extract.Extractor
	Recognizer extract.Recognizer
}

func (h Handler) prepare() error {
	if h.Prepare == nil {
		return nil
	}
	return h.Prepare()
}

// Serve confines this process for good, before it reads the first foreign byte, and then does
// what the parent asks for until in ends. It is the last thing that a process does: interrupts
// no longer end it, since the parent says when it does.
func Serve(ctx context.Context, in io.Reader, out io.Writer, h Handler) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	var s setup
	if _, err := readFrame(in, &s, bounds{maxHead, 0}); err != nil {
		return fmt.Errorf("read setup: %w", err)
	}
	began := roomy(s.MaxMemory)
	if err := h.prepare(); err != nil {
		return errors.Join(err, writeFrame(out, hello{Protocol: protocol, Unprepared: extract.Cut(err.Error(), maxCause)}))
	}
	ready := hello{Protocol: protocol, Outgrown: began && !roomy(s.MaxMemory)}
	if ready.Outgrown && s.Renew {
		return writeFrame(out, ready)
	}
	ready.Confinement = confine(s)
	if err := writeFrame(out, ready); err != nil {
		return err
	}
	return serve(ctx, in, out, h)
}

// order of a parent, with the bytes that it is about.
type received struct {
	request
	body []byte
}

// serve reads on while it works, so that the end of the parent is the end of the work.
func serve(ctx context.Context, in io.Reader, out io.Writer, h Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	orders, ended := make(chan received), make(chan error, 2)
	go func() { ended <- receive(ctx, in, orders) }()
	go func() { ended <- (&worker{handler: h, out: out}).run(ctx, orders) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func receive(ctx context.Context, in io.Reader, orders chan<- received) error {
	for {
		var o received
		var err error
		if o.body, err = readFrame(in, &o.request, bounds{maxHead, math.MaxInt64}); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read request: %w", err)
		}
		select {
		case orders <- o:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// worker does one order after the other. It holds the document that it read last, so that its
// pages can be drawn without reading it again.
type worker struct {
	handler Handler
	out     io.Writer
	held    *extract.Content
	digest  string // of the document that is held
}

func (w *worker) run(ctx context.Context, orders <-chan received) error {
	for {
		select {
		case o := <-orders:
			r, body := w.do(ctx, o)
			if err := writeFrame(w.out, r, body...); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (w *worker) do(ctx context.Context, o received) (reply, [][]byte) {
	var r reply
	var body [][]byte
	var err error
	switch o.Op {
	case opExtract:
		r, body, err = w.extract(ctx, o)
	case opDraw:
		r, body, err = w.draw(ctx, o)
	case opRecognize:
		body, err = w.recognize(ctx, o)
	default:
		err = fmt.Errorf("no such request: %q", o.Op)
	}
	if err != nil {
		return reply{Fault: newFailure(err)}, nil
	}
	return r, body
}

func (w *worker) extract(ctx context.Context, o received) (reply, [][]byte, error) {
	c, err := w.read(ctx, o)
	if err != nil {
		return reply{}, nil, err
	}
	texts := make([][]byte, len(c.Pages))
	bare := *c
	bare.Pages = make([]extract.Page, len(c.Pages))
	r := reply{Content: &bare, Draws: c.Draw != nil, Lengths: make([]int, len(c.Pages))}
	for i, p := range c.Pages {
		texts[i], r.Lengths[i] = []byte(p.Text), len(p.Text)
		p.Text = ""
		bare.Pages[i] = p
	}
	return r, texts, nil
}

func (w *worker) draw(ctx context.Context, o received) (reply, [][]byte, error) {
	c := w.held
	switch {
	case !o.Kept:
		var err error
		if c, err = w.read(ctx, o); err != nil {
			return reply{}, nil, err
		}
	case c == nil || w.digest != o.SHA256:
		return reply{}, nil, errors.New("a document is asked for that is not held")
	}
	if c.Draw == nil {
		return reply{}, nil, fault.New(fault.Invalid, nil, "a %s document has no page to draw", o.Type)
	}
	m, err := c.Draw(ctx, o.Page, o.View)
	if err != nil {
		return reply{}, nil, err
	}
	return reply{Image: &picture{m.MIME, m.Width, m.Height}}, [][]byte{m.Bytes}, nil
}

// read reads the document of o and holds it.
func (w *worker) read(ctx context.Context, o received) (*extract.Content, error) {
	w.held, w.digest = nil, "" // two at once could be too much
	if w.handler.Extractor == nil {
		return nil, errors.New("this child reads no documents")
	}
	d := &document.Document{Name: o.Name, Type: o.Type, SHA256: o.SHA256, Bytes: o.body}
	c, err := w.handler.Extractor.Extract(ctx, d)
	if err != nil {
		return nil, err
	}
	w.held, w.digest = c, o.SHA256
	return c, nil
}

func (w *worker) recognize(ctx context.Context, o received) ([][]byte, error) {
	if w.handler.Recognizer == nil || o.Image == nil {
		return nil, errors.New("this child reads no pictures")
	}
	text, err := w.handler.Recognizer.Recognize(ctx, document.Image{
		MIME: o.Image.MIME, Width: o.Image.Width, Height: o.Image.Height, Bytes: o.body,
	})
	return [][]byte{[]byte(text)}, err
}
