// Package postgres opens a store in a PostgreSQL database, which several machines may share.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

//go:embed migration
var migrations embed.FS

// Open connects to the database of a URL, postgres://user:password@host/name. Settings of the pool,
// such as pool_max_conns, are parameters of the URL. A database that does not answer is waited for.
func Open(ctx context.Context, url string, log *slog.Logger) (*store.Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil { // its text would repeat the password
		return nil, fault.New(fault.Config, nil, "DATABASE_URL is no address of a database: it looks like postgres://user:password@host:5432/name")
	}
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = 24
	}
	c := cfg.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 2 * time.Second
	}
	for name, value := range map[string]string{
		"application_name": "docsift", "statement_timeout": "30000", "idle_in_transaction_session_timeout": "30000", "lock_timeout": "5000",
		// A query over the tables of many days is compiled, or begun by several processes, in more time than ours take.
		"jit": "off", "max_parallel_workers_per_gather": "0",
	} {
		if c.RuntimeParams[name] == "" {
			c.RuntimeParams[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	db.SetMaxIdleConns(0) // the pool keeps them
	files, err := fs.Sub(migrations, "migration")
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, db, store.Dialect{
		Name: "postgres", Migrations: files, Remote: true, Skip: "FOR UPDATE SKIP LOCKED", Now: "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
		Lazy: "SET LOCAL synchronous_commit = off", Classify: classify, Maintain: maintain, Close: pool.Close, Anew: []any{pgx.QueryExecModeCacheDescribe},
	}, log)
}

// classify knows a database that is gone, stopping, standing by, or out of connections or room.
func classify(err error) fault.Kind {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		switch {
		case server.Code == "53100":
			return fault.StorageFull
		case strings.HasPrefix(server.Code, "53"), strings.HasPrefix(server.Code, "08"), strings.HasPrefix(server.Code, "57"),
			server.Code == "25006", server.Code == "55P03", strings.HasPrefix(server.Code, "58"), strings.HasPrefix(server.Code, "XX"):
			return fault.Storage
		}
		return ""
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || pgconn.Timeout(err) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF") {
		return fault.Storage
	}
	return ""
}

// ahead is for how many days tables are made before they come.
const ahead = 7

// maintain makes a table for each coming day, and drops those of days before first.
func maintain(ctx context.Context, db *sql.DB, today, first int) error {
	for _, of := range []string{"classifications", "attempts", "deliveries"} {
		for d := today - 1; d <= today+ahead; d++ {
			_, err := db.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s_%d PARTITION OF %s FOR VALUES FROM (%d) TO (%d)`, of, d, of, d, d+1))
			if err != nil && !already(err) {
				return fmt.Errorf("make the table of a day: %w", err)
			}
		}
		if err := drop(ctx, db, of, first); err != nil {
			return err
		}
	}
	return nil
}

// already reports whether another process has made the same table at the same time.
func already(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code == "42P07" || server.Code == "23505" || server.Code == "42P17")
}

func drop(ctx context.Context, db *sql.DB, of string, first int) error {
	r, err := db.QueryContext(ctx, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass`, of)
	if err != nil {
		return err
	}
	defer r.Close()
	var old []string
	for r.Next() {
		var name string
		if err := r.Scan(&name); err != nil {
			return err
		}
		if d, err := strconv.Atoi(strings.TrimPrefix(name, of+"_")); err == nil && d < first {
			old = append(old, name)
		}
	}
	if err := r.Err(); err != nil {
		return err
	}
	for _, name := range old {
		if _, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS "+name); err != nil {
			return fmt.Errorf("drop the table of a day: %w", err)
		}
	}
	return nil
}
