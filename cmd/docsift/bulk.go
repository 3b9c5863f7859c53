package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/bulk"
	"github.com/docsift/docsift/internal/config"
)

// toOutput classifies what the paths name into a file, from where it stopped the last time.
func (p process) toOutput(cmd *cobra.Command, paths []string, f classifyFlags, c config.Config) (err error) {
	progress := p.newProgress(f)
	defer progress.close()
	o, err := open(c, progress.preparing)
	if err != nil {
		return err
	}
	defer o.Close()
	out, err := bulk.Open(bulk.Options{
		Path: f.output, Version: version(), Restart: f.restart, RetryFailed: f.retryFailed, Settings: settingsOf(o.classifier, c),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	progress.paid(out.Totals().Cost)
	r := bulkRun{
		batch: batch{classifier: o.classifier, read: c.Document, progress: progress, verbose: verbose(c), purse: &purse{most: f.budget.Amount}},
		out:   out, file: f.output,
	}
	r.purse.spend(out.Totals().Cost)
	err = r.run(cmd.Context(), paths, jobsOf(f))
	progress.close()
	if !f.quiet {
		r.summarise(p)
	}
	return cmp.Or(err, r.status())
}

// settingsOf tells what answers depend on.
func settingsOf(c *docsift.Classifier, o config.Config) bulk.Settings {
	policy, _ := c.Policy()
	var models []string
	for _, m := range c.Models() {
		models = append(models, m.Model)
	}
	slices.Sort(models)
	s := bulk.Settings{
		"policy":   policy.Name + " " + policy.Version,
		"taxonomy": c.Taxonomy().ID + " " + c.Taxonomy().Version,
		"models":   strings.Join(slices.Compact(models), ", "),
		"reading":  fmt.Sprintf("%d pages, ocr %s, %s", o.Reading.Pages, o.Reading.OCR, o.Reading.Languages),
	}
	if id, err := c.Identify(&document.Document{}, docsift.Request{}); err == nil {
		s["the rest (thresholds, instructions, addresses, local model)"] = hex.EncodeToString(id.Sum[:8])
	}
	return s
}

// bulkRun classifies files into an output, each as soon as it is answered.
type bulkRun struct {
	batch

	out  *bulk.Output
	file string // where it is

	mu    sync.Mutex
	tally tally
	known int   // files that were answered before
	dupes int   // files that had another's answer
	wrong error // of the output
}

// run puts workers to the files. The first error of the output ends the work.
func (r *bulkRun) run(ctx context.Context, paths []string, jobs int) error {
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	r.tally = newTally()
	r.progress.countAll(work, func() int { return countFiles(work, paths, r.out) })
	queue := make(chan source)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for s := range queue {
				if err := r.one(work, s); err != nil {
					r.fail(err)
					cancel()
				}
			}
		})
	}
	for s := range files(paths, r.out) {
		if work.Err() != nil || r.purse.over.Load() {
			break
		}
		if s.empty {
			r.progress.write("docsift: no documents in " + printable(s.path))
			continue
		}
		queue <- s
	}
	close(queue)
	workers.Wait()
	r.tally.stopped = ctx.Err() != nil
	r.tally.over = r.purse.over.Load()
	return r.wrong
}

// files yields what paths name, what belongs to the output aside.
func files(paths []string, out *bulk.Output) func(func(source) bool) {
	return func(yield func(source) bool) {
		for s := range walk(paths) {
			if out != nil && out.Is(s.path) {
				continue
			}
			if !yield(s) {
				return
			}
		}
	}
}

func countFiles(ctx context.Context, paths []string, out *bulk.Output) (n int) {
	for s := range files(paths, out) {
		if ctx.Err() != nil {
			return n
		}
		if !s.empty {
			n++
		}
	}
	return n
}

func (r *bulkRun) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong = cmp.Or(r.wrong, err)
}

// one answers about one file, unless that is done or there is no money left. Its error is of the output.
func (r *bulkRun) one(ctx context.Context, s source) error {
	f := fileAt(s.path)
	if r.out.Answered(f) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.known++
		r.progress.skip()
		return nil
	}
	if ctx.Err() != nil || r.purse.empty() {
		return nil
	}
	line, done, cause := r.answer(ctx, s, f)
	defer done()
	r.count(line, cause)
	if line.Error != nil && line.Error.Code == fault.Canceled { // it is asked about again
		r.out.Spend(line.Cost)
		return nil
	}
	return r.out.Put(line)
}

// answer finds out what a file is. The caller calls done when the answer is kept. cause tells
// more of what is wrong than the line does.
func (r *bulkRun) answer(ctx context.Context, s source, f bulk.File) (line bulk.Line, done func(), cause error) {
	start := time.Now()
	d, err := r.open(ctx, s)
	var before *bulk.Line
	done = func() {}
	if err == nil {
		before, done, err = r.out.Claim(ctx, d.SHA256)
	}
	switch {
	case err != nil:
		return bulk.Line{Result: docsift.NewFailure(s.path, err), File: f}, done, err
	case before != nil:
		f.DuplicateOf = cmp.Or(before.File.DuplicateOf, before.File.Path)
		return bulk.Line{Result: before.Again(d, docsift.Request{}, start), File: f}, done, nil
	}
	res, err := r.classifier.Classify(ctx, d, docsift.Request{})
	return bulk.Line{Result: res, File: f}, done, err
}

func (r *bulkRun) count(l bulk.Line, cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.purse.spend(l.Cost)
	r.progress.paid(l.Cost)
	r.progress.done(l.Result)
	if r.verbose && cause != nil {
		r.progress.write(fmt.Sprintf("docsift: %s: %v", printable(l.File.Path), cause))
	}
	if l.File.DuplicateOf != "" {
		r.dupes++
	}
	r.tally.count(l.Result)
}

// fileAt returns the file at a path as it is now.
func fileAt(path string) bulk.File {
	info, err := os.Stat(path)
	if err != nil {
		return bulk.NewFile(path, 0, time.Unix(0, 0))
	}
	return bulk.NewFile(path, info.Size(), info.ModTime())
}

// summarise ends a run: what was done, what the output holds, and how to go on.
func (r *bulkRun) summarise(p process) {
	more := ""
	if r.dupes > 0 {
		more += fmt.Sprintf(", %d of them duplicates", r.dupes)
	}
	if r.known > 0 {
		more += fmt.Sprintf(", %d answered before", r.known)
	}
	fmt.Fprintf(p.log, "%s%s\n", r.tally, more)
	all := r.out.Totals()
	fmt.Fprintf(p.log, "%s holds %d answers (%d failed), which cost %s\n", printable(filepath.Clean(r.file)), all.Done+all.Failed, all.Failed, atLeast(all.Cost))
	switch {
	case r.wrong != nil:
	case r.tally.stopped:
		fmt.Fprintln(p.log, "Stopped. The same command goes on from here.")
	case r.tally.over:
		fmt.Fprintf(p.log, "The budget of $%s is spent. The same command with a larger --budget goes on from here.\n", r.purse.most)
	case all.Failed > 0:
		fmt.Fprintln(p.log, "The same command with --retry-failed asks again about those that failed.")
	}
}

// status is the error that ends the command, or nil when the output has an answer to every document.
func (r *bulkRun) status() error {
	if err := r.tally.status(); err != nil {
		return err
	}
	if r.out.Totals().Failed > 0 {
		return exitStatus(1)
	}
	return nil
}

func atLeast(c cascade.Cost) string {
	sum := cascade.Cost{NanoUSD: c.NanoUSD, Known: true}.String()
	if !c.Known {
		return "at least " + sum
	}
	return sum
}
