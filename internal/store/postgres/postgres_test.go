//go:build linux

package postgres_test

import (
	"database/sql"
	"log/slog"
	"testing"

	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/postgres"
	"github.com/docsift/docsift/internal/store/storetest"
)

func open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, slog.New(slog.DiscardHandler))
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
	empty := pgtest.Copies(t, func(url string) {
		s, err := postgres.Open(t.Context(), url, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	})
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, empty(t)) })
}

func TestViews(t *testing.T) {
	url := pgtest.Database(t)
	s := open(t, url)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	storetest.Views(t, s, db)
}
