package app

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
)

// Work does what servers accept, in a process of its own, until ctx ends. Jobs under way then have
// the time of drain to end, 30s where it is 0, and are given back after it.
func Work(ctx context.Context, c config.Config, log *slog.Logger, version string, drain time.Duration) error {
	s, err := openService(c, log, version)
	if err != nil {
		return err
	}
	defer s.Close()
	switch {
	case s.store == nil:
		return fault.New(fault.Config, nil, "there is no place where work waits: set DATABASE_URL, or DOCSIFT_DATA to the server's folder")
	case c.Work.Documents == 0:
		return fault.New(fault.Config, nil, "DOCSIFT_WORKERS=0: a worker that does nothing")
	}
	if err := s.tell(); err != nil {
		return err
	}
	log.Info("working", "documents", c.Work.Documents, "database", s.store.Engine())
	w := s.worker(c.Work.Documents, cmp.Or(drain, 30*time.Second)*5/6)
	var all sync.WaitGroup
	all.Go(func() { s.upkeep(ctx) })
	all.Go(func() { w.Run(ctx) })
	<-ctx.Done()
	log.Info("draining", "jobs", w.Running())
	all.Wait()
	return nil
}
