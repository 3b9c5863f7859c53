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
	sources := p.ListSources()
	last := sources[len(sources)-1].Version
	for start := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		begun, err := s.update(ctx, p, last)
		if err != nil && ctx.Err() == nil && time.Since(start) < s.forOthers(err, begun) {
			continue
		}
		if partial := (*goose.PartialError)(nil); errors.As(err, &partial) {
			return fmt.Errorf("migration %s: %w", partial.Failed.Source.Path, s.fault(partial.Err))
		}
		if err != nil {
			return s.fault(err)
		}
		s.to = last
		return s.tables(ctx, 0)
	}
}

// forOthers returns for how long to try again after an error that may be due to another process that is at it.
func (s *Store) forOthers(err error, begun bool) time.Duration {
	switch busy := s.d.Classify(err) == fault.Storage; {
	case busy && (begun || s.d.Single):
		return 2 * s.Patience
	case s.d.Single && begun: // what it was about to make is there
		return 2 * time.Second
	}
	return 0
}

// update brings the tables to the last version, and reports whether it came so far as to begin with that.
func (s *Store) update(ctx context.Context, p *goose.Provider, last int64) (begun bool, err error) {
	asking, cancel := context.WithTimeout(ctx, 2*s.Patience)
	defer cancel()
	has, err := p.GetDBVersion(asking)
	if err != nil {
		return false, err
	}
	if has > last {
		return false, fault.New(fault.Config, nil, "the database is of version %d and this docsift knows versions up to %d: use the docsift that wrote it, or a newer one", has, last)
	}
	s.from = has
	done, err := p.Up(ctx)
	for _, d := range done {
		s.log.Info("database changed", "migration", d.Source.Path)
	}
	return true, err
}

// Migrated returns the versions of the tables before and after they were brought up to date. It may be
// asked once Ping has had an answer.
func (s *Store) Migrated() (from, to int64) { return s.from, s.to }

// Maintain prepares the tables for the coming days and lets go of classifications and accounts
// that are older than keep, 0 keeps them for ever, and of uploads that have expired.
func (s *Store) Maintain(ctx context.Context, keep time.Duration) error {
	return errors.Join(s.days(ctx, keep), s.forgetUploads(ctx))
}

func (s *Store) days(ctx context.Context, keep time.Duration) error {
	first := 0
	if keep > 0 {
		first = day(time.Now().Add(-keep))
	}
	if err := s.late.err(); err != nil {
		return err
	}
	if err := s.tables(ctx, first); err != nil {
		return err
	}
	if err := s.sweep(ctx, time.Now()); err != nil || first == 0 {
		return err
	}
	for _, of := range []string{"classifications", "attempts", "deliveries"} {
		if err := s.forget(ctx, of, "day, id", "day < $1", first); err != nil {
			return err
		}
	}
	return nil
}

// tables prepares those of the coming days, and drops those of days before first.
func (s *Store) tables(ctx context.Context, first int) error {
	if s.d.Maintain == nil {
		return nil
	}
	return s.fault(s.d.Maintain(ctx, s.db, day(time.Now()), first))
}

// sweep lets go of what was kept for work that nobody will come back to: answers after a week, and
// what is not known of requests after a day.
func (s *Store) sweep(ctx context.Context, now time.Time) error {
	if err := s.forget(ctx, "answers", "run, key", "run < $1", firstID(now.AddDate(0, 0, -7))); err != nil {
		return err
	}
	return s.write(ctx, lazily, func(t *tx) error { return t.abandonAll(now.AddDate(0, 0, -1)) })
}

// forget deletes rows a few at a time, so that nobody waits for it.
func (s *Store) forget(ctx context.Context, from, key, where string, before any) error {
	for n := int64(1); n > 0; {
		err := s.write(ctx, lazily, func(t *tx) (err error) {
			n, err = t.exec(`DELETE FROM `+from+` WHERE (`+key+`) IN (SELECT `+key+` FROM `+from+` WHERE `+where+` LIMIT 500)`, before)
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
