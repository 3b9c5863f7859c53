//go:build linux

package postgres_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/postgres"
	"github.com/docsift/docsift/internal/store/storetest"
)

// A list of a million, and what is looked for in it.
func TestListed(t *testing.T) {
	rows := storetest.GrownRows(t)
	server := pgtest.Start(t, "fsync = off", "max_wal_size = 8GB", "shared_buffers = 512MB")
	server.Do("postgres", "CREATE DATABASE listed")
	open := func() *store.Store {
		s, err := postgres.Open(t.Context(), server.URL("listed"), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	l := storetest.Listed{Store: open()}
	defer func() { l.Store.Close() }()
	l.Cool = func() *store.Store {
		l.Store.Close()
		server.Stop()
		storetest.Forget(t, server.Dir)
		server.Run()
		return open()
	}
	db, err := sql.Open("pgx", server.URL("listed"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	today := int(time.Now().Unix() / 86400)
	for d := today - storetest.ListedDays; d < today-1; d++ {
		server.Do("listed", fmt.Sprintf("CREATE TABLE classifications_%d PARTITION OF classifications FOR VALUES FROM (%d) TO (%d)", d, d, d+1))
	}
	start := time.Now()
	l.DB = db
	l.Fill(t, rows)
	db.Close()
	server.Do("listed", "VACUUM ANALYZE classifications") // as autovacuum does in time
	t.Logf("%d rows in %v, %s", rows, time.Since(start).Round(time.Second), server.Do("listed", "SELECT pg_size_pretty(pg_database_size('listed'))"))
	l.Measure(t)
}
