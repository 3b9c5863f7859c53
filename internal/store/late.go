package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift/fault"
)

// late is a database that does not answer: not yet, or not any more.
type late struct {
	opened atomic.Bool // its tables were up to date once
	absent atomic.Bool

	mu      sync.Mutex
	stop    context.CancelFunc // nil: nobody waits
	ended   bool
	waiting sync.WaitGroup
}

// err is why nothing is read or written now.
func (l *late) err() error {
	if !l.absent.Load() {
		return nil
	}
	e := fault.New(fault.Storage, nil, "the database does not answer")
	e.RetryAfter = time.Second
	return e
}

// wait has somebody wait for the database, unless somebody does.
func (l *late) wait(f func(context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || l.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.waiting.Go(func() {
		f(ctx)
		stop()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.stop = nil
	})
}

func (l *late) end() {
	l.mu.Lock()
	l.ended = true
	if l.stop != nil {
		l.stop()
	}
	l.mu.Unlock()
	l.waiting.Wait()
}

// await has the store wait for a database that could not be opened. It is used from the moment that
// its tables are up to date.
func (s *Store) await(why error) {
	s.log.Warn("the database does not answer: it is waited for", "error", why)
	s.late.absent.Store(true)
	s.late.wait(func(ctx context.Context) {
		for said := fault.KindOf(why); pause(ctx, time.Second); {
			err := s.migrate(ctx)
			if err == nil {
				break
			}
			if kind := fault.KindOf(err); kind != said && ctx.Err() == nil { // it answers, and cannot be used
				s.log.Error("the database cannot be used", "error", err)
				said = kind
			}
		}
		if ctx.Err() != nil {
			return
		}
		s.late.opened.Store(true)
		s.late.absent.Store(false)
		s.log.Info("the database is there")
		if err := s.sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.log.Warn("upkeep", "of", "what nobody will come back to", "error", err)
		}
	})
}

// doubt looks, after a call that took too long, whether a remote database answers at all. While it
// does not, nobody else waits for it: calls would pile up, and so would the connections that they give up.
func (s *Store) doubt(err error) {
	if !s.d.Remote || !s.late.opened.Load() || !errors.Is(err, context.DeadlineExceeded) {
		return
	}
	s.late.wait(func(ctx context.Context) {
		if s.answers(ctx, s.Patience/4) || ctx.Err() != nil {
			return
		}
		s.late.absent.Store(true)
		defer s.late.absent.Store(false)
		for pause(ctx, 200*time.Millisecond) && !s.answers(ctx, s.Patience) {
		}
	})
}

func (s *Store) answers(ctx context.Context, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.db.PingContext(ctx) == nil
}

// pause waits, and reports whether that was not for nothing.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
