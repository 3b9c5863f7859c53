// Package job does what the queue holds: it leases jobs, keeps their leases while they run, and
// gives back what it cannot do now.
package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// Queue is where jobs come from: a store.
type Queue interface {
	Take(ctx context.Context, kind, worker string, n int, lease time.Duration) ([]store.Job, error)
	Extend(ctx context.Context, worker string, lease time.Duration) (held map[string]int, err error)
	Return(ctx context.Context, j store.Job, after time.Duration) error
}

// Kind is how jobs of one kind are done.
type Kind struct {
	// Run does a job and finishes it in the store. Its error gives the job back, to be done again
	// after a while: see Later. One that is fenced belongs to another worker by now.
	Run func(ctx context.Context, j store.Job) error

	AtOnce int // how many run at once here
}

// Options configures a Worker.
type Options struct {
	Queue Queue           // required
	Kinds map[string]Kind // required
	Log   *slog.Logger    // required

	// Lease is for how long a job belongs to a worker that says nothing. Default 30s.
	Lease time.Duration

	// Idle is how long to wait before the queue is asked again when it had nothing. Default 250ms.
	Idle time.Duration

	// Grace is how long jobs under way may take to end when the worker ends. Default 25s.
	Grace time.Duration
}

// MostKills is how many workers a job may kill. The guilty one is found by then, as suspects run one
// at a time; an innocent one was under way that often when somebody else killed its worker only
// where workers are killed all the time.
const MostKills = 5

// suspect is how many kills make a job one that may be to blame for them.
const suspect = 2

// Worker does jobs. It is one process's.
type Worker struct {
	opts Options
	name string
	wake map[string]chan struct{}

	alone sync.Mutex // held by the suspect that runs

	mu      sync.Mutex
	running map[string]running // by kind and id
}

// running is a job under way.
type running struct {
	attempt int
	lost    context.CancelCauseFunc
}

// New returns a worker. It does nothing before Run.
func New(o Options) *Worker {
	o.Lease, o.Idle, o.Grace = cmp.Or(o.Lease, 30*time.Second), cmp.Or(o.Idle, 250*time.Millisecond), cmp.Or(o.Grace, 25*time.Second)
	host, _ := os.Hostname() // only for people who look at the table
	w := &Worker{opts: o, name: host + " " + uuid.NewString(), wake: make(map[string]chan struct{}), running: make(map[string]running)}
	for kind := range o.Kinds {
		w.wake[kind] = make(chan struct{}, 1)
	}
	return w
}

// Wake says that there is a job of a kind, so that nobody waits for the next look.
func (w *Worker) Wake(kind string) {
	select {
	case w.wake[kind] <- struct{}{}:
	default:
	}
}

// Running returns how many jobs are under way.
func (w *Worker) Running() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.running)
}

// Run does jobs until ctx ends. Then it takes no more, lets those under way end for as long as
// Grace, and gives back the rest, so that others begin them at once.
func (w *Worker) Run(ctx context.Context) {
	work, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	var fetchers, jobs, beat sync.WaitGroup
	for name, kind := range w.opts.Kinds {
		fetchers.Go(func() { w.fetch(ctx, work, name, kind, &jobs) })
	}
	end := make(chan struct{})
	beat.Go(func() { w.heartbeat(work, end) })
	fetchers.Wait()
	late := time.AfterFunc(w.opts.Grace, func() { stop(fault.New(fault.Stopping, nil, "the worker ends")) })
	jobs.Wait()
	late.Stop()
	close(end)
	beat.Wait()
	stop(nil)
}

// fetch takes jobs of a kind, as many as there is room for, until ctx ends.
func (w *Worker) fetch(ctx, work context.Context, name string, kind Kind, jobs *sync.WaitGroup) {
	room := make(chan struct{}, kind.AtOnce)
	failing := false
	for ctx.Err() == nil {
		room <- struct{}{} // one that is free
		free := 1
		for free < kind.AtOnce && len(room) < kind.AtOnce {
			room <- struct{}{}
			free++
		}
		taken, err := w.opts.Queue.Take(ctx, name, w.name, free, w.opts.Lease)
		if err != nil && ctx.Err() == nil && !failing {
			w.opts.Log.Error("the queue cannot be read: nothing is begun until it can", "kind", name, "error", err)
		} else if err == nil && failing {
			w.opts.Log.Info("the queue can be read again", "kind", name)
		}
		failing = err != nil
		for _, j := range taken {
			jobs.Go(func() {
				defer func() { <-room }()
				w.do(work, kind, j)
			})
		}
		for range free - len(taken) {
			<-room
		}
		if len(taken) == 0 {
			w.rest(ctx, name, failing)
		}
	}
}

// rest waits until there may be a job.
func (w *Worker) rest(ctx context.Context, kind string, failing bool) {
	wait := w.opts.Idle/2 + rand.N(w.opts.Idle) // workers do not ask in step
	if failing {
		wait *= 4
	}
	select {
	case <-ctx.Done():
	case <-w.wake[kind]:
	case <-time.After(wait):
	}
}

