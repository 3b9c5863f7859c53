package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/docsift/docsift/fault"
)

// migrate brings the tables up to date. Of several processes one does it and the others wait.
func (s *Store) migrate(ctx context.Context) error {
	opts := []goose.ProviderOption{goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true)}
	if s.d.Name == string(goose.DialectPostgres) {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(goose.Dialect(s.d.Name), s.db, s.d.Migrations, opts...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	has, err := p.GetDBVersion(ctx)
	if err != nil {
		return s.fault(err)
	}
	sources := p.ListSources()
	if last := sources[len(sources)-1].Version; has > last {
		return fault.New(fault.Config, nil, "the database is of version %d and this docsift knows versions up to %d: use the docsift that wrote it, or a newer one", has, last)
	}
	for try := 0; ; try++ {
		done, err := p.Up(ctx)
		if err != nil && try < 10 && s.d.Classify(err) == fault.Storage && ctx.Err() == nil { // another process is at it
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if partial := (*goose.PartialError)(nil); errors.As(err, &partial) {
			return fmt.Errorf("migration %s: %w", partial.Failed.Source.Path, partial.Err)
		}
		if err != nil {
			return s.fault(err)
		}
		for _, d := range done {
			s.log.Info("database changed", "migration", d.Source.Path)
		}
		return s.days(ctx, 0)
	}
}

// Maintain prepares the tables for the coming days and lets go of classifications and accounts
// that are older than keep, 0 keeps them for ever, and of uploads that have expired.
func (s *Store) Maintain(ctx context.Context, keep time.Duration) error {
	return errors.Join(s.days(ctx, keep), s.forgetUploads(ctx))
}

func (s *Store) days(ctx context.Context, keep time.Duration) error {
	today, first := day(time.Now()), 0
	if keep > 0 {
		first = day(time.Now().Add(-keep))
	}
	if s.d.Maintain != nil {
		return s.fault(s.d.Maintain(ctx, s.db, today, first))
	}
	return s.forget(ctx, first)
}

// forget deletes old rows a few at a time, so that nobody waits for it.
func (s *Store) forget(ctx context.Context, first int) error {
	for n := int64(1); n > 0 && first > 0; {
		err := s.write(ctx, lazily, func(t *tx) (err error) {
			n, err = t.exec(`DELETE FROM classifications WHERE (day, id) IN (SELECT day, id FROM classifications WHERE day < $1 LIMIT 500)`, first)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// day counts the days in UTC from 1970.
func day(t time.Time) int { return int(t.Unix() / 86400) }
