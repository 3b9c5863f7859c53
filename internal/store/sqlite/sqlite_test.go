package sqlite_test

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
	"github.com/docsift/docsift/internal/store/storetest"
)

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, filepath.Join(t.TempDir(), "data", "docsift.db")) })
}

func TestViews(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docsift.db")
	s := open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	storetest.Views(t, s, db)
}

// Of processes that begin at once one brings the tables up to date, whichever it is.
func TestOpenAtOnce(t *testing.T) {
	for range 5 {
		path := filepath.Join(t.TempDir(), "docsift.db")
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s, err := sqlite.Open(t.Context(), path, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}
