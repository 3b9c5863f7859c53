package pdf

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klippa-app/go-pdfium"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// An instance's memory grows and never shrinks, so it serves maxUses documents at most, and
// none after one that took longer than heavy.
const (
	maxUses    = 200
	maxHandles = 100_000 // go-pdfium's own, of some 200 bytes each, kept as long as the instance
	heavy      = time.Second
)

// engine lends out instances of PDFium: isolated machines that cost some milliseconds to
// make and about 8 MiB to keep. It is the seam behind which a child process would stand.
type engine struct {
	opts  Options
	slots chan struct{} // one element per instance at work, even one that was given up
	stuck atomic.Int32  // how many were given up and still run

	once  sync.Once
	ready chan struct{} // closed when pool and err are set
	pool  pdfium.Pool
	err   error

	mu   sync.Mutex
	idle []*instance // last used last, so that few stay warm

	closing sync.Once
	closed  chan struct{}
}

// instance keeps the document that it read last, since its first page is likely to be drawn.
type instance struct {
	pdfium.Pdfium
	uses    int
	handles int // that documents before have left in it
	held    *opened
	digest  string // of the document that is held
}

// worn reports whether an instance has served enough.
func (in *instance) worn() bool {
	handles := in.handles
	if in.held != nil {
		handles += in.held.handles
	}
	return in.uses >= maxUses || handles >= maxHandles
}

// hold opens d, unless it is held already.
func (in *instance) hold(d *document.Document) (*opened, error) {
	if in.held != nil && !in.held.spent && in.digest == d.SHA256 && d.SHA256 != "" {
		return in.held, nil
	}
	if in.held != nil {
		if err := in.held.close(); err != nil {
			return nil, fmt.Errorf("close: %w", err)
		}
		in.handles += in.held.handles
		in.held = nil
	}
	in.uses++
	o, err := openIn(in.Pdfium, d.Bytes)
	if err != nil {
		return nil, err
	}
	in.held, in.digest = o, d.SHA256
	return o, nil
}

func newEngine(o Options) *engine {
	return &engine{
		opts:   o,
		slots:  make(chan struct{}, o.Workers),
		ready:  make(chan struct{}),
		closed: make(chan struct{}),
	}
}

// start makes the first instance.
func (e *engine) start(ctx context.Context) error {
	in, err := e.take(ctx, "")
	if err != nil {
		return err
	}
	e.give(in, true)
	<-e.slots
	return nil
}

// do runs job on a document in an instance, for the engine's Timeout at most. An instance that has seen an
// error never serves again: a trap leaves it broken in ways that show only later.
func do[T any](ctx context.Context, e *engine, d *document.Document, job func(*opened) (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	var none T
	in, err := e.take(ctx, d.SHA256)
	if err != nil {
		return none, err
	}
	var settled atomic.Bool // by whoever comes first: the job's end or its deadline
	done := make(chan outcome, 1)
	go func() {
		start := time.Now()
		v, err := guard(in, d, job)
		if settled.CompareAndSwap(false, true) {
			e.give(in, err == nil && time.Since(start) < heavy)
		} else {
			e.stuck.Add(-1)
		}
		<-e.slots
		done <- outcome{v, err}
	}()
	timer := time.NewTimer(e.opts.Timeout)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.value, verdict(o.err)
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = fault.New(fault.TooComplex, nil, "the PDF takes longer than %v to read: print it to a new PDF and send that", e.opts.Timeout)
	}
	e.stuck.Add(1)
	if !settled.CompareAndSwap(false, true) {
		e.stuck.Add(-1)
		o := <-done
		return o.value, verdict(o.err)
	}
	// The call at work runs on unless the engine is interruptible; the next one fails.
	_ = in.Kill()
	return none, err
}

// guard runs job and turns a panic into an error.
func guard[T any](in *instance, d *document.Document, job func(*opened) (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	o, err := in.hold(d)
	if err != nil {
		return v, err
	}
	return job(o)
}

// take returns an instance for its caller alone, together with a slot: the one that holds the
// document with this digest if it is idle.
func (e *engine) take(ctx context.Context, digest string) (*instance, error) {
	if err := e.takeSlot(ctx); err != nil {
		return nil, err
	}
	in, err := e.instance(ctx, digest)
	if err != nil {
		<-e.slots
	}
	return in, err
}

func (e *engine) takeSlot(ctx context.Context) error {
	late := time.After(e.opts.Wait)
	for ctx.Err() == nil {
		select {
		case e.slots <- struct{}{}:
			return nil
		case <-e.closed:
			return stopping()
		case <-ctx.Done():
		case <-late:
			return fault.New(fault.Busy, nil, "the PDF reader has too many documents before this one: try again later")
		case <-time.After(e.opts.Timeout):
			if int(e.stuck.Load()) == cap(e.slots) {
				return fault.New(fault.Busy, nil, "the PDF reader is held up by documents that do not end: try again later")
			}
		}
	}
	return ctx.Err()
}

// instance returns an idle instance, else a new one.
func (e *engine) instance(ctx context.Context, digest string) (*instance, error) {
	if in := e.lastIdle(digest); in != nil {
		return in, nil
	}
	e.once.Do(func() {
		go func() {
			defer close(e.ready)
			e.pool, e.err = open(e.opts)
		}()
	})
	select {
	case <-e.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e.err != nil {
		return nil, e.err
	}
	p, err := e.pool.GetInstanceWithContext(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("start pdf reader: %w", err)
	}
	return &instance{Pdfium: p}, nil
}

// lastIdle returns the instance that holds the document, else the one that was used last.
func (e *engine) lastIdle(digest string) *instance {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.idle) == 0 {
		return nil
	}
	i := slices.IndexFunc(e.idle, func(in *instance) bool { return in.digest == digest })
	if i < 0 {
		i = len(e.idle) - 1
	}
	in := e.idle[i]
	e.idle = slices.Delete(e.idle, i, i+1)
	return in
}

// give takes an instance back, or ends it when it is not to serve again.
func (e *engine) give(in *instance, again bool) {
	if !again || in.worn() {
		_ = in.Kill() // its memory is garbage; there is nothing to do about an error
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.idle = append(e.idle, in)
}

func (e *engine) close() (err error) {
	e.closing.Do(func() {
		close(e.closed)
		e.once.Do(func() { // where nothing was started, nothing will be
			e.err = stopping()
			close(e.ready)
		})
		<-e.ready
		if e.pool != nil && e.drain() {
			err = e.pool.Close()
		}
	})
	return err
}

// drain takes every slot for good and reports whether that went in time.
func (e *engine) drain() bool {
	limit := time.NewTimer(e.opts.Timeout)
	defer limit.Stop()
	for range cap(e.slots) {
		select {
		case e.slots <- struct{}{}:
		case <-limit.C:
			return false
		}
	}
	return true
}

func stopping() error { return fault.New(fault.Stopping, nil, "the PDF reader is closed") }
