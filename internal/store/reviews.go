package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/docsift/docsift/fault"
)

// MostReviews is up to how many open reviews are counted.
const MostReviews = 10_000

// toReview is the condition of what waits for a person. Its first words are those of the index.
const toReview = ` c.tenant = $1 AND c.review <> '' AND c.reviewed_at = 0 AND c.state <> 'canceled'`

// clerk is who claims reviews of a tenant, and for how long.
type clerk struct {
	tenant, name string
	lease        time.Duration
}

// ClaimReviews gives up to n open reviews of a tenant to who, for as long as the lease: nobody else is
// given them meanwhile. First come those that who has already, whose lease begins anew, then those
// that it is most risky to leave as they are.
func (s *Store) ClaimReviews(ctx context.Context, tenant, who string, n int, lease time.Duration) (all []Record, err error) {
	by := clerk{tenant, text(who), lease}
	err = s.write(ctx, lazily, func(t *tx) error {
		all = nil
		had, err := t.claimed(s, by, n)
		if err == nil {
			err = t.claim(s, by, had, n, &all)
		}
		if err != nil || len(all) == n {
			return err
		}
		free, err := t.records(s.sql(` WHERE`+toReview+` AND NOT EXISTS (SELECT 1 FROM review_claims k WHERE k.classification = c.id AND k.until > NOW())
			ORDER BY c.risk DESC, c.id LIMIT $2`), tenant, 4*n+16) // others may be quicker
		if err == nil {
			err = t.claim(s, by, free, n, &all)
		}
		return err
	})
	return all, err
}

// claimed returns up to n open reviews that a clerk has already.
func (t *tx) claimed(s *Store, by clerk, n int) (all []Record, err error) {
	var ids []string
	err = rows(t.ctx, t, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, s.sql(`SELECT classification FROM review_claims WHERE tenant = $1 AND owner = $2 AND until > NOW() ORDER BY classification LIMIT $3`), by.tenant, by.name, n)
	for _, id := range ids {
		if err != nil {
			break
		}
		var one []Record
		one, err = t.records(` WHERE`+toReview+` AND c.day = $2 AND c.id = $3`, by.tenant, dayOf(id), id)
		all = append(all, one...)
	}
	return all, err
}

// claim adds to all what a clerk can have of some, until there are n.
func (t *tx) claim(s *Store, by clerk, some []Record, n int, all *[]Record) error {
	for _, r := range some {
		if len(*all) == n {
			return nil
		}
		ours, err := t.claimOne(s, by, r.ID)
		if err != nil {
			return err
		}
		if ours {
			*all = append(*all, r)
		}
	}
	return nil
}

// claimOne reports whether a review is the clerk's now.
func (t *tx) claimOne(s *Store, by clerk, id string) (bool, error) {
	n, err := t.exec(s.sql(`INSERT INTO review_claims AS k (classification, day, tenant, owner, until) VALUES ($1, $2, $3, $4, NOW() + $5)
		ON CONFLICT (classification) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE k.until <= NOW() OR k.owner = excluded.owner`),
		id, dayOf(id), by.tenant, by.name, by.lease.Microseconds())
	return n > 0, err
}

// SetReviewAside leaves an open review to nobody for a while. One that somebody else has is fault.Conflict.
func (s *Store) SetReviewAside(ctx context.Context, tenant, who, id string, pause time.Duration) error {
	if _, err := s.Find(ctx, tenant, id); err != nil {
		return err
	}
	return s.write(ctx, lazily, func(t *tx) error {
		ours, err := t.claimOne(s, clerk{tenant, text(who), pause}, id)
		if err == nil && !ours {
			return fault.New(fault.Conflict, nil, "somebody else is looking at it")
		}
		if err == nil {
			_, err = t.exec(`UPDATE review_claims SET owner = '' WHERE classification = $1`, id)
		}
		return err
	})
}

// CountReviews returns how many documents of a tenant wait for a person, up to MostReviews.
func (s *Store) CountReviews(ctx context.Context, tenant string) (n int, err error) {
	err = s.read(ctx, func(r *sql.Rows) error { return r.Scan(&n) },
		`SELECT count(*) FROM (SELECT 1 AS one FROM classifications c WHERE`+toReview+` LIMIT $2) waiting`, tenant, MostReviews)
	return n, err
}
