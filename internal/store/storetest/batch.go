package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// finish has a worker answer up to n jobs.
func finish(t *testing.T, s *store.Store, n int, change func(*store.Record)) {
	t.Helper()
	for _, j := range take(t, s, "w", n, time.Minute) {
		r, err := s.Find(t.Context(), j.Tenant, j.ID)
		if err != nil {
			t.Fatal(err)
		}
		r.State, r.Finished, r.Result = store.Completed, time.Now(), Answer(r)
		if change != nil {
			change(&r)
		}
		if err := s.Finish(t.Context(), j, r); err != nil {
			t.Fatal(err)
		}
	}
}

func failed(r *store.Record) {
	r.State, r.Result = store.Failed, new(r.Failure(fault.Corrupt, "it is broken"))
}

func list(t *testing.T, s *store.Store, tenant string, f store.Filter) (ids []string) {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	all, err := s.List(t.Context(), tenant, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}

func lists(t *testing.T, s *store.Store) {
	var ids []string
	for range 6 {
		r := Record("a")
		submit(t, s, r)
		ids = append(ids, r.ID)
	}
	submit(t, s, Record("b"))
	finish(t, s, 1, nil)                    // a's first
	finish(t, s, 1, failed)                 // b's
	finish(t, s, 1, failed)                 // a's second
	finish(t, s, 1, func(r *store.Record) { // a's third
		r.Result.Classification, r.Result.Review = "letter", cascade.Review{Needed: true, Reason: cascade.LowConfidence}
	})
	take(t, s, "w", 1, time.Minute)
	old, now := time.Now().Add(-time.Hour), time.Now().Add(time.Minute)
	tests := []struct {
		name string
		f    store.Filter
		want []int // of ids
	}{
		{"all, the newest first", store.Filter{}, []int{5, 4, 3, 2, 1, 0}},
		{"as many as are wanted", store.Filter{Limit: 2}, []int{5, 4}},
		{"the next ones", store.Filter{Limit: 2, Before: ids[4]}, []int{3, 2}},
		{"after the last", store.Filter{Before: ids[0]}, nil},
		{"by state", store.Filter{State: store.Completed}, []int{2, 0}},
		{"that run", store.Filter{State: store.Running}, []int{3}},
		{"that wait", store.Filter{State: store.Queued}, []int{5, 4}},
		{"by category", store.Filter{Category: "letter"}, []int{2}},
		{"for review", store.Filter{Review: store.Any}, []int{2, 1}},
		{"by the reason of the review", store.Filter{Review: cascade.LowConfidence}, []int{2}},
		{"with an error", store.Filter{Error: store.Any}, []int{1}},
		{"by error", store.Filter{Error: fault.Corrupt}, []int{1}},
		{"by provider", store.Filter{Provider: "openai"}, []int{2, 0}},
		{"since an hour", store.Filter{Since: old, Until: now}, []int{5, 4, 3, 2, 1, 0}},
		{"until an hour ago", store.Filter{Until: old}, nil},
		{"one", store.Filter{ID: ids[3]}, []int{3}},
		{"of no batch that there is", store.Filter{Batch: store.NewID()}, nil},
		{"by a part of the name", store.Filter{Name: "& <LATER>"}, []int{5, 4, 3, 2, 1, 0}},
		{"by a part with letters of others", store.Filter{Name: "LÄTER"}, []int{5, 4, 3, 2, 1, 0}},
		{"by letters of others alone", store.Filter{Name: "Ä"}, []int{5, 4, 3, 2, 1, 0}},
		{"by a part that is no pattern", store.Filter{Name: "l%r"}, nil},
		{"by a part that is none either", store.Filter{Name: "l?ter"}, nil},
		{"by a part with other letters", store.Filter{Name: "lötER"}, nil},
		{"canceled", store.Filter{State: store.Canceled}, nil},
		{"that failed", store.Filter{State: store.Failed}, []int{1}},
		{"by category and provider", store.Filter{Category: "letter", Provider: "openai"}, []int{2}},
		{"by name and category", store.Filter{Name: "later", Category: "letter"}, []int{2}},
		{"for review in a category", store.Filter{Review: store.Any, Unreviewed: true, Category: "letter"}, []int{2}},
		{"by digest", store.Filter{SHA256: "cd"}, nil},
	}
	for _, tt := range tests {
		var want []string
		for _, i := range tt.want {
			want = append(want, ids[i])
		}
		if got := list(t, s, "a", tt.f); !slices.Equal(got, want) {
			t.Errorf("%s: %d of them, %v, want %v", tt.name, len(got), got, want)
		}
	}
}

func cancels(t *testing.T, s *store.Store) {
	waits, runs, done := Record("a"), Record("a"), Record("a")
	submit(t, s, done)
	finish(t, s, 1, nil)
	submit(t, s, runs)
	j := take(t, s, "w", 1, time.Minute)[0]
	submit(t, s, waits)
	for _, tt := range []struct {
		name, tenant, id string
		want             int
	}{
		{"one that waits", "a", waits.ID, 1}, {"one that runs", "a", runs.ID, 1}, {"one that is done", "a", done.ID, 0},
		{"again", "a", waits.ID, 0}, {"another tenant's", "b", waits.ID, 0},
	} {
		if n, err := s.Cancel(t.Context(), tt.tenant, store.Filter{ID: tt.id}); err != nil || n != tt.want {
			t.Errorf("%s: %d, %v, want %d", tt.name, n, err, tt.want)
		}
	}
	if r, err := s.Find(t.Context(), "a", waits.ID); err != nil || r.State != store.Canceled || r.Result.Error.Code != fault.Canceled {
		t.Errorf("found %+v, %v", r, err)
	}
	runs.State, runs.Result = store.Completed, Answer(runs)
	if err := s.Finish(t.Context(), j, runs); fault.KindOf(err) != store.Fenced {
		t.Errorf("its worker finishes it: %v", err)
	}
}

func batches(t *testing.T, s *store.Store) {
	b := store.BatchInfo{ID: store.NewID(), Tenant: "a", Name: "mönday", State: store.BatchOpen, Created: time.Now().UTC().Truncate(time.Microsecond)}
	b.Request.Taxonomy = "finance"
	if err := s.NewBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if got, err := s.FindBatch(t.Context(), "a", b.ID); err != nil || got.Name != b.Name || got.Request.Taxonomy != "finance" || !got.Created.Equal(b.Created) {
		t.Errorf("found %+v, %v", got, err)
	}
	for _, id := range []string{"", "x", store.NewID()} {
		if err := s.SubmitTo(t.Context(), "a", id, Record("a")); fault.KindOf(err) != fault.Conflict {
			t.Errorf("submitted to batch %q: %v", id, err)
		}
	}
	if _, err := s.FindBatch(t.Context(), "b", b.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another tenant finds it: %v", err)
	}
	if err := s.SubmitTo(t.Context(), "b", b.ID, Record("b")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another tenant adds to it: %v", err)
	}
	if err := s.SubmitTo(t.Context(), "a", b.ID, Record("a"), Record("a"), Record("a")); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseBatch(t.Context(), "a", b.ID, store.BatchClosed); err != nil {
		t.Fatal(err)
	}
	if err := s.SubmitTo(t.Context(), "a", b.ID, Record("a")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("submitted to a closed batch: %v", err)
	}
	finish(t, s, 2, nil)
	if done, err := s.FinishBatches(t.Context()); err != nil || len(done) != 0 {
		t.Errorf("finished early: %v, %v", done, err)
	}
	finish(t, s, 1, failed)
	want := store.Progress{Completed: 2, Failed: 1, Cost: 104_000, Known: true}
	if p, err := s.Progress(t.Context(), "a", b.ID); err != nil || p != want {
		t.Errorf("progress %+v, %v, want %+v", p, err, want)
	}
	for i, want := range []int{1, 0} {
		if done, err := s.FinishBatches(t.Context()); err != nil || len(done) != want {
			t.Errorf("%d: finished %v, %v", i, done, err)
		}
	}
	if n, err := s.Retry(t.Context(), "a", store.Filter{Batch: b.ID}); err != nil || n != 1 {
		t.Errorf("again: %d, %v", n, err)
	}
	finish(t, s, 1, nil)
	if p, err := s.Progress(t.Context(), "a", b.ID); err != nil || p.Completed != 3 || p.Failed != 0 {
		t.Errorf("progress %+v, %v", p, err)
	}
	if done, err := s.FinishBatches(t.Context()); err != nil || len(done) != 1 {
		t.Errorf("finished again: %v, %v", done, err)
	}
	if all, err := s.Batches(t.Context(), "a", "", 10); err != nil || len(all) != 1 {
		t.Errorf("batches %v, %v", all, err)
	}
	if all, err := s.Batches(t.Context(), "a", b.ID, 10); err != nil || len(all) != 0 {
		t.Errorf("batches before it %v, %v", all, err)
	}
}

func feedback(t *testing.T, s *store.Store) {
	r := Record("a")
	submit(t, s, r)
	f := store.Feedback{Classification: r.ID, Category: "letter", By: "ann", Note: "it has a seal"}
	if _, err := s.GiveFeedback(t.Context(), "a", f); fault.KindOf(err) != fault.Conflict {
		t.Errorf("before there is an answer: %v", err)
	}
	finish(t, s, 1, func(r *store.Record) {
		r.Result.Review = cascade.Review{Needed: true, Reason: cascade.LowConfidence}
		r.Result.Model, r.Result.Confidence = "m", new(0.7)
	})
	open := store.Filter{Review: store.Any, Unreviewed: true}
	if n := len(list(t, s, "a", open)); n != 1 {
		t.Errorf("%d wait for review, want 1", n)
	}
	if _, err := s.GiveFeedback(t.Context(), "b", f); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of another tenant: %v", err)
	}
	got, err := s.GiveFeedback(t.Context(), "a", f)
	if err != nil || got.Was != "invoice" {
		t.Errorf("%+v, %v", got, err)
	}
	if n := len(list(t, s, "a", open)); n != 0 {
		t.Errorf("%d wait for review, want none", n)
	}
	for _, of := range []string{r.ID, ""} {
		if all, err := s.FeedbackOn(t.Context(), "a", of, "", 10); err != nil || len(all) != 1 || all[0] != got {
			t.Errorf("on %q: %+v, %v", of, all, err)
		}
	}
	if all, err := s.FeedbackOn(t.Context(), "b", r.ID, "", 10); err != nil || len(all) != 0 {
		t.Errorf("another tenant sees %+v, %v", all, err)
	}
	for _, category := range []string{"letter", "invoice"} { // the latest word counts
		want := store.Judged{Model: "m", Confidence: 0.7, Right: category == "invoice"}
		if all, err := s.Judged(t.Context(), 10); err != nil || len(all) != 1 || all[0] != want {
			t.Errorf("judged: %+v, %v, want %+v", all, err, want)
		}
		f.Category = "invoice"
		if _, err := s.GiveFeedback(t.Context(), "a", f); err != nil {
			t.Error(err)
		}
	}
}
