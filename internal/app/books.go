package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/postgres"
	"github.com/docsift/docsift/internal/store/sqlite"
)

// OpenStore opens the database of the settings: DATABASE_URL, else a file in the folder of data.
func OpenStore(ctx context.Context, c config.Config, log *slog.Logger) (*store.Store, error) {
	if c.Database != "" {
		return postgres.Open(ctx, c.Database, log)
	}
	if c.Data == "" {
		return nil, fault.New(fault.Config, nil, "there is no folder for a database: set DOCSIFT_DATA or DATABASE_URL")
	}
	return sqlite.Open(ctx, storeFile(c), log)
}

// FindStore opens the database if there is one, and says where it is. Without one it returns nil.
func FindStore(ctx context.Context, c config.Config, log *slog.Logger) (_ *store.Store, where string, err error) {
	switch _, err := os.Stat(storeFile(c)); {
	case c.Database != "":
		where = "PostgreSQL"
		if u, err := url.Parse(c.Database); err == nil {
			where += " on " + u.Hostname()
		}
	case errors.Is(err, fs.ErrNotExist), c.Data == "":
		return nil, "", nil
	default:
		where = storeFile(c)
	}
	s, err := OpenStore(ctx, c, log)
	return s, where, err
}

func storeFile(c config.Config) string { return filepath.Join(c.Data, "docsift.db") }

// OpenBooks returns the account that a server keeps in its store. What commands have written into
// the ledger's folder this month counts too.
func OpenBooks(ctx context.Context, s *store.Store, c config.Config, log *slog.Logger) (*store.Ledger, error) {
	dir := ""
	if c.Data != "" {
		dir = filepath.Join(c.Data, "ledger")
	}
	return s.Ledger(ctx, store.LedgerOptions{Dir: dir, Import: c.Money.Ledger, Budget: c.Money.Budget, Log: log})
}
