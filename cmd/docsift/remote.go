package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/client"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/bulk"
	"github.com/docsift/docsift/internal/config"
)

// apiKey returns the key for a server: the flag's, else the setting's.
func apiKey(flag string, c config.Config) string { return cmp.Or(flag, c.Getenv("DOCSIFT_API_KEY")) }

// sendersAtOnce is how many documents are on their way to a server at once.
const sendersAtOnce = 16

// toServer has a server classify what the paths name, as a batch.
func (p process) toServer(cmd *cobra.Command, paths []string, f classifyFlags, c config.Config) (err error) {
	o := client.BatchOptions{Name: fmt.Sprintf("%.100s", paths[0])}
	for flag, to := range map[string]*string{"taxonomy": &o.Taxonomy, "policy": &o.Policy} {
		if given := cmd.Flags().Lookup(flag); given.Changed {
			*to = given.Value.String()
		}
		if app.IsFile(*to) {
			return usageError{fmt.Errorf("--%s=%s: a server goes by its own: name one that it has", flag, *to)}
		}
	}
	to, err := client.New(client.Options{URL: f.server, Key: apiKey(f.key, c), MaxBytes: c.Document.MaxBytes, UserAgent: "docsift/" + version()})
	if err != nil {
		return err
	}
	out, err := bulk.Open(bulk.Options{
		Path: f.output, Version: version(), Restart: f.restart, RetryFailed: f.retryFailed,
		Settings: bulk.Settings{"server": f.server, "taxonomy": cmp.Or(o.Taxonomy, "the server's"), "policy": cmp.Or(o.Policy, "the server's")},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	sent, err := out.Sent()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sent.Close()) }()
	s := &sender{client: to, options: o, out: out, sent: sent, file: f.output, progress: p.newProgress(f), tally: newTally()}
	if f.cancel {
		err = s.cancel(cmd.Context())
	} else {
		err = s.run(cmd.Context(), paths, cmp.Or(f.jobs, sendersAtOnce))
	}
	s.progress.close()
	if !f.quiet {
		s.summarise(p, err)
	}
	switch {
	case cmd.Context().Err() != nil:
		return exitStatus(fault.Canceled.ExitStatus())
	case err == nil && (out.Totals().Failed > 0 || s.canceled > 0):
		return exitStatus(1)
	}
	return err
}

// sender sends files to a server and fetches their answers into an output.
type sender struct {
	client   *client.Client
	options  client.BatchOptions
	out      *bulk.Output
	sent     *bulk.Sent
	file     string // where the output is
	progress *progress

	mu       sync.Mutex
	batch    *client.Batch // nil: none is under way
	tally    tally
	known    int // files that were answered before
	canceled int

	looking sync.Mutex
	looked  time.Time
}

// run goes on with a batch that is under way, or begins one, until every file has its answer.
func (s *sender) run(ctx context.Context, paths []string, atOnce int) error {
	open, err := s.resume(ctx)
	if err == nil && s.batch != nil && !open {
		err = s.finish(ctx)
	}
	if err == nil {
		s.progress.countAll(ctx, func() int { return countFiles(ctx, paths, s.out) })
		err = s.send(ctx, paths, atOnce)
	}
	if err == nil && s.batch != nil {
		_, err = s.batch.Close(ctx)
	}
	if err == nil && s.batch != nil {
		err = s.finish(ctx)
	}
	return err
}

// resume finds the batch that the output waits for, and reports whether it takes more documents.
func (s *sender) resume(ctx context.Context) (open bool, err error) {
	id := s.out.Batch()
	if id == "" {
		return false, nil
	}
	b := s.client.Batch(id)
	p, err := b.Progress(ctx)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		s.progress.write("docsift: the server does not know the batch " + id + " any more: what has no answer is sent again")
		return false, s.forget()
	case err != nil:
		return false, err
	}
	s.batch = b
	return p.Status == "open", nil
}

// forget ends what the output knows of a batch.
func (s *sender) forget() error {
	s.batch = nil
	return errors.Join(s.out.Sync(), s.sent.Clear(), s.out.SetBatch(""))
}

// cancel takes back what has no answer, and fetches what has one.
func (s *sender) cancel(ctx context.Context) error {
	if _, err := s.resume(ctx); err != nil {
		return err
	}
	if s.batch == nil {
		return fault.New(fault.Invalid, nil, "there is nothing to cancel: %s waits for no batch", s.file)
	}
	if _, err := s.batch.Cancel(ctx); err != nil {
		return err
	}
	return s.finish(ctx)
}

// send sends each file that the server does not have. The first error that is not about a file ends it.
func (s *sender) send(ctx context.Context, paths []string, atOnce int) error {
	work, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan source)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for one := range queue {
				if err := s.one(work, one); err != nil {
					cancel(err)
				}
			}
		})
	}
	for one := range files(paths, s.out) {
		if work.Err() != nil {
			break
		}
		if one.empty {
			s.progress.write("docsift: no documents in " + printable(one.path))
			continue
		}
		queue <- one
	}
	close(queue)
	workers.Wait()
	return context.Cause(work)
}

