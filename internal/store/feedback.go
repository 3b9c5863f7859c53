package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/docsift/docsift/fault"
)

// Feedback is what a person says that a document really is.
type Feedback struct {
	ID             string    `json:"id"`
	Classification string    `json:"classification"` // the id of the answer
	Category       string    `json:"category"`
	Was            string    `json:"was"` // what the answer was
	By             string    `json:"by"`
	Note           string    `json:"note"`
	At             time.Time `json:"at"`
}

// GiveFeedback keeps what a person says of a document of a tenant, which is reviewed by that.
// One that has no answer yet is fault.Conflict.
func (s *Store) GiveFeedback(ctx context.Context, tenant string, f Feedback) (Feedback, error) {
	r, err := s.Find(ctx, tenant, f.Classification)
	if err != nil {
		return f, err
	}
	if r.Result == nil {
		return f, fault.New(fault.Conflict, nil, "it has no answer yet")
	}
	f.ID, f.Was, f.At = NewID(), r.Result.Classification, time.Now().UTC().Truncate(time.Microsecond)
	return f, s.write(ctx, faithfully, func(t *tx) error {
		_, err := t.exec(`INSERT INTO feedback (id, tenant, classification, category, was, by, note, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			f.ID, tenant, f.Classification, f.Category, f.Was, text(f.By), text(f.Note), microseconds(f.At))
		if err != nil {
			return err
		}
		if _, err = t.exec(`UPDATE classifications SET reviewed_at = $1 WHERE day = $2 AND id = $3`, microseconds(f.At), dayOf(r.ID), r.ID); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM review_claims WHERE classification = $1`, r.ID); err != nil {
			return err
		}
		return t.announce(s, event{kind: ClassificationReviewed, tenant: tenant, subject: r.ID, again: f.ID, data: struct {
			Feedback
			Links links `json:"links"`
		}{f, links{Self: "/v1/classifications/" + r.ID}}})
	})
}

// FeedbackOn returns what was said of a tenant's classification, the oldest first; of all of them,
// the newest first from before an id on, where the classification is "".
func (s *Store) FeedbackOn(ctx context.Context, tenant, classification, before string, limit int) (all []Feedback, err error) {
	query, args := ` WHERE tenant = $1 AND classification = $2 ORDER BY id LIMIT $3`, []any{tenant, classification, limit}
	if classification == "" {
		if before == "" {
			before = "g" // after every id
		}
		query, args = ` WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, []any{tenant, before, limit}
	}
	err = s.read(ctx, func(row *sql.Rows) error {
		var f Feedback
		var at int64
		err := row.Scan(&f.ID, &f.Classification, &f.Category, &f.Was, &f.By, &f.Note, &at)
		f.At = moment(at)
		all = append(all, f)
		return err
	}, `SELECT id, classification, category, was, by, note, at FROM feedback`+query, args...)
	return all, err
}

// Judged is an answer of which a person has said whether it was right.
type Judged struct {
	Model      string
	Confidence float64
	Right      bool
}

// Judged returns the latest answers, up to n, of all tenants, of which a person has said what is right, and
// that had a confidence.
func (s *Store) Judged(ctx context.Context, n int) (all []Judged, err error) {
	right := make(map[int]map[string]bool) // by day and id
	err = s.read(ctx, func(row *sql.Rows) error {
		var id, category, was string
		err := row.Scan(&id, &category, &was)
		of := right[dayOf(id)]
		if of == nil {
			of = make(map[string]bool)
			right[dayOf(id)] = of
		}
		if _, later := of[id]; !later {
			of[id] = category == was
		}
		return err
	}, `SELECT classification, category, was FROM feedback ORDER BY id DESC LIMIT $1`, n)
	for day, of := range right {
		for ids := range slices.Chunk(slices.Collect(maps.Keys(of)), 500) {
			if err == nil {
				err = s.judged(ctx, &all, day, ids, of)
			}
		}
	}
	return all, err
}

func (s *Store) judged(ctx context.Context, all *[]Judged, day int, ids []string, right map[string]bool) error {
	args := []any{day}
	for _, id := range ids {
		args = append(args, id)
	}
	return s.read(ctx, func(row *sql.Rows) error {
		var j Judged
		var id string
		err := row.Scan(&id, &j.Model, &j.Confidence)
		j.Right = right[id]
		*all = append(*all, j)
		return err
	}, `SELECT id, model, confidence FROM classifications WHERE day = $1 AND confidence IS NOT NULL AND model <> '' AND id IN `+tuples(1, len(ids), 2), args...)
}
