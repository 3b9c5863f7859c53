package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/store"
)

// OpenCache returns the cache of a classifier, or nil where there is to be none. The store may be
// nil. What another version has answered does not count.
func OpenCache(c config.Config, classifier *docsift.Classifier, s *store.Store, version string, log *slog.Logger) (*cache.Cache, error) {
	if c.Keeping.Cache <= 0 {
		return nil, nil
	}
	read := c.Reading
	o := cache.Options{
		Classifier: classifier, Log: log, TTL: c.Keeping.Cache, Redis: c.Redis,
		Salt: fmt.Sprintf("%s %d %d %s %s", version, read.Pages, read.Text, read.OCR, read.Languages),
	}
	if s != nil {
		o.Store = s
	}
	return cache.New(o)
}

// sweep lets go of what has had its time, now and then, until end is called.
func sweep(s *store.Store, log *slog.Logger) (end func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Minute):
			}
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				log.Warn("old answers are not swept away", "error", err)
			}
		}
	}()
	return func() error {
		cancel()
		<-done
		return nil
	}
}
