//go:build linux

package postgres_test

import (
	"database/sql"
	"log/slog"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/postgres"
	"github.com/docsift/docsift/internal/store/storetest"
)

// A database that is down when its store is opened is waited for: nothing is kept until it is there,
// requests are written down in a file, and all of it works without anybody opening the store again.
func TestOpenBeforeDatabase(t *testing.T) {
	faults := map[string]struct{ hurt, mend func(*pgtest.Server) }{
		"down":   {(*pgtest.Server).Kill, (*pgtest.Server).Run},
		"frozen": {(*pgtest.Server).Freeze, (*pgtest.Server).Thaw},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			server := pgtest.Start(t)
			f.hurt(server)
			var log lines
			logger := slog.New(slog.NewTextHandler(&log, nil))
			s, err := postgres.Open(t.Context(), server.URL("postgres"), logger)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			r := storetest.Record("a")
			if err := s.Submit(t.Context(), r); fault.KindOf(err) != fault.Storage || fault.RetryAfter(err) == 0 {
				t.Errorf("submitted: %v, want %q and when to come back", err, fault.Storage)
			}
			if _, err := s.Find(t.Context(), "a", r.ID); fault.KindOf(err) != fault.Storage {
				t.Errorf("found: %v, want %q", err, fault.Storage)
			}
			l, err := s.Ledger(t.Context(), store.LedgerOptions{Dir: t.TempDir(), Log: logger})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			l.End(begin(t, l, storetest.Sent(cent)), storetest.Settled(2*cent))
			bounded, err := s.Ledger(t.Context(), store.LedgerOptions{Dir: t.TempDir(), Budget: ledger.Budget{Day: cent}})
			if err != nil {
				t.Fatal(err)
			}
			defer bounded.Close()
			if _, err := bounded.Begin(storetest.Sent(1)); fault.KindOf(err) != fault.Unrecorded {
				t.Errorf("sent without knowing what is left of a budget: %v", err)
			}
			f.mend(server)
			log.wait(t, "the database is there", 1)
			if err := s.Submit(t.Context(), r); err != nil {
				t.Error(err)
			}
			log.wait(t, "the ledger is whole", 1)
			if spent := l.Spend(); spent.Day != 2*cent || spent.Open != 0 {
				t.Errorf("$%s are spent with %d open, want $0.02", spent.Day, spent.Open)
			}
			for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
				_, err := bounded.Begin(storetest.Sent(1))
				if fault.KindOf(err) == fault.Budget {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("beyond the budget: %v", err)
				}
			}
			if n := log.count("it is waited for"); n != 1 {
				t.Errorf("%d lines say that the database does not answer", n)
			}
		})
	}
}

// Upkeep that a database has no time for when its store is opened is no reason not to begin.
func TestOpenBesideALock(t *testing.T) {
	server := pgtest.Start(t)
	first, err := postgres.Open(t.Context(), server.URL("postgres"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	db, err := sql.Open("pgx", server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Rollback()
	if _, err := other.Exec("LOCK TABLE answers IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open(t.Context(), server.URL("postgres"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Submit(t.Context(), storetest.Record("a")); err != nil {
		t.Error(err)
	}
}
