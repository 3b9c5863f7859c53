package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/docsift/docsift/fault"
)

// most is how many writes are committed together.
const most = 256

// writer commits, in one transaction, all that came while the one before was being committed, so
// that a disk that takes milliseconds for a commit does not bound how much can be written. A write
// that fails is undone alone.
type writer struct {
	store *Store
	queue chan *job
	done  chan struct{}

	mu     sync.RWMutex // held for writing only to close the queue
	closed bool
}

// job is a write that waits for its turn.
type job struct {
	ctx  context.Context
	care care
	f    func(*tx) error
	err  error
	done chan error
}

func newWriter(s *Store) *writer {
	w := &writer{store: s, queue: make(chan *job, most), done: make(chan struct{})}
	go w.run()
	return w
}

// do has f run. Once it has begun, what ctx says no longer counts.
func (w *writer) do(ctx context.Context, c care, f func(*tx) error) error {
	j := &job{ctx: ctx, care: c, f: f, done: make(chan error, 1)}
	if err := w.enqueue(ctx, j); err != nil {
		return err
	}
	return <-j.done
}

func (w *writer) enqueue(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return fault.New(fault.Stopping, nil, "the store is closed")
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.done
}

func (w *writer) run() {
	defer close(w.done)
	for first := range w.queue {
		batch := []*job{first}
		for len(batch) < most && len(w.queue) > 0 {
			j, open := <-w.queue
			if !open {
				break
			}
			batch = append(batch, j)
		}
		err := w.commit(batch)
		for _, j := range batch {
			if j.err == nil {
				j.err = err
			}
			j.done <- j.err
		}
	}
}

// commit writes a batch. Its error is that of the whole.
func (w *writer) commit(batch []*job) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*w.store.Patience)
	defer cancel()
	conn, err := w.store.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	how := w.store.d.Lazy
	for _, j := range batch {
		if j.care == faithfully {
			how = w.store.d.Durable
		}
	}
	if _, err := conn.ExecContext(ctx, how); err != nil {
		return err
	}
	t, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() // does nothing after a commit
	for _, j := range batch {
		if err := one(ctx, t, j); err != nil {
			return err
		}
	}
	return t.Commit()
}

// one runs a write and undoes it alone when it fails. Its own error says that the whole is lost.
func one(ctx context.Context, t *sql.Tx, j *job) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil
	}
	if _, err := t.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return err
	}
	end := "RELEASE one"
	if j.err = guarded(j.f, &tx{ctx, t}); j.err != nil {
		end = "ROLLBACK TO one; RELEASE one"
	}
	if _, err := t.ExecContext(ctx, end); err != nil {
		if j.err != nil && strings.Contains(err.Error(), "no such savepoint") { // the database undid all of it
			return j.err
		}
		return errors.Join(j.err, err)
	}
	return nil
}

// guarded turns a panic into an error: others wait for the same commit.
func guarded(f func(*tx) error, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v", p)
		}
	}()
	return f(t)
}
