package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/docsift/docsift/fault"
)

// Once names a request that is to be carried out once.
type Once struct {
	Tenant, Key string
	Sum         string // a digest of the request
	Owner       string // who carries it out: tells one try from the next
}

// Reply is the answer to a request as it was sent.
type Reply struct {
	Status   int // of HTTP
	Kind     string
	Location string
	Body     []byte
}

// Kinds of errors about requests that are to be carried out once.
const (
	Mismatch   fault.Kind = "idempotency_mismatch"    // the key was another request's
	InProgress fault.Kind = "idempotency_in_progress" // somebody carries it out now
)

// Begin takes it on to carry out a request, for the time of a lease. If that was done already it
// returns the reply. It is Mismatch or InProgress where the key was, or is, in use.
func (s *Store) Begin(ctx context.Context, o Once, lease time.Duration) (before *Reply, err error) {
	err = s.write(ctx, lazily, func(t *tx) error {
		before = nil
		n, err := t.exec(s.sql(`INSERT INTO idempotency (tenant, key, sum, owner, until, status, kind, location, body) VALUES ($1, $2, $3, $4, NOW() + $5, 0, '', '', $6)
			ON CONFLICT (tenant, key) DO UPDATE SET sum = excluded.sum, owner = excluded.owner, until = excluded.until, status = 0, kind = '', location = '', body = excluded.body
			WHERE idempotency.until <= NOW()`), o.Tenant, o.Key, o.Sum, o.Owner, lease.Microseconds(), []byte{})
		if err != nil || n == 1 {
			return err
		}
		before, err = t.before(o)
		return err
	})
	return before, err
}

// before returns the reply to an earlier request of the same key.
func (t *tx) before(o Once) (*Reply, error) {
	var sum string
	var r Reply
	err := t.row(`SELECT sum, status, kind, location, body FROM idempotency WHERE tenant = $1 AND key = $2`, o.Tenant, o.Key).Scan(&sum, &r.Status, &r.Kind, &r.Location, &r.Body)
	switch {
	case err != nil && err != sql.ErrNoRows:
		return nil, err
	case err == nil && sum != o.Sum:
		return nil, fault.New(Mismatch, nil, "the idempotency key was used for another request")
	case err != nil, r.Status == 0:
		return nil, inProgress()
	}
	return &r, nil
}

func inProgress() error {
	e := fault.New(InProgress, nil, "a request with this idempotency key is under way")
	e.RetryAfter = time.Second
	return e
}

// Prolong renews the lease of a request that is being carried out. It is Fenced when another does so by now.
func (s *Store) Prolong(ctx context.Context, o Once, lease time.Duration) error {
	return s.write(ctx, lazily, func(t *tx) error {
		return o.fenced(t.exec(s.sql(`UPDATE idempotency SET until = NOW() + $1 WHERE tenant = $2 AND key = $3 AND owner = $4 AND status = 0`),
			lease.Microseconds(), o.Tenant, o.Key, o.Owner))
	})
}

// Replied keeps the reply to a request for a time. One that only says that it was accepted may be followed
// by another.
func (s *Store) Replied(ctx context.Context, o Once, r Reply, ttl time.Duration) error {
	return s.write(ctx, faithfully, func(t *tx) error { return t.replied(s, o, r, ttl) })
}

// SubmitOnce is Submit, or SubmitTo where the record has a batch, that keeps the reply with the
// record: whoever repeats the request hears of this one, whatever became of the caller or of this
// process. It is InProgress when another carries the request out by now.
func (s *Store) SubmitOnce(ctx context.Context, o Once, reply Reply, ttl time.Duration, r Record) error {
	err := s.write(ctx, faithfully, func(t *tx) error {
		if r.Batch != "" {
			if err := t.join(r.Tenant, r.Batch); err != nil {
				return err
			}
		}
		if err := s.submit(t, r); err != nil {
			return err
		}
		return t.replied(s, o, reply, ttl)
	})
	if fault.KindOf(err) == Fenced {
		err = inProgress()
	}
	return err
}

func (t *tx) replied(s *Store, o Once, r Reply, ttl time.Duration) error {
	return o.fenced(t.exec(s.sql(`UPDATE idempotency SET until = NOW() + $1, status = $2, kind = $3, location = $4, body = $5 WHERE tenant = $6 AND key = $7 AND owner = $8 AND status IN (0, 202)`),
		ttl.Microseconds(), r.Status, r.Kind, r.Location, append([]byte{}, r.Body...), o.Tenant, o.Key, o.Owner))
}

// Release gives up a request: the next one of its key is carried out anew.
func (s *Store) Release(ctx context.Context, o Once) error {
	return s.write(ctx, lazily, func(t *tx) error {
		_, err := t.exec(`DELETE FROM idempotency WHERE tenant = $1 AND key = $2 AND owner = $3 AND status = 0`, o.Tenant, o.Key, o.Owner)
		return err
	})
}

func (o Once) fenced(n int64, err error) error {
	if err == nil && n == 0 {
		err = fault.New(Fenced, nil, "the idempotency key is another's by now")
	}
	return err
}
