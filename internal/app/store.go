package app

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/postgres"
	"github.com/docsift/docsift/internal/store/sqlite"
)

// OpenStore opens the database that the settings name, or the file in the folder of data.
func OpenStore(ctx context.Context, c config.Config, log *slog.Logger) (*store.Store, error) {
	if c.Database != "" {
		return postgres.Open(ctx, c.Database, log)
	}
	if c.Data == "" {
		return nil, fault.New(fault.Config, nil, "there is no home folder to keep anything in: set DOCSIFT_DATA to a folder")
	}
	return sqlite.Open(ctx, filepath.Join(c.Data, "docsift.db"), log)
}
