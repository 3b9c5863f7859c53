package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift/fault"
)

// late is a database that did not answer when the store was opened.
type late struct {
	absent  atomic.Bool
	stop    context.CancelFunc // nil for one that did
	waiting sync.WaitGroup
}

// err is why nothing can be read or written yet.
func (l *late) err() error {
	if !l.absent.Load() {
		return nil
	}
	e := fault.New(fault.Storage, nil, "the database does not answer")
	e.RetryAfter = time.Second
	return e
}

func (l *late) end() {
	if l.stop != nil {
		l.stop()
	}
	l.waiting.Wait()
}

// await has the store wait for its database, which it is used from the moment that its tables are
// up to date.
func (s *Store) await(why error) {
	s.log.Warn("the database does not answer: it is waited for", "error", why)
	ctx, stop := context.WithCancel(context.Background())
	s.late.stop = stop
	s.late.absent.Store(true)
	s.late.waiting.Go(func() {
		said := fault.KindOf(why)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
			err := s.migrate(ctx)
			if err == nil {
				break
			}
			if kind := fault.KindOf(err); kind != said && ctx.Err() == nil { // it answers, and cannot be used
				s.log.Error("the database cannot be used", "error", err)
				said = kind
			}
		}
		s.late.absent.Store(false)
		s.log.Info("the database is there")
		if err := s.sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.log.Warn("upkeep", "of", "what nobody will come back to", "error", err)
		}
	})
}
