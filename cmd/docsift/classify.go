package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/all"
	"github.com/docsift/docsift/extract/pdf"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
)

type classifyFlags struct {
	json  bool
	quiet bool
	jobs  int
	name  string
}

func (p process) classifyCommand() *cobra.Command {
	var f classifyFlags
	cmd := &cobra.Command{
		Use:   "classify [flags] PATH…",
		Short: "Say what documents are",
		Long: `Classify files, every file of a folder (hidden ones aside), or standard input (-).

The answer is a table, or with --json one object a line, in the order of the paths.
Exit status: 0 all done, 1 some failed, 2 wrong usage, 3 wrong configuration,
5 no model could answer, 130 interrupted.`,
		Example: `  docsift classify samples/
  docsift classify --taxonomy healthcare --json inbox/ > out.jsonl
  docsift classify --policy guide scan.pdf
  curl -s https://example.com/a.pdf | docsift classify --name a.pdf -`,
		Args: argCount(func(n int) bool { return n > 0 }, "at least one PATH"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.classify(cmd, args, f) },
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "show no progress")
	cmd.Flags().IntVarP(&f.jobs, "jobs", "j", 0, "documents under way at once (default 2 for each CPU)")
	cmd.Flags().StringVar(&f.name, "name", "stdin", "file name of what comes from standard input")
	addChoiceFlags(cmd)
	return cmd
}

func (p process) classify(cmd *cobra.Command, paths []string, f classifyFlags) error {
	if f.jobs < 0 {
		return usageError{errors.New("--jobs must be above 0")}
	}
	c, err := p.config(cmd)
	if err != nil {
		return err
	}
	progress := p.newProgress(f)
	classifier, closeClassifier, err := app.OpenClassifier(c, all.Options{PDF: pdf.Options{Compiling: func() {
		progress.say("preparing the PDF reader, once on this machine: a few seconds")
	}}})
	if err != nil {
		return err
	}
	defer closeClassifier()

	b := batch{classifier: classifier, read: c.Document, stdin: p, name: f.name, progress: progress}
	out := newPrinter(p.out, f.json)
	t := b.run(cmd.Context(), paths, cmp.Or(f.jobs, 2*runtime.GOMAXPROCS(0)), out.print)
	progress.close()
	if err := out.close(); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	p.summarise(t, classifier, f)
	return t.status()
}

// batch classifies many documents at once.
type batch struct {
	classifier *docsift.Classifier
	read       document.Options
	stdin      process
	name       string // of what comes from standard input
	progress   *progress
}

// run classifies what the paths name and hands each result to print, in the order of the paths.
func (b batch) run(ctx context.Context, paths []string, jobs int, print func(docsift.Result)) tally {
	// Each document has a channel of its own in the queue, so that results come out in order
	// while at most jobs documents are held.
	queue := make(chan chan docsift.Result, jobs)
	work := make(chan task)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for t := range work {
				t.done <- b.one(ctx, t.source)
			}
		})
	}
	go func() {
		defer close(queue)
		defer close(work)
		for s := range walk(paths) {
			if ctx.Err() != nil {
				return
			}
			b.progress.add()
			t := task{s, make(chan docsift.Result, 1)}
			queue <- t.done
			work <- t
		}
	}()
	var t tally
	for done := range queue {
		res := <-done
		b.progress.done(res)
		if res.Error != nil && res.Error.Code == fault.Canceled {
			t.interrupted = true
			continue
		}
		t.count(res)
		print(res)
	}
	workers.Wait()
	t.interrupted = t.interrupted || ctx.Err() != nil
	return t
}

type task struct {
	source source
	done   chan docsift.Result
}

// one classifies one document. What goes wrong is part of the result.
func (b batch) one(ctx context.Context, s source) docsift.Result {
	if ctx.Err() != nil {
		return docsift.NewFailure(s.path, fault.New(fault.Canceled, nil, "interrupted"))
	}
	d, err := b.open(s)
	if err != nil {
		return docsift.NewFailure(s.path, err)
	}
	res, _ := b.classifier.Classify(ctx, d, docsift.Request{}) // the error is in the result
	return res
}

func (b batch) open(s source) (*document.Document, error) {
	switch {
	case s.err != nil:
		return nil, s.err
	case s.stdin:
		d, err := document.Read(b.stdin.in, b.name, b.read)
		if err != nil && fault.KindOf(err) == fault.Internal {
			return nil, fault.New(fault.BadPath, err, "standard input cannot be read")
		}
		return d, err
	}
	return document.Open(filepath.Clean(s.path), b.read)
}

// tally counts what became of the documents.
type tally struct {
	done, failed, review int
	noModel              int // of failed
	cost                 int64
	costUnknown          bool
	interrupted          bool
}

func (t *tally) count(res docsift.Result) {
	t.cost += res.Cost.NanoUSD
	t.costUnknown = t.costUnknown || !res.Cost.Known
	switch {
	case res.Error == nil && res.Review.Needed:
		t.done++
		t.review++
	case res.Error == nil:
		t.done++
	case res.Error.Code == fault.NoModel:
		t.failed++
		t.noModel++
	default:
		t.failed++
	}
}

// status is the error that ends the command, or nil when every document was answered.
func (t tally) status() error {
	switch {
	case t.interrupted:
		return exitStatus(fault.Canceled.ExitStatus())
	case t.noModel > 0 && t.noModel == t.failed && t.done == 0:
		return exitStatus(fault.NoModel.ExitStatus())
	case t.failed > 0:
		return exitStatus(1)
	}
	return nil
}