// one sends a file. What is wrong with the file itself is an answer.
func (s *sender) one(ctx context.Context, one source) error {
	f := fileAt(one.path)
	if s.out.Answered(f) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.known++
		s.progress.skip()
		return nil
	}
	if ctx.Err() != nil || s.sent.Has(f) {
		return nil
	}
	err := one.err
	if err == nil {
		err = s.add(ctx, f)
	}
	if kind := fault.KindOf(err); err != nil && ctx.Err() == nil && (kind.Unreadable() || kind == fault.BadPath) {
		return s.put(bulk.Line{Result: docsift.NewFailure(one.path, err), File: f})
	}
	s.look(ctx)
	return err
}

// add sends a file to the batch.
func (s *sender) add(ctx context.Context, f bulk.File) error {
	info, err := os.Stat(f.Name())
	if err == nil && !info.Mode().IsRegular() {
		return fault.New(fault.BadPath, nil, "not a regular file")
	}
	r, err := os.Open(f.Name())
	if err != nil {
		return fault.New(fault.BadPath, err, "the file cannot be read")
	}
	defer r.Close()
	b, err := s.begun(ctx)
	if err != nil {
		return err
	}
	taken, err := b.Add(ctx, r, client.ClassifyOptions{Filename: f.Path, IdempotencyKey: keyOf(b.ID, f)})
	if err != nil {
		return err
	}
	return s.sent.Add(taken.ID, f)
}

// keyOf names the sending of a file: after a crash it is taken once, even if nobody knows that it was.
func keyOf(batch string, f bulk.File) string {
	h := sha256.New()
	for _, part := range []string{batch, f.Name(), strconv.FormatInt(f.Bytes, 10), f.Modified.Format(time.RFC3339Nano)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return "docsift-" + hex.EncodeToString(h.Sum(nil))[:40]
}

// begun returns the batch, which is begun when it is first needed.
func (s *sender) begun(ctx context.Context) (*client.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.batch != nil {
		return s.batch, nil
	}
	b, err := s.client.NewBatch(ctx, s.options)
	if err != nil {
		return nil, err
	}
	s.batch = b
	return b, s.out.SetBatch(b.ID)
}

// look asks now and then how far the batch has come.
func (s *sender) look(ctx context.Context) {
	if !s.looking.TryLock() {
		return
	}
	defer s.looking.Unlock()
	s.mu.Lock()
	b := s.batch
	s.mu.Unlock()
	if b == nil || time.Since(s.looked) < 2*time.Second {
		return
	}
	s.looked = time.Now()
	if p, err := b.Progress(ctx); err == nil {
		s.show(p)
	}
}

func (s *sender) show(p client.Progress) {
	d := p.Documents
	s.progress.set(d.Completed+d.Failed+d.Canceled, d.Failed, p.Cost)
}

// finish waits for the batch and fetches its answers, in the order in which the files were sent.
func (s *sender) finish(ctx context.Context) error {
	if _, err := s.batch.Wait(ctx, s.show); err != nil {
		return err
	}
	for one, err := range s.batch.Results(ctx) {
		if err != nil {
			return err
		}
		f, ours := s.sent.File(one.ID)
		switch {
		case !ours || !one.Done() || s.out.Answered(f):
		case one.Status == client.Canceled: // it has no answer, and is sent again another time
			s.canceled++
		default:
			if err := s.put(bulk.Line{Result: one.Result, File: f}); err != nil {
				return err
			}
		}
	}
	return s.forget()
}

func (s *sender) put(l bulk.Line) error {
	if err := s.out.Put(l); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally.count(l.Result)
	return nil
}

// summarise ends a run: what came back, what the output holds, and how to go on.
func (s *sender) summarise(p process, err error) {
	all := s.out.Totals()
	before := ""
	if s.known > 0 {
		before = fmt.Sprintf(", %d answered before", s.known)
	}
	fmt.Fprintf(p.log, "%s%s\n", s.tally, before)
	fmt.Fprintf(p.log, "%s holds %d answers (%d failed), which cost %s\n", printable(s.file), all.Done+all.Failed, all.Failed, atLeast(all.Cost))
	switch id := s.out.Batch(); {
	case err != nil && id != "":
		fmt.Fprintf(p.log, "The batch %s goes on at the server. The same command goes on with it; with --cancel it is taken back.\n", id)
	case s.canceled > 0:
		fmt.Fprintf(p.log, "%d were canceled. The same command sends them again.\n", s.canceled)
	case all.Failed > 0:
		fmt.Fprintln(p.log, "The same command with --retry-failed sends those again that failed.")
	}
}
