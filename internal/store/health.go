package store

import (
	"context"
	"database/sql"
	"time"
)

// Health is how a database and what is in it fare, of all tenants together.
type Health struct {
	Version int           // of its tables
	Bytes   int64         // its size
	Oldest  time.Time     // when the oldest classification that is kept came in; zero where there is none
	Ahead   time.Duration // by how much its clock is ahead of this machine's
	Commit  time.Duration // how long a commit took that outlives the machine

	Jobs    Depth // documents that are to be classified
	Workers int   // processes that have some of them

	Dead     int // events to webhooks that are not sent any more
	Overdue  int // events that have failed before and wait to be sent again
	Disabled int // webhooks that are switched off

	Judged []Judged // the last 200 answers that people looked at
}

// Health looks at everything once. It writes one row, to measure a commit, and takes it away again.
func (s *Store) Health(ctx context.Context) (h Health, err error) {
	asked := time.Now()
	size := `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	if s.d.Remote {
		size = `SELECT pg_database_size(current_database())`
	}
	var oldest, now int64
	for _, q := range []struct {
		query string
		into  []any
	}{
		{`SELECT NOW()`, []any{&now}},
		{size, []any{&h.Bytes}},
		{`SELECT max(version_id) FROM goose_db_version WHERE is_applied`, []any{&h.Version}},
		{`SELECT coalesce(min(created_at), 0) FROM classifications WHERE day = (SELECT min(day) FROM classifications)`, []any{&oldest}},
		{`SELECT count(DISTINCT worker) FROM jobs WHERE worker <> '' AND visible_at > NOW()`, []any{&h.Workers}},
		{`SELECT count(*) FROM deliveries WHERE state = 'dead'`, []any{&h.Dead}},
		{`SELECT count(*) FROM deliveries WHERE state = 'waiting' AND attempts > 0`, []any{&h.Overdue}},
		{`SELECT count(*) FROM webhooks WHERE NOT enabled`, []any{&h.Disabled}},
	} {
		if err := s.read(ctx, func(r *sql.Rows) error { return r.Scan(q.into...) }, s.sql(q.query)); err != nil {
			return h, err
		}
		if q.into[0] == &now {
			h.Ahead = time.UnixMicro(now).Sub(asked.Add(time.Since(asked) / 2))
		}
	}
	if oldest > 0 {
		h.Oldest = time.UnixMicro(oldest)
	}
	if h.Jobs, err = s.Depth(ctx, Classify); err != nil {
		return h, err
	}
	if h.Judged, err = s.Judged(ctx, 200); err != nil {
		return h, err
	}
	h.Commit, err = s.measureCommit(ctx)
	return h, err
}

// measureCommit writes a row that means nothing, and that would be swept away if it stayed.
func (s *Store) measureCommit(ctx context.Context) (took time.Duration, err error) {
	key, start := "health "+NewID(), time.Now()
	err = s.write(ctx, faithfully, func(t *tx) error {
		_, err := t.exec(s.sql(`INSERT INTO flights (key, owner, until) VALUES ($1, '', NOW())`), key)
		return err
	})
	took = time.Since(start)
	if err != nil {
		return took, err
	}
	return took, s.write(ctx, lazily, func(t *tx) error {
		_, err := t.exec(`DELETE FROM flights WHERE key = $1`, key)
		return err
	})
}
