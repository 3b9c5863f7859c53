package job

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/store"
)

// Kinds of what can become of an accepted document beside a result.
const (
	Poison  fault.Kind = "poison_document"   // it killed its worker each time
	Overdue fault.Kind = "deadline_exceeded" // its deadline had passed before it could be answered
)

// Documents is how documents are classified.
type Documents struct {
	Store *store.Store // required
	Log   *slog.Logger // required

	// Classify answers. Required.
	Classify func(ctx context.Context, d *document.Document, r store.Record) (docsift.Result, error)

	// Fetch returns the bytes of a tenant's document. Required.
	Fetch func(ctx context.Context, tenant, sha256 string) ([]byte, error)

	// Done is told what is finished and kept, so that bytes that nobody wants are let go. Optional.
	Done func(context.Context, store.Record)

	Document document.Options

	Degrade  config.Degrade // default config.Wait
	Patience time.Duration  // default 1h; a document's own deadline ends it sooner

	// Kills is how many workers a document may kill before it is set aside. Default MostKills.
	Kills int
}

// Run classifies the document of a job.
func (c Documents) Run(ctx context.Context, j store.Job) error {
	r, err := c.Store.Find(ctx, j.Tenant, j.ID)
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && r.Result != nil: // forgotten, or done
		return c.Store.Drop(ctx, j)
	case err != nil:
		return err
	}
	r.Started = time.Now().UTC()
	a, err := c.answer(ctx, j, r)
	if err != nil {
		return err
	}
	if ctx.Err() != nil { // what was cut off is no answer
		return context.Cause(ctx)
	}
	r.Finished, r.Result = time.Now().UTC(), &a
	r.State = store.Completed
	if a.Status == docsift.Failed {
		r.State = store.Failed
	}
	if err := c.finish(ctx, j, r); err != nil {
		return err
	}
	if c.Done != nil {
		c.Done(ctx, r)
	}
	return nil
}

// finish keeps a result. It may have cost money, so that a store that does not answer is waited for.
func (c Documents) finish(ctx context.Context, j store.Job, r store.Record) error {
	for try := 1; ; try++ {
		err := c.Store.Finish(ctx, j, r)
		if kind := fault.KindOf(err); kind != fault.Storage && kind != fault.StorageFull {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(Backoff(try, 100*time.Millisecond, 2*time.Second)):
		}
	}
}

// answer returns what becomes of a document. Its error means that nothing does yet.
func (c Documents) answer(ctx context.Context, j store.Job, r store.Record) (docsift.Result, error) {
	failed := func(kind fault.Kind, format string, args ...any) (docsift.Result, error) {
		return r.Failure(kind, format, args...), nil
	}
	if j.Kills >= cmp.Or(c.Kills, MostKills) {
		c.Log.Error("a document is set aside: it killed its workers", "id", j.ID, "sha256", r.Document.SHA256, "kills", j.Kills)
		return failed(Poison, "it killed its worker %d times and is set aside", j.Kills)
	}
	late := !j.Deadline.IsZero() && time.Now().After(j.Deadline)
	if late {
		return failed(Overdue, "it was to be answered by %s", j.Deadline.Format(time.RFC3339))
	}
	data, err := c.Fetch(ctx, r.Tenant, r.Document.SHA256)
	if fault.KindOf(err) == fault.NotFound {
		return failed(fault.NotFound, "its bytes are not there any more")
	}
	if err != nil {
		return docsift.Result{}, Later(Backoff(j.Attempt, time.Second, time.Minute), err)
	}
	d, err := document.Read(bytes.NewReader(data), r.Document.Filename, c.Document)
	if err != nil {
		return failed(fault.KindOf(err), "%s", fault.Message(err))
	}
	r.Request.ID = r.ID
	a, err := c.Classify(ctx, d, r)
	if again := c.again(j, a, err); again != nil {
		return a, again
	}
	return a, nil
}

// again returns an error when a document should be asked about later, because of something that
// has nothing to do with it.
func (c Documents) again(j store.Job, a docsift.Result, err error) error {
	switch fault.KindOf(err) {
	case fault.Canceled, fault.Stopping, fault.Storage, fault.StorageFull, fault.Unrecorded, fault.Config:
		return Later(Backoff(j.Attempt, time.Second, time.Minute), err)
	}
	waited := time.Since(j.Created) > cmp.Or(c.Patience, time.Hour)
	if c.Degrade == config.Answer || waited || !(a.Degraded || fault.KindOf(err) == fault.NoModel) || spent(a.Attempts) {
		return nil
	}
	wait := Backoff(j.Attempt, 2*time.Second, time.Minute)
	if !j.Deadline.IsZero() && time.Until(j.Deadline) < wait+5*time.Second {
		return nil // better this answer than none
	}
	return Later(wait, fault.New(fault.NoModel, err, "the models that should answer are out of reach"))
}

// spent reports whether a budget is why no better model answered: waiting would not help soon.
func spent(all []cascade.Attempt) bool {
	return slices.ContainsFunc(all, func(a cascade.Attempt) bool { return a.Error != nil && a.Error.Code == fault.Budget })
}
