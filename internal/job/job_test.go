package job_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/job"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
	"github.com/docsift/docsift/internal/store/storetest"
)

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "docsift.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.Patience = time.Minute // the machine may be busy
	t.Cleanup(func() { s.Close() })
	return s
}

// begin runs a worker for jobs that classify. stop ends it and waits.
func begin(t *testing.T, q job.Queue, o job.Options, run func(context.Context, store.Job) error) (stop func()) {
	t.Helper()
	o.Queue, o.Kinds, o.Idle = q, map[string]job.Kind{store.Classify: {Run: run, AtOnce: 4}}, 5*time.Millisecond
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w := job.New(o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	t.Cleanup(stop)
	return stop
}

func submit(t *testing.T, s *store.Store, n int) []store.Record {
	t.Helper()
	var all []store.Record
	for range n {
		all = append(all, storetest.Record("a"))
	}
	if err := s.Submit(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	return all
}

// finished waits until a record has a result, and returns it.
func finished(t *testing.T, s *store.Store, id string) store.Record {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		r, err := s.Find(t.Context(), "a", id)
		if err == nil && r.Result != nil {
			return r
		}
		if time.Now().After(end) {
			t.Fatalf("no result: %+v, %v", r, err)
		}
	}
}

// documents classifies what it is given by answer.
func documents(s *store.Store, answer func(ctx context.Context, d *document.Document) (docsift.Result, error)) job.Documents {
	return job.Documents{
		Store: s, Log: slog.New(slog.DiscardHandler),
		Fetch: func(context.Context, string, string) ([]byte, error) { return []byte("Invoice no. 7"), nil },
		Classify: func(ctx context.Context, d *document.Document, r store.Record) (docsift.Result, error) {
			res, err := answer(ctx, d)
			res.ID = r.Request.ID
			return res, err
		},
	}
}

func invoice() docsift.Result {
	var res docsift.Result
	res.Status, res.Classification = docsift.Completed, "invoice"
	return res
}

func TestClassifies(t *testing.T) {
	s := open(t)
	c := documents(s, func(_ context.Context, d *document.Document) (docsift.Result, error) {
		if string(d.Bytes) != "Invoice no. 7" || d.Type != document.Text {
			t.Errorf("document %q of type %s", d.Bytes, d.Type)
		}
		return invoice(), nil
	})
	done := make(chan string, 20)
	c.Done = func(_ context.Context, r store.Record) { done <- r.ID }
	all := submit(t, s, 20)
	begin(t, s, job.Options{}, c.Run)
	for _, r := range all {
		got := finished(t, s, r.ID)
		if got.State != store.Completed || got.Result.ID != r.ID || got.Result.Classification != "invoice" || got.Started.IsZero() || got.Finished.Before(got.Started) {
			t.Errorf("found %+v", got)
		}
	}
	for range all {
		<-done
	}
}

func TestWhatBecomesOfADocument(t *testing.T) {
	outage := fault.New(fault.NoModel, nil, "all are down")
	degraded := invoice()
	degraded.Degraded = true
	overBudget := degraded
	overBudget.Attempts = []cascade.Attempt{{Error: &cascade.Problem{Code: fault.Budget}}}
	unreadable := docsift.NewFailure("x", fault.New(fault.Corrupt, nil, "broken"))
	tests := []struct {
		name     string
		change   func(*job.Documents, *store.Record)
		answers  []docsift.Result // in turn, then an invoice
		errs     []error
		asked    int
		state    store.State
		wantCode fault.Kind
		degraded bool
	}{
		{"it is answered", nil, nil, nil, 1, store.Completed, "", false},
		{"it cannot be read", nil, []docsift.Result{unreadable}, []error{fault.New(fault.Corrupt, nil, "broken")}, 1, store.Failed, fault.Corrupt, false},
		{"all models are down for a while", nil, []docsift.Result{{}, {}}, []error{outage, outage}, 3, store.Completed, "", false},
		{"those that should answer are", nil, []docsift.Result{degraded}, []error{nil}, 2, store.Completed, "", false},
		{"no budget is left: waiting does not help", nil, []docsift.Result{overBudget}, []error{nil}, 1, store.Completed, "", true},
		{"an answer now is wanted more than a good one", func(c *job.Documents, _ *store.Record) { c.Degrade = config.Answer }, []docsift.Result{degraded}, []error{nil}, 1, store.Completed, "", true},
		{"patience ends", func(c *job.Documents, _ *store.Record) { c.Patience = time.Nanosecond }, []docsift.Result{degraded}, []error{nil}, 1, store.Completed, "", true},
		{"its deadline comes", func(_ *job.Documents, r *store.Record) { r.Request.Deadline = time.Now().Add(4 * time.Second) }, []docsift.Result{degraded}, []error{nil}, 1, store.Completed, "", true},
		{"its deadline has passed", func(_ *job.Documents, r *store.Record) { r.Request.Deadline = time.Now().Add(-time.Second) }, nil, nil, 0, store.Failed, job.Overdue, false},
		{"the ledger does not answer for a while", nil, []docsift.Result{{}}, []error{fault.New(fault.Unrecorded, nil, "x")}, 2, store.Completed, "", false},
		{"its bytes are gone", func(c *job.Documents, _ *store.Record) {
			c.Fetch = func(context.Context, string, string) ([]byte, error) {
				return nil, fault.New(fault.NotFound, nil, "gone")
			}
		}, nil, nil, 0, store.Failed, fault.NotFound, false},
		{"its bytes cannot be had for a while", func(c *job.Documents, _ *store.Record) {
			n := 0
			c.Fetch = func(context.Context, string, string) ([]byte, error) {
				if n++; n == 1 {
					return nil, fault.New(fault.Storage, nil, "down")
				}
				return []byte("x"), nil
			}
		}, nil, nil, 1, store.Completed, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, asked := open(t), 0
			c := documents(s, func(context.Context, *document.Document) (docsift.Result, error) {
				if asked++; asked <= len(tt.answers) {
					return tt.answers[asked-1], tt.errs[asked-1]
				}
				return invoice(), nil
			})
			r := storetest.Record("a")
			if tt.change != nil {
				tt.change(&c, &r)
			}
			if err := s.Submit(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			stop := begin(t, s, job.Options{}, c.Run)
			got := finished(t, s, r.ID)
			stop()
			code := fault.Kind("")
			if got.Result.Error != nil {
				code = got.Result.Error.Code
			}
			if got.State != tt.state || code != tt.wantCode || asked != tt.asked || got.Result.Degraded != tt.degraded {
				t.Errorf("%s, code %q, degraded %v, asked %d times; want %s, %q, %v, %d", got.State, code, got.Result.Degraded, asked, tt.state, tt.wantCode, tt.degraded, tt.asked)
			}
		})
	}
}

// A document that kills its worker is done again by another, and set aside in the end.
func TestPoison(t *testing.T) {
	s := open(t)
	var log bytes.Buffer
	asked := 0
	c := documents(s, func(context.Context, *document.Document) (docsift.Result, error) {
		asked++
		panic("out of memory")
	})
	r := submit(t, s, 1)[0]
	stop := begin(t, s, job.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, c.Run)
	got := finished(t, s, r.ID)
	stop()
	if got.State != store.Failed || got.Result.Error.Code != job.Poison || asked != job.MostKills {
		t.Errorf("after %d times it is %+v", asked, got)
	}
	if n := bytes.Count(log.Bytes(), []byte(`msg="panic in a job"`)); n != job.MostKills {
		t.Errorf("%d panics in the log", n)
	}
}

// Who has lost a lease is told, and what it found out is not kept.
func TestLostLease(t *testing.T) {
	s := open(t)
	r := submit(t, s, 1)[0]
	told, begun := make(chan error, 1), make(chan struct{})
	begin(t, s, job.Options{Lease: 150 * time.Millisecond}, func(ctx context.Context, j store.Job) error {
		if j.Attempt > 1 {
			return s.Finish(ctx, j, r)
		}
		close(begun)
		<-ctx.Done()
		told <- context.Cause(ctx)
		return s.Finish(context.WithoutCancel(ctx), j, r)
	})
	<-begun
	if n, err := s.Cancel(t.Context(), "a", store.Filter{ID: r.ID}); err != nil || n != 1 {
		t.Fatalf("%d canceled, %v", n, err)
	}
	if err := <-told; fault.KindOf(err) != store.Fenced {
		t.Errorf("told %v", err)
	}
	if got := finished(t, s, r.ID); got.State != store.Canceled {
		t.Errorf("it is %s", got.State)
	}
}

// Of jobs that were there when workers died, one runs at a time, so that the others do not die with it.
func TestSuspects(t *testing.T) {
	s := open(t)
	all := submit(t, s, 3)
	for range 3 { // the third finds two kills
		if jobs, err := s.Take(t.Context(), store.Classify, "dead", 3, 0); err != nil || len(jobs) != 3 {
			t.Fatalf("%d jobs, %v", len(jobs), err)
		}
	}
	var at, most atomic.Int64
	begin(t, s, job.Options{}, func(ctx context.Context, j store.Job) error {
		most.Store(max(most.Load(), at.Add(1)))
		defer at.Add(-1)
		time.Sleep(50 * time.Millisecond) // for others to come
		r := all[slices.IndexFunc(all, func(r store.Record) bool { return r.ID == j.ID })]
		r.State, r.Result = store.Completed, storetest.Answer(r)
		return s.Finish(ctx, j, r)
	})
	for _, r := range all {
		finished(t, s, r.ID)
	}
	if n := most.Load(); n != 1 {
		t.Errorf("%d ran at once", n)
	}
}

// What a worker was given without hearing of it is given back, and does not count as a kill.
func TestStrays(t *testing.T) {
	s := open(t)
	r := submit(t, s, 1)[0]
	q := &deaf{Queue: s}
	var kills atomic.Int64
	begin(t, q, job.Options{Lease: 3 * time.Second}, func(ctx context.Context, j store.Job) error {
		kills.Store(int64(j.Kills))
		r.State, r.Result = store.Completed, storetest.Answer(r)
		return s.Finish(ctx, j, r)
	})
	if finished(t, s, r.ID); kills.Load() != 0 {
		t.Errorf("%d kills", kills.Load())
	}
}

// deaf is a queue whose first answer with jobs is lost.
type deaf struct {
	job.Queue
	once atomic.Bool
}

func (q *deaf) Take(ctx context.Context, kind, worker string, n int, lease time.Duration) ([]store.Job, error) {
	jobs, err := q.Queue.Take(ctx, kind, worker, n, lease)
	if len(jobs) > 0 && q.once.CompareAndSwap(false, true) {
		return nil, errors.New("connection reset")
	}
	return jobs, err
}

// A lease is kept for as long as a job takes.
func TestKeepsLeases(t *testing.T) {
	s := open(t)
	r := submit(t, s, 1)[0]
	var mu sync.Mutex
	var attempts []int
	run := func(ctx context.Context, j store.Job) error {
		mu.Lock()
		attempts = append(attempts, j.Attempt)
		mu.Unlock()
		select {
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		r.State, r.Result = store.Completed, storetest.Answer(r)
		return s.Finish(ctx, j, r)
	}
	begin(t, s, job.Options{Lease: 2 * time.Second}, run)
	begin(t, s, job.Options{Lease: 2 * time.Second}, run)
	finished(t, s, r.ID)
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(attempts, []int{1}) {
		t.Errorf("attempts %v, want one", attempts)
	}
}

// When a worker ends, what is under way may end, and the rest is given back at once.
func TestEnds(t *testing.T) {
	s := open(t)
	all := submit(t, s, 2)
	begun := make(chan string, 2)
	quick := make(chan struct{})
	stop := begin(t, s, job.Options{Grace: 50 * time.Millisecond}, func(ctx context.Context, j store.Job) error {
		begun <- j.ID
		if j.ID == all[0].ID {
			<-quick
			r := all[0]
			r.State, r.Result = store.Completed, storetest.Answer(r)
			return s.Finish(ctx, j, r)
		}
		<-ctx.Done()
		return context.Cause(ctx)
	})
	<-begun
	<-begun
	time.AfterFunc(10*time.Millisecond, func() { close(quick) })
	stop()
	if got := finished(t, s, all[0].ID); got.State != store.Completed {
		t.Errorf("the quick one is %s", got.State)
	}
	if jobs, err := s.Take(t.Context(), store.Classify, "another", 2, time.Minute); err != nil || len(jobs) != 1 || jobs[0].Kills != 0 {
		t.Errorf("another takes %+v, %v", jobs, err)
	}
}

// A queue that cannot be read is told of once.
func TestBrokenQueue(t *testing.T) {
	s := open(t)
	var log bytes.Buffer
	q := &broken{Queue: s, fail: 5, asked: make(chan struct{}, 100)}
	stop := begin(t, q, job.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, nil)
	for range 7 {
		<-q.asked
	}
	stop()
	if n, m := bytes.Count(log.Bytes(), []byte("level=ERROR")), bytes.Count(log.Bytes(), []byte("can be read again")); n != 1 || m != 1 {
		t.Errorf("log %s", &log)
	}
}

type broken struct {
	job.Queue
	fail  int
	asked chan struct{}
}

// Take fails a few times.
func (b *broken) Take(ctx context.Context, kind, worker string, n int, lease time.Duration) ([]store.Job, error) {
	b.asked <- struct{}{}
	if b.fail--; b.fail >= 0 {
		return nil, errors.New("no connection")
	}
	return b.Queue.Take(ctx, kind, worker, n, lease)
}

func TestBackoff(t *testing.T) {
	for attempt, want := range map[int]time.Duration{0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: time.Minute, 1000: time.Minute} {
		if d := job.Backoff(attempt, time.Second, time.Minute); d < want*3/4 || d > want*5/4 {
			t.Errorf("attempt %d waits %v, want about %v", attempt, d, want)
		}
	}
}
