package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// doubtful makes open reviews of a tenant's, one for each confidence; below 0 there is none. It returns their ids.
func doubtful(t *testing.T, s *store.Store, tenant string, confidences ...float64) []string {
	t.Helper()
	var ids []string
	for _, c := range confidences {
		r := Record(tenant)
		submit(t, s, r)
		ids = append(ids, r.ID)
		finish(t, s, 1, func(r *store.Record) {
			r.Result.Confidence, r.Result.Review = &c, cascade.Review{Needed: true, Reason: cascade.LowConfidence, Risk: 1 - c}
			if c < 0 {
				r.Result.Confidence, r.Result.Review.Risk = nil, 1
			}
		})
	}
	return ids
}

func claimed(t *testing.T, s *store.Store, tenant, who string, n int, lease time.Duration) []string {
	t.Helper()
	all, err := s.ClaimReviews(t.Context(), tenant, who, n, lease)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}

func reviews(t *testing.T, s *store.Store) {
	id := doubtful(t, s, "a", 0.7, 0.3, -1, 0.5)
	doubtful(t, s, "b", 0.1)
	submit(t, s, Record("a")) // which has no answer yet
	want := func(what string, got []string, of ...int) {
		t.Helper()
		w := []string{}
		for _, i := range of {
			w = append(w, id[i])
		}
		if !slices.Equal(got, w) {
			t.Errorf("%s: %v, want %v", what, got, w)
		}
	}
	want("the riskiest first", claimed(t, s, "a", "ann", 2, time.Minute), 2, 1)
	want("what nobody has", claimed(t, s, "a", "bob", 2, 2*time.Second), 3, 0)
	want("what one has already, the oldest first", claimed(t, s, "a", "ann", 2, time.Minute), 1, 2)
	want("nothing is left", claimed(t, s, "a", "cid", 2, time.Minute))
	time.Sleep(2100 * time.Millisecond)
	want("whose lease has ended", claimed(t, s, "a", "cid", 1, time.Minute), 3)

	if err := s.SetReviewAside(t.Context(), "a", "bob", id[1], time.Minute); fault.KindOf(err) != fault.Conflict {
		t.Errorf("set aside what another has: %v", err)
	}
	if err := s.SetReviewAside(t.Context(), "b", "ann", id[1], time.Minute); fault.KindOf(err) != fault.NotFound {
		t.Errorf("set aside another tenant's: %v", err)
	}
	if err := s.SetReviewAside(t.Context(), "a", "ann", id[1], time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GiveFeedback(t.Context(), "a", store.Feedback{Classification: id[2], Category: "letter"}); err != nil {
		t.Fatal(err)
	}
	want("neither what is set aside nor what is decided", claimed(t, s, "a", "ann", 4, time.Minute), 0)
	if n, err := s.CountReviews(t.Context(), "a"); n != 3 || err != nil {
		t.Errorf("%d wait, %v; want 3", n, err)
	}
}

// Of many who ask at once, each is given others.
func reviewsAtOnce(t *testing.T, s *store.Store) {
	doubtful(t, s, "a", slices.Repeat([]float64{0.4}, 40)...)
	var mu sync.Mutex
	given := make(map[string]string)
	var clerks sync.WaitGroup
	for _, who := range []string{"ann", "bob", "cid", "dee"} {
		clerks.Go(func() {
			for n := range 10 {
				for _, id := range claimed(t, s, "a", who, n+1, time.Minute) {
					mu.Lock()
					if other, taken := given[id]; taken && other != who {
						t.Errorf("%s is given to %s and to %s", id, other, who)
					}
					given[id] = who
					mu.Unlock()
				}
			}
		})
	}
	clerks.Wait()
	if len(given) < 30 {
		t.Errorf("only %d were given away", len(given))
	}
}
