package app

import (
	"fmt"
	"log/slog"

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
