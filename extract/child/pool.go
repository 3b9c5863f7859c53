package child

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// order is a request with the bytes that it is about.
type order struct {
	request
	document *document.Document // or
	picture  []byte
}

func (o order) body() []byte {
	if o.document != nil {
		return o.document.Bytes
	}
	return o.picture
}

// ask has an order done, by a second child if the first dies of it. Both together have the time
// of one.
func (p *Pool) ask(ctx context.Context, o order) (reply, []byte, error) {
	if err := p.takeSlot(ctx); err != nil {
		return reply{}, nil, err
	}
	defer p.leaveSlot()
	var died error
	left := p.opts.Timeout
	for try := 0; try < 2 && left > 0; try++ {
		pr, err := p.take(ctx, o.SHA256, died != nil)
		if err != nil {
			return reply{}, nil, err
		}
		start := time.Now()
		r, body, err := pr.do(ctx, o, left)
		left -= time.Since(start)
		p.settle(pr, o, r, err)
		if errors.Is(err, errLate) || errors.Is(err, errDied) {
			p.opts.Lost()
		}
		switch {
		case err == nil:
			r.took = p.opts.Timeout - left
			return r, body, r.err()
		case errors.Is(err, errLate):
			return reply{}, nil, fault.New(fault.TooComplex, nil, "the document takes longer than %v to read: save it anew, or print it to a PDF, and send that", p.opts.Timeout)
		case !errors.Is(err, errDied):
			return reply{}, nil, err
		}
		died = err
		p.opts.Log.Warn("a child died of a document", "document", o.SHA256, "type", string(o.Type), "cause", err)
	}
	return reply{}, nil, fault.New(fault.TooComplex, died, "its reader did not survive the document: save it anew, or print it to a PDF, and send that")
}

// settle decides whether a child serves again: never after an error that is not plainly the
// document's, for what it leaves behind may show only later.
func (p *Pool) settle(pr *process, o order, r reply, err error) {
	if !o.kept(pr) {
		pr.uses++
	}
	pr.kept = ""
	switch {
	case err != nil, !r.plain(), pr.uses >= p.opts.MaxUses, pr.resident() > p.opts.MaxMemory/2:
		pr.end()
	default:
		if r.Fault == nil && o.document != nil {
			pr.kept = o.SHA256
		}
		p.give(pr)
	}
}

// takeSlot waits for its turn, no longer than Wait.
func (p *Pool) takeSlot(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-p.closed:
		return stopping()
	default:
	}
	select { // who need not wait is never late
	case p.slots <- struct{}{}:
		return nil
	default:
	}
	late := time.NewTimer(p.opts.Wait)
	defer late.Stop()
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closed:
		return stopping()
	case <-late.C:
		return fault.New(fault.Busy, nil, "all readers are held up by documents that take long: try again later")
	}
}

func (p *Pool) leaveSlot() { <-p.slots }

func stopping() error { return fault.New(fault.Stopping, nil, "the reader is closed") }

// take returns a child for its caller alone, who holds a slot: the one that keeps the document
// with this digest, else another idle one, else a new one. A fresh one has read nothing yet.
func (p *Pool) take(ctx context.Context, digest string, fresh bool) (*process, error) {
	for pr := p.pop(digest); pr != nil; pr = p.pop(digest) {
		if pr.alive() && !(fresh && pr.uses > 0) {
			return pr, nil
		}
		pr.end()
	}
	pr, err := p.start(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		p.opts.Log.Error("no child could be started", "cause", err)
		return nil, fault.New(fault.Busy, err, "no reader could be started: try again later")
	}
	return pr, nil
}

func (p *Pool) pop(digest string) *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	i := max(0, slices.IndexFunc(p.idle, func(pr *process) bool { return digest != "" && pr.kept == digest }))
	pr := p.idle[i]
	p.idle = slices.Delete(p.idle, i, i+1)
	return pr
}

func (p *Pool) give(pr *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, pr)
}

// living returns all processes that were not reaped yet.
func (p *Pool) living() []*process {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = nil
	var all []*process
	for pr := range p.all {
		all = append(all, pr)
	}
	return all
}
