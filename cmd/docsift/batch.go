package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// batch classifies many documents at once.
type batch struct {
	classifier *docsift.Classifier
	read       document.Options
	in         io.Reader // standard input
	name       string    // of what comes from standard input
	progress   *progress
	verbose    bool // tell the causes of errors too
	purse      *purse
	explain    model.Explain
}

// run classifies what the paths name and hands each result to print, in the order of the paths.
// The first error of print ends the work, so that nothing is paid for that nobody can read.
// Documents that were not begun when the work ended have no result.
func (b batch) run(ctx context.Context, paths []string, jobs int, print func(docsift.Result) error) (tally, error) {
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	t := newTally()
	var printErr error
	for done := range b.start(work, paths, jobs) {
		a, begun := <-done
		if !begun {
			continue
		}
		b.progress.done(a.Result)
		if b.verbose && a.err != nil {
			b.progress.write(fmt.Sprintf("docsift: %s: %v", printable(a.Document.Filename), a.err))
		}
		t.count(a.Result)
		if printErr != nil {
			continue
		}
		if printErr = print(a.Result); printErr != nil {
			cancel()
		}
	}
	t.stopped, t.over = ctx.Err() != nil, b.purse.over.Load()
	return t, printErr
}

// answer is what became of one document.
type answer struct {
	docsift.Result
	err error // with its causes, which the result does not tell
}

type task struct {
	source source
	done   chan answer // closed without an answer when the document was not begun
}

// start puts workers to the documents. Each document has a channel of its own in the queue, so
// that answers come out in order while at most jobs documents are held.
func (b batch) start(ctx context.Context, paths []string, jobs int) <-chan chan answer {
	queue := make(chan chan answer, jobs)
	work := make(chan task)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for t := range work {
				if ctx.Err() == nil && !b.purse.empty() {
					a := b.one(ctx, t.source)
					b.purse.spend(a.Cost)
					b.progress.paid(a.Cost)
					t.done <- a
				}
				close(t.done)
			}
		})
	}
	go func() {
		defer func() {
			close(work)
			workers.Wait()
			close(queue)
		}()
		for s := range walk(paths) {
			if ctx.Err() != nil || b.purse.over.Load() {
				return
			}
			b.progress.add()
			if s.empty {
				b.progress.write("docsift: no documents in " + printable(s.path))
				continue
			}
			t := task{s, make(chan answer, 1)}
			queue <- t.done
			work <- t
		}
	}()
	return queue
}

// one classifies one document.
func (b batch) one(ctx context.Context, s source) answer {
	d, err := b.open(ctx, s)
	if err != nil {
		name := s.path
		if s.stdin {
			name = b.name
		}
		return answer{docsift.NewFailure(name, err), err}
	}
	res, err := b.classifier.Classify(ctx, d, docsift.Request{Explain: b.explain})
	return answer{res, err}
}

func (b batch) open(ctx context.Context, s source) (*document.Document, error) {
	switch {
	case s.err != nil:
		return nil, s.err
	case s.stdin:
		return b.readInput(ctx)
	}
	return document.Open(filepath.Clean(s.path), b.read)
}

// readInput reads standard input. A terminal or a pipe may stay open for ever, and nothing
// ends a read of it: when ctx ends, the read is left behind.
func (b batch) readInput(ctx context.Context) (*document.Document, error) {
	type input struct {
		d   *document.Document
		err error
	}
	read := make(chan input, 1)
	go func() {
		d, err := document.Read(b.in, b.name, b.read)
		read <- input{d, err}
	}()
	select {
	case <-ctx.Done():
		return nil, fault.New(fault.Canceled, ctx.Err(), "interrupted")
	case in := <-read:
		if in.err != nil && fault.KindOf(in.err) == fault.Internal {
			return nil, fault.New(fault.BadPath, in.err, "standard input cannot be read")
		}
		return in.d, in.err
	}
}

// tally counts what became of the documents.
type tally struct {
	done, failed, review int
	noModel              int // of failed
	interrupted          int // begun, and then cut off
	cost                 cascade.Cost
	guide                cascade.Cost // what it had cost by the guide's way
	stopped              bool         // by the user
	over                 bool         // the budget is spent
}

func newTally() tally {
	return tally{cost: cascade.Cost{Known: true}, guide: cascade.Cost{Known: true}}
}

func (t *tally) count(res docsift.Result) {
	t.cost = t.cost.Plus(res.Cost)
	if res.GuideCost != nil {
		t.guide = t.guide.Plus(*res.GuideCost)
	}
	switch {
	case res.Error == nil && res.Review.Needed:
		t.done++
		t.review++
	case res.Error == nil:
		t.done++
	case res.Error.Code == fault.Canceled:
		t.interrupted++
	case res.Error.Code == fault.NoModel:
		t.failed++
		t.noModel++
	default:
		t.failed++
	}
}

// String sums a run up in a line.
func (t tally) String() string {
	review, interrupted := "", ""
	if t.review > 0 {
		review = fmt.Sprintf(" (%d for review)", t.review)
	}
	if t.interrupted > 0 {
		interrupted = fmt.Sprintf(", %d interrupted", t.interrupted)
	}
	guide := ""
	if t.guide.Known && t.guide.NanoUSD > 0 {
		guide = fmt.Sprintf(" (by the scaling guide's way $%.4f)", float64(t.guide.NanoUSD)/1e9)
	}
	return fmt.Sprintf("%d classified%s, %d failed%s, cost %s%s", t.done, review, t.failed, interrupted, atLeast(t.cost), guide)
}

// status is the error that ends the command, or nil when every document was answered.
func (t tally) status() error {
	switch {
	case t.stopped:
		return exitStatus(fault.Canceled.ExitStatus())
	case t.over:
		return exitStatus(fault.Budget.ExitStatus())
	case t.noModel > 0 && t.noModel == t.failed && t.done == 0:
		return exitStatus(fault.NoModel.ExitStatus())
	case t.failed > 0:
		return exitStatus(1)
	}
	return nil
}
