package store

import (
	"context"
	"database/sql"
	"time"
)

// Claim returns the answer that is kept under a key; "" where there is none. Then the key's flight is
// given to an owner for the time of a lease, unless another has it.
func (s *Store) Claim(ctx context.Context, key, owner string, lease time.Duration) (answer string, mine bool, err error) {
	err = s.write(ctx, lazily, func(t *tx) error {
		n, err := t.exec(s.sql(`INSERT INTO flights (key, owner, until) VALUES ($1, $2, NOW() + $3)
			ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE flights.until <= NOW()`),
			key, owner, lease.Microseconds())
		if err != nil {
			return err
		}
		// Only now: whoever had the flight before has left an answer, if there is one.
		answer, mine = "", n == 1
		err = rows(t.ctx, t, func(r *sql.Rows) error { return r.Scan(&answer) }, s.sql(`SELECT answer FROM cached WHERE key = $1 AND until > NOW()`), key)
		if err == nil && mine && answer != "" {
			mine = false
			err = t.land(key, owner)
		}
		return err
	})
	return answer, mine, err
}

// Look returns the answer that is kept under a key, and whether somebody has its flight.
func (s *Store) Look(ctx context.Context, key string) (answer string, flying bool, err error) {
	err = s.read(ctx, func(r *sql.Rows) error { return r.Scan(&answer, &flying) }, s.sql(`SELECT
		coalesce((SELECT answer FROM cached WHERE key = $1 AND until > NOW()), ''),
		EXISTS (SELECT 1 FROM flights WHERE key = $1 AND until > NOW())`), key)
	return answer, flying, err
}

// Renew prolongs the lease of a flight, if it still is its owner's.
func (s *Store) Renew(ctx context.Context, key, owner string, lease time.Duration) error {
	return s.write(ctx, lazily, func(t *tx) error {
		_, err := t.exec(s.sql(`UPDATE flights SET until = NOW() + $1 WHERE key = $2 AND owner = $3`), lease.Microseconds(), key, owner)
		return err
	})
}

// Land keeps the answer under a key for a time, and ends the flight if it is its owner's. With ""
// there is nothing to keep.
func (s *Store) Land(ctx context.Context, key, owner, answer string, ttl time.Duration) error {
	return s.write(ctx, lazily, func(t *tx) error {
		if answer != "" {
			_, err := t.exec(s.sql(`INSERT INTO cached (key, answer, until) VALUES ($1, $2, NOW() + $3)
				ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, until = excluded.until`), key, answer, ttl.Microseconds())
			if err != nil {
				return err
			}
		}
		return t.land(key, owner)
	})
}

func (t *tx) land(key, owner string) error {
	_, err := t.exec(`DELETE FROM flights WHERE key = $1 AND owner = $2`, key, owner)
	return err
}

// Sweep lets go of answers, flights and idempotency keys whose time has passed, a few at a time.
func (s *Store) Sweep(ctx context.Context) error {
	for _, of := range []struct{ table, id string }{{"cached", "key"}, {"flights", "key"}, {"idempotency", "tenant, key"}, {"review_claims", "classification"}} {
		for n := int64(1); n > 0; {
			err := s.write(ctx, lazily, func(t *tx) (err error) {
				n, err = t.exec(s.sql(`DELETE FROM ` + of.table + ` WHERE (` + of.id + `) IN (SELECT ` + of.id + ` FROM ` + of.table + ` WHERE until <= NOW() ORDER BY until LIMIT 500)
					AND until <= NOW()`))
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
