package storetest

import (
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/store"
)

// health holds that a store says how it fares, and leaves nothing behind.
func health(t *testing.T, s *store.Store) {
	h, err := s.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.Version < 7 || h.Bytes <= 0 || h.Commit <= 0 || h.Ahead.Abs() > time.Minute || !h.Oldest.IsZero() || len(h.Judged) != 0 {
		t.Errorf("an empty store: %+v", h)
	}
	sure := 0.9
	for range 2 {
		r := store.Record{ID: store.NewID(), Tenant: "a", State: store.Queued, Source: store.Async, Created: time.Now()}
		if err := s.Submit(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := s.Take(t.Context(), store.Classify, "w", 1, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	if h, err = s.Health(t.Context()); err != nil || h.Jobs.Waiting != 1 || h.Jobs.Running != 1 || h.Workers != 1 || h.Oldest.IsZero() {
		t.Errorf("with work: %+v, %v", h, err)
	}
	r, err := s.Find(t.Context(), "a", jobs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	res := docsift.Result{ID: r.ID, Status: docsift.Completed}
	res.Classification, res.Confidence, res.Model = "invoice", &sure, "m"
	r.State, r.Finished, r.Result = store.Completed, time.Now(), &res
	if err := s.Finish(t.Context(), jobs[0], r); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GiveFeedback(t.Context(), "a", store.Feedback{Classification: r.ID, Category: "receipt"}); err != nil {
		t.Fatal(err)
	}
	if h, err = s.Health(t.Context()); err != nil || len(h.Judged) != 1 || h.Judged[0] != (store.Judged{Model: "m", Confidence: 0.9}) || h.Workers != 0 {
		t.Errorf("with feedback: %+v, %v", h, err)
	}
}
