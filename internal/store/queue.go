package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
)

// Job is work that is done once, by whoever has its lease.
type Job struct {
	Kind     string // "classify" and others
	ID       string // unique among its kind
	Tenant   string
	Priority Priority
	After    time.Duration // by how much later than now it may be taken
	Deadline time.Time     // zero for none; what to do about it is the worker's affair
	Payload  string

	// Attempt counts how often it was taken. What is written about a job is fenced by it: of two
	// workers that hold a job to be theirs, the later one is right.
	Attempt int

	// Kills counts the workers that had it and did not come back.
	Kills int

	Created time.Time
}

// Priority says which of a tenant's jobs goes first. Between tenants it says nothing: they take turns.
type Priority int

// The priorities.
const (
	Urgent Priority = iota
	Normal
	Bulk
)

// Fenced is the kind of an error about a job that another worker has by now, or that is done.
const Fenced fault.Kind = "job_fenced"

// enqueue adds a few jobs, unless they are there already.
func (t *tx) enqueue(s *Store, jobs ...Job) error {
	var list strings.Builder
	var args []any
	for i, j := range jobs {
		if i > 0 {
			list.WriteString(", ")
		}
		n := len(args)
		fmt.Fprintf(&list, "($%d, $%d, $%d, $%d, NOW() + $%d, 0, 0, '', $%d, NOW(), $%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7)
		args = append(args, j.Kind, j.ID, j.Tenant, int(j.Priority), j.After.Microseconds(), microseconds(j.Deadline), j.Payload)
	}
	_, err := t.exec(s.sql(`INSERT INTO jobs (kind, id, tenant, priority, visible_at, attempt, kills, worker, deadline, created_at, payload)
		VALUES `+list.String()+` ON CONFLICT DO NOTHING`), args...)
	return err
}

// finish removes a job that is done, if it still is its taker's.
func (t *tx) finish(j Job) error {
	n, err := t.exec(`DELETE FROM jobs WHERE kind = $1 AND id = $2 AND attempt = $3`, j.Kind, j.ID, j.Attempt)
	if err == nil && n == 0 {
		err = fault.New(Fenced, nil, "%s %s is not this worker's any more", j.Kind, j.ID)
	}
	return err
}

// sql fills in the database's own clock.
func (s *Store) sql(query string) string { return strings.ReplaceAll(query, "NOW()", s.d.Now) }

// Take leases up to n jobs to a worker, turn by turn from each tenant that has some, and those of
// a tenant by priority and age. A job whose lease has ended may be taken again.
func (s *Store) Take(ctx context.Context, kind, worker string, n int, lease time.Duration) ([]Job, error) {
	waiting, err := s.waiting(ctx, kind)
	if err != nil {
		return nil, err
	}
	var taken []Job
	for len(waiting) > 0 && len(taken) < n {
		share := max(1, (n-len(taken))/len(waiting))
		var more []turn // those that may have others
		for _, w := range waiting {
			if len(taken) == n {
				break
			}
			jobs, err := s.take(ctx, kind, worker, w, min(share, n-len(taken)), lease)
			if err != nil {
				return taken, err
			}
			taken = append(taken, jobs...)
			if len(jobs) == share {
				more = append(more, w)
			}
			s.served(kind, w.tenant)
		}
		waiting = more
	}
	return taken, nil
}

// turn is a tenant and the priority of its next job.
type turn struct {
	tenant   string
	priority Priority
}

// waiting returns the tenants with jobs that may be taken, the one that waits longest for a turn
// first. It takes as many steps in the index as there are tenants, however many jobs there are.
func (s *Store) waiting(ctx context.Context, kind string) ([]turn, error) {
	var all []turn
	scan := func(r *sql.Rows) error {
		var t turn
		if err := r.Scan(&t.tenant, &t.priority); err != nil {
			return err
		}
		if len(all) == 0 || all[len(all)-1].tenant != t.tenant {
			all = append(all, t)
		}
		return nil
	}
	err := s.read(ctx, scan, s.sql(`
		WITH RECURSIVE t (tenant) AS (
			SELECT min(tenant) FROM jobs WHERE kind = $1
			UNION ALL
			SELECT (SELECT min(j.tenant) FROM jobs j WHERE j.kind = $1 AND j.tenant > t.tenant) FROM t WHERE t.tenant IS NOT NULL
		)
		SELECT t.tenant, p.priority
		FROM t CROSS JOIN (SELECT 0 AS priority UNION ALL SELECT 1 UNION ALL SELECT 2) p
		WHERE t.tenant IS NOT NULL AND EXISTS (
			SELECT 1 FROM jobs j WHERE j.kind = $1 AND j.tenant = t.tenant AND j.priority = p.priority AND j.visible_at <= NOW()
		)
		ORDER BY t.tenant, p.priority`), kind)
	if err != nil {
		return nil, err
	}
	last := s.lastServed(kind)
	i, _ := slices.BinarySearchFunc(all, last+"\x00", func(t turn, after string) int { return strings.Compare(t.tenant, after) })
	return slices.Concat(all[i:], all[:i]), nil
}

func (s *Store) lastServed(kind string) string {
	last, _ := s.turns.Load(kind)
	name, _ := last.(string)
	return name
}

func (s *Store) served(kind, tenant string) { s.turns.Store(kind, tenant) }

func (s *Store) take(ctx context.Context, kind, worker string, w turn, n int, lease time.Duration) (jobs []Job, err error) {
	err = s.write(ctx, s.firmly(), func(t *tx) error {
		jobs = nil
		return rows(t.ctx, t, func(r *sql.Rows) error {
			j := Job{Kind: kind, Tenant: w.tenant}
			var deadline, created int64
			err := r.Scan(&j.ID, &j.Priority, &j.Attempt, &j.Kills, &deadline, &created, &j.Payload)
			j.Deadline, j.Created = moment(deadline), moment(created)
			jobs = append(jobs, j)
			return err
		}, s.sql(`
			UPDATE jobs SET visible_at = NOW() + $1, attempt = attempt + 1, worker = $2,
				kills = kills + CASE WHEN worker = '' THEN 0 ELSE 1 END
			WHERE kind = $3 AND id IN (
				SELECT id FROM jobs WHERE kind = $3 AND tenant = $4 AND priority = $5 AND visible_at <= NOW()
				ORDER BY visible_at, id LIMIT $6 `+s.d.Skip+`)
			RETURNING id, priority, attempt, kills, deadline, created_at, payload`),
			lease.Microseconds(), worker, kind, w.tenant, int(w.priority), n)
	})
	return jobs, err
}

// Extend renews the leases of all that a worker has, and returns which those are: what is missing
// another has by now.
func (s *Store) Extend(ctx context.Context, worker string, lease time.Duration) (held map[string]int, err error) {
	err = s.write(ctx, lazily, func(t *tx) error {
		held = make(map[string]int)
		return rows(t.ctx, t, func(r *sql.Rows) error {
			var kind, id string
			var attempt int
			err := r.Scan(&kind, &id, &attempt)
			held[kind+" "+id] = attempt
			return err
		}, s.sql(`UPDATE jobs SET visible_at = NOW() + $1 WHERE worker = $2 RETURNING kind, id, attempt`), lease.Microseconds(), worker)
	})
	return held, err
}

// Return gives a job back, to be taken again after a while. That is no kill, unless j has more of them
// than it was taken with.
func (s *Store) Return(ctx context.Context, j Job, after time.Duration) error {
	return s.write(ctx, lazily, func(t *tx) error { return t.giveBack(s, j, after) })
}

// giveBack lets a job be taken again after a while, if it still is its taker's.
func (t *tx) giveBack(s *Store, j Job, after time.Duration) error {
	n, err := t.exec(s.sql(`UPDATE jobs SET visible_at = NOW() + $1, worker = '', kills = CASE WHEN kills < $5 THEN $5 ELSE kills END
		WHERE kind = $2 AND id = $3 AND attempt = $4`), after.Microseconds(), j.Kind, j.ID, j.Attempt, j.Kills)
	if err == nil && n == 0 {
		err = fault.New(Fenced, nil, "%s %s is not this worker's any more", j.Kind, j.ID)
	}
	return err
}

// Drop ends a job with nothing to show for it.
func (s *Store) Drop(ctx context.Context, j Job) error {
	return s.write(ctx, lazily, func(t *tx) error { return t.finish(j) })
}

// Depth is how much of a kind there is to do.
type Depth struct {
	Waiting int           // may be taken now
	Later   int           // may be taken later
	Running int           // leased
	Oldest  time.Duration // how long the oldest that may be taken has waited
}

// Depth counts the jobs of a kind.
func (s *Store) Depth(ctx context.Context, kind string) (d Depth, err error) {
	err = s.read(ctx, func(r *sql.Rows) error {
		var oldest int64
		err := r.Scan(&d.Waiting, &d.Later, &d.Running, &oldest)
		d.Oldest = time.Duration(max(0, oldest)) * time.Microsecond
		return err
	}, s.sql(`SELECT
		coalesce(sum(CASE WHEN visible_at <= NOW() THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN visible_at > NOW() AND worker = '' THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN visible_at > NOW() AND worker <> '' THEN 1 ELSE 0 END), 0),
		coalesce(NOW() - min(CASE WHEN visible_at <= NOW() THEN visible_at END), 0)
		FROM jobs WHERE kind = $1`), kind)
	return d, err
}