// do does one job.
func (w *Worker) do(work context.Context, kind Kind, j store.Job) {
	ctx, lost := context.WithCancelCause(work)
	defer lost(nil)
	key := j.Kind + " " + j.ID
	w.mu.Lock()
	w.running[key] = running{j.Attempt, lost}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.running, key)
		w.mu.Unlock()
	}()
	err := w.run(ctx, kind, j)
	p, panicked := errors.AsType[*panicError](err)
	switch {
	case err == nil, fault.KindOf(err) == store.Fenced:
		return
	case panicked: // as bad as a kill
		j.Kills++
		w.opts.Log.Error("panic in a job", "kind", j.Kind, "id", j.ID, "panic", p.value, "stack", string(p.stack))
	}
	after := delay(j, err)
	if context.Cause(work) != nil {
		after = 0
	}
	w.opts.Log.Debug("a job is given back", "kind", j.Kind, "id", j.ID, "after", after, "error", err)
	w.giveBack(work, j, after)
}

// giveBack gives a job back, and waits for a queue that does not answer while the worker lives: a lease
// that runs out counts as a kill.
func (w *Worker) giveBack(work context.Context, j store.Job, after time.Duration) {
	for try := 1; ; try++ {
		back, cancel := context.WithTimeout(context.WithoutCancel(work), 2*time.Second)
		err := w.opts.Queue.Return(back, j, after)
		cancel()
		if err == nil || fault.KindOf(err) == store.Fenced {
			return
		}
		if fault.KindOf(err) == fault.Storage && work.Err() == nil {
			select {
			case <-work.Done():
			case <-time.After(Backoff(try, 100*time.Millisecond, 2*time.Second)):
			}
			continue
		}
		w.opts.Log.Debug("a job cannot be given back: its lease will run out", "kind", j.Kind, "id", j.ID, "error", err)
		return
	}
}

// run does a job. Of those that may have killed their workers it does one at a time, and gives back
// the others, so that they do not die with the one that did.
func (w *Worker) run(ctx context.Context, kind Kind, j store.Job) error {
	if j.Kills >= suspect && j.Kills < MostKills {
		if !w.alone.TryLock() {
			return Later(time.Second, errors.New("another one that may have killed its worker runs"))
		}
		defer w.alone.Unlock()
	}
	return guarded(kind.Run, ctx, j)
}

// panicError is a panic of a job.
type panicError struct {
	value any
	stack []byte
}

// Error says what the panic was about.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func guarded(run func(context.Context, store.Job) error, ctx context.Context, j store.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return run(ctx, j)
}

// later is the kind of errors of Later.
const later fault.Kind = "job_later"

// Later is an error with which a job is done again after a time, because of err.
func Later(after time.Duration, err error) error {
	e := fault.New(later, err, "again in %v", after)
	e.RetryAfter = after
	return e
}

// delay is when a job that failed is done again: soon at first, then every few minutes.
func delay(j store.Job, err error) time.Duration {
	switch kind := fault.KindOf(err); {
	case kind == later:
		return fault.RetryAfter(err)
	case errors.As(err, new(*panicError)):
		return Backoff(j.Attempt, 100*time.Millisecond, 10*time.Second)
	case kind == fault.Storage || kind == fault.StorageFull: // which is not the job's doing
		return Backoff(j.Attempt, time.Second, 10*time.Second)
	}
	return Backoff(j.Attempt, time.Second, 5*time.Minute)
}

// Backoff doubles first with each attempt, up to most, give or take a quarter.
func Backoff(attempt int, first, most time.Duration) time.Duration {
	d := most
	if shift := max(0, attempt-1); shift < 20 {
		d = min(most, first<<shift)
	}
	return d*3/4 + rand.N(d/2+1)
}

// heartbeat keeps the leases of what runs, stops what another worker has by now, and gives back what
// this one was given without hearing of it.
func (w *Worker) heartbeat(ctx context.Context, end <-chan struct{}) {
	tick := time.NewTicker(w.opts.Lease / 3)
	defer tick.Stop()
	var strays map[string]int
	for {
		select {
		case <-end:
			return
		case <-tick.C:
		}
		before := w.snapshot()
		held, err := w.opts.Queue.Extend(context.WithoutCancel(ctx), w.name, w.opts.Lease)
		if err != nil {
			w.opts.Log.Debug("leases cannot be kept", "error", err)
			continue
		}
		for key, r := range before {
			if attempt, ok := held[key]; !ok || attempt != r.attempt {
				r.lost(fault.New(store.Fenced, nil, "another worker has it by now"))
			}
		}
		strays = w.returnStrays(ctx, held, strays)
	}
}

// returnStrays gives back jobs that are this worker's and do not run: the answer in which they were
// given to it was lost. It returns those that it saw for the first time, which may be about to run.
func (w *Worker) returnStrays(ctx context.Context, held, seen map[string]int) map[string]int {
	now, next := w.snapshot(), make(map[string]int)
	for key, attempt := range held {
		if now[key].attempt == attempt {
			continue
		}
		if seen[key] != attempt {
			next[key] = attempt
			continue
		}
		kind, id, _ := strings.Cut(key, " ")
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		if err := w.opts.Queue.Return(back, store.Job{Kind: kind, ID: id, Attempt: attempt}, 0); err != nil {
			next[key] = attempt
		}
		cancel()
	}
	return next
}

func (w *Worker) snapshot() map[string]running {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make(map[string]running, len(w.running))
	for key, r := range w.running {
		all[key] = r
	}
	return all
}
