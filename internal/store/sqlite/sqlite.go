// Package sqlite opens a store that is one file.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

//go:embed migration
var migrations embed.FS

// Open opens a file, which is made where there is none, and its folder too. Several processes of
// one machine may have it open.
func Open(ctx context.Context, path string, log *slog.Logger) (*store.Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.New(fault.Config, err, "the folder of the database %s cannot be made", path)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // SQLite would let others of this machine read it
	if err != nil {
		return nil, fault.New(fault.Config, err, "the database %s cannot be opened", path)
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	query := url.Values{
		"_pragma": {"journal_mode(WAL)", "busy_timeout(5000)", "foreign_keys(1)", "cache_size(-65536)", "journal_size_limit(67108864)"},
		"_txlock": {"immediate"}, // who is going to write waits at once, instead of failing later
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	files, err := fs.Sub(migrations, "migration")
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, db, store.Dialect{
		Name: "sqlite3", Migrations: files, Single: true, Now: "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
		Lazy: "PRAGMA synchronous = NORMAL", Durable: "PRAGMA synchronous = FULL", Classify: classify,
	}, log)
}

func classify(err error) fault.Kind {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return ""
	}
	switch e.Code() & 0xff { // the rest of it says more than anyone asks
	case sqlite3.SQLITE_FULL:
		return fault.StorageFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL:
		return fault.Storage
	}
	return ""
}
