// Package store keeps what the service has accepted, in an SQL database: classifications, the
// queue of what is still to be done, and what stands around them. Its statements run on SQLite
// and PostgreSQL alike; where the two differ, a Dialect of package store/sqlite or store/postgres
// says how.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
)

// Dialect is what one database does differently from the other.
type Dialect struct {
	Name string // as goose calls it: sqlite3 or postgres

	// Migrations are the files 0001_name.sql and on, numbered alike for all dialects.
	Migrations fs.FS

	// Skip is what stands after a SELECT whose rows are about to be taken, so that several
	// processes take different ones.
	Skip string

	// Now is the expression of the database's own clock in microseconds from 1970: leases go by
	// it, because machines' clocks differ.
	Now string

	// Remote says that the database may be there later than its user.
	Remote bool

	// Single says that only one transaction writes at a time. Those that wait are then committed together.
	Single bool

	// Lazy and Durable are statements of a transaction's connection before it begins, or after
	// where they begin with SET LOCAL: whether a commit may be lost with the machine, or not.
	Lazy, Durable string

	// Anew are the first arguments of a query that is to be planned for its very values: a plan for any
	// values looks at the tables of all days.
	Anew []any

	// Classify returns the kind of an error of the database, fault.Storage or fault.StorageFull,
	// and "" for one that is about the statement.
	Classify func(error) fault.Kind

	// Close lets go of what stands behind the connections. Nil where nothing does.
	Close func()

	// Maintain prepares the tables for the days from now on, and drops those of days before first,
	// counted from 1970. Nil where there is nothing to do.
	Maintain func(ctx context.Context, db *sql.DB, today, first int) error
}

// Store is safe for concurrent use. Errors of the database are fault.Storage, or
// fault.StorageFull when there is no room left.
type Store struct {
	// Patience is how long a call waits for the database. It is set before the first call. Default 2s,
	// and 10s for one that processes of one machine share, who may have to wait for each other.
	Patience time.Duration

	// SearchFor is for how long Search looks. It is set before the first call. Default 150ms.
	SearchFor time.Duration

	db        *sql.DB
	d         Dialect
	log       *slog.Logger
	writer    *writer    // nil where transactions write side by side
	gathering *gathering // nil where there is a writer
	turns     sync.Map   // the tenant of each kind of job that was served last
	hooks     known      // which webhooks tenants have
	late      late
	from, to  int64 // versions of the tables
}

// Open brings the tables of a database up to date and returns the store, to which db belongs from
// then on. A database of a newer version is fault.Config. A remote one that does not answer is
// waited for: calls are fault.Storage until it does.
func Open(ctx context.Context, db *sql.DB, d Dialect, log *slog.Logger) (*Store, error) {
	s := &Store{Patience: 2 * time.Second, SearchFor: 150 * time.Millisecond, db: db, d: d, log: log}
	if d.Single {
		s.Patience = 10 * time.Second
		s.writer = newWriter(s)
	} else {
		s.gathering = &gathering{store: s}
	}
	err := s.migrate(ctx)
	if d.Remote && fault.KindOf(err) == fault.Storage {
		s.await(err)
		return s, nil
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.late.opened.Store(true)
	err = s.sweep(ctx, time.Now())
	if kind := fault.KindOf(err); kind == fault.Storage || kind == fault.StorageFull { // it can wait
		log.Warn("upkeep", "of", "what nobody will come back to", "error", err)
	} else if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close lets what is being written be committed.
func (s *Store) Close() error {
	s.late.end()
	if s.writer != nil {
		s.writer.close()
	}
	err := s.db.Close()
	if s.d.Close != nil {
		s.d.Close()
	}
	return err
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.late.err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	return s.fault(s.db.PingContext(ctx))
}

// Engine names the database: sqlite3 or postgres.
func (s *Store) Engine() string { return s.d.Name }

// care says whether what is written must outlive the machine, or only the process.
type care int

const (
	lazily     care = iota // it outlives the process
	faithfully             // it outlives the machine: somebody is told that it is kept
)

// firmly is how that is written which costs money when it is lost: it outlives the database's own
// process too, which is another one where that is remote.
func (s *Store) firmly() care {
	if s.d.Remote {
		return faithfully
	}
	return lazily
}

// write runs f in a transaction. f may be run again from its beginning, and must only write.
func (s *Store) write(ctx context.Context, c care, f func(tx *tx) error) error {
	if err := s.late.err(); err != nil {
		return err
	}
	if s.writer != nil {
		return s.fault(s.writer.do(ctx, c, f))
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	return s.fault(s.commit(ctx, c, f))
}

func (s *Store) commit(ctx context.Context, c care, f func(tx *tx) error) error {
	t, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() // does nothing after a commit
	how := s.d.Durable
	if c == lazily {
		how = s.d.Lazy
	}
	if how != "" {
		if _, err := t.ExecContext(ctx, how); err != nil {
			return err
		}
	}
	if err := f(&tx{ctx, t}); err != nil {
		return err
	}
	return t.Commit()
}

// tx is a transaction with the context of who wants it.
type tx struct {
	ctx context.Context
	*sql.Tx
}

func (t *tx) exec(query string, args ...any) (int64, error) {
	res, err := t.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) row(query string, args ...any) *sql.Row { return t.QueryRowContext(t.ctx, query, args...) }

// rows calls scan for each row of a query.
func rows(ctx context.Context, q interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, scan func(*sql.Rows) error, query string, args ...any) error {
	r, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := scan(r); err != nil {
			return err
		}
	}
	return r.Err()
}

// read runs a query outside any transaction.
func (s *Store) read(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	if err := s.late.err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	return s.fault(rows(ctx, s.db, scan, query, args...))
}

// fault gives an error of the database its kind. One that has a kind keeps it.
func (s *Store) fault(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	kind := s.d.Classify(err)
	switch {
	case kind == fault.StorageFull:
		return fault.New(kind, err, "there is no room left to store anything")
	case kind != "", // a transaction that is done already was ended because it took too long
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone), errors.Is(err, driver.ErrBadConn):
		s.doubt(err)
		e := fault.New(fault.Storage, err, "the database does not answer")
		e.RetryAfter = time.Second
		return e
	}
	return err
}

// microseconds is how moments are kept.
func microseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
