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
const toReview = ` c.tenant = $1 AND c.review <> '' AND c.reviewed_at = 0 AND c.state IN ('completed', 'failed')`

// ClaimReviews gives up to n open reviews of a tenant to who, for as long as the lease: nobody else is
// given them meanwhile. First come those that who has already, whose lease begins anew, then those
// whose answer is most likely wrong.
func (s *Store) ClaimReviews(ctx context.Context, tenant, who string, n int, lease time.Duration) (all []Record, err error) {
	err = s.write(ctx, lazily, func(t *tx) (err error) {
		all, err = t.records(s.sql(`, review_claims k WHERE`+toReview+` AND k.day = c.day AND k.classification = c.id AND k.tenant = $1 AND k.owner = $2 AND k.until > NOW()
			ORDER BY coalesce(c.confidence, -1), c.id LIMIT $3`), tenant, who, n)
		if err != nil {
			return err
		}
		for _, r := range all {
			if _, err := t.claim(s, r.ID, tenant, who, lease); err != nil {
				return err
			}
		}
		return t.claimMore(s, &all, n, func(id string) (bool, error) { return t.claim(s, id, tenant, who, lease) }, tenant)
	})
	return all, err
}

// claimMore claims what nobody has until there are n of them. Others may be quicker.
func (t *tx) claimMore(s *Store, all *[]Record, n int, claim func(id string) (bool, error), tenant string) error {
	if len(*all) >= n {
		return nil
	}
	free, err := t.records(s.sql(` WHERE`+toReview+` AND NOT EXISTS (SELECT 1 FROM review_claims k WHERE k.classification = c.id AND k.until > NOW())
		ORDER BY coalesce(c.confidence, -1), c.id LIMIT $2`), tenant, 4*n+16)
	if err != nil {
		return err
	}
	for _, r := range free {
		if len(*all) == n {
			return nil
		}
		if ours, err := claim(r.ID); err != nil {
			return err
		} else if ours {
			*all = append(*all, r)
		}
	}
	return nil
}

// claim reports whether a review is its owner's now.
func (t *tx) claim(s *Store, id, tenant, owner string, lease time.Duration) (bool, error) {
	n, err := t.exec(s.sql(`INSERT INTO review_claims AS k (classification, day, tenant, owner, until) VALUES ($1, $2, $3, $4, NOW() + $5)
		ON CONFLICT (classification) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE k.until <= NOW() OR k.owner = excluded.owner`),
		id, dayOf(id), tenant, text(owner), lease.Microseconds())
	return n > 0, err
}

// SetReviewAside leaves an open review to nobody for a while. One that somebody else has is fault.Conflict.
func (s *Store) SetReviewAside(ctx context.Context, tenant, who, id string, pause time.Duration) error {
	if _, err := s.Find(ctx, tenant, id); err != nil {
		return err
	}
	return s.write(ctx, lazily, func(t *tx) error {
		ours, err := t.claim(s, id, tenant, who, pause)
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
		`SELECT count(*) FROM (SELECT 1 AS one FROM classifications c WHERE`+toReview+` LIMIT $2) some`, tenant, MostReviews)
	return n, err
}
