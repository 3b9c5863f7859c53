//go:build linux

package sqlite_test

import (
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
	"github.com/docsift/docsift/internal/store/storetest"
)

// A list of a million, and what is looked for in it.
func TestListed(t *testing.T) {
	rows := storetest.GrownRows(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "docsift.db")
	open := func() *store.Store {
		s, err := sqlite.Open(t.Context(), path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	l := storetest.Listed{Store: open()}
	defer func() { l.Store.Close() }()
	l.Cool = func() *store.Store {
		l.Store.Close()
		storetest.Forget(t, dir)
		return open()
	}
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(off)&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	start := time.Now()
	l.DB = db
	l.Fill(t, rows)
	db.Close()
	if i, err := os.Stat(path); err == nil {
		t.Logf("%d rows in %v, %d MB", rows, time.Since(start).Round(time.Second), i.Size()>>20)
	}
	l.Measure(t)
}
