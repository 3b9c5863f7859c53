package storetest

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

func deliveryWay(t *testing.T, s *store.Store) {
	w := Webhook(t, s, "a")
	Finish(t, s, "a", store.Completed)
	first := notice(t, s)
	now := func() store.Delivery {
		t.Helper()
		d, err := s.Delivery(t.Context(), "a", first.ID)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	finish := func(j store.Job, o store.Outcome) {
		t.Helper()
		if err := s.FinishDelivery(t.Context(), j, o); err != nil {
			t.Fatal(err)
		}
	}
	finish(first, store.Outcome{State: store.Waiting, Sent: true, Status: 500, Error: "answered 500", After: time.Hour})
	if d := now(); d.State != store.Waiting || d.Attempts != 1 || d.Status != 500 || d.Error != "answered 500" || !d.Finished.IsZero() || time.Until(d.Next) < 50*time.Minute {
		t.Errorf("failed: %+v", d)
	}
	if err := s.FinishDelivery(t.Context(), store.Job{Kind: first.Kind, ID: first.ID, Tenant: "a"}, store.Outcome{State: store.Delivered, Sent: true}); fault.KindOf(err) != store.Fenced {
		t.Errorf("by who has it not: %v", err)
	}
	if err := s.Replay(t.Context(), "a", w.ID, first.ID); err != nil {
		t.Fatal(err)
	}
	second := notice(t, s) // at once, and not in an hour
	if d := now(); d.Attempts != 0 {
		t.Errorf("sent again: %+v", d)
	}
	finish(second, store.Outcome{State: store.Dead, Sent: true, Error: "no answer"})
	if d := now(); d.State != store.Dead || d.Attempts != 1 || d.Status != 0 || d.Finished.IsZero() || !d.Next.IsZero() {
		t.Errorf("dead: %+v", d)
	}
	if err := s.Replay(t.Context(), "a", w.ID, first.ID); err != nil {
		t.Fatal(err)
	}
	third := notice(t, s)
	if third.ID != first.ID {
		t.Errorf("sent again as %s, was %s", third.ID, first.ID)
	}
	finish(third, store.Outcome{State: store.Delivered, Sent: true, Status: 204})
	if d := now(); d.State != store.Delivered || d.Error != "" || d.Status != 204 || d.Finished.IsZero() {
		t.Errorf("delivered: %+v", d)
	}
	if depth, err := s.Depth(t.Context(), store.Notify); err != nil || depth != (store.Depth{}) {
		t.Errorf("jobs %+v, %v", depth, err)
	}
}

func deliveryMeets(t *testing.T, s *store.Store) {
	w := Webhook(t, s, "a")
	Finish(t, s, "a", store.Completed)
	id := deliveries(t, s, w)[0].ID
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 40 {
				if err := s.Replay(t.Context(), "a", w.ID, id); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for n := range 40 {
				jobs, err := s.Take(t.Context(), store.Notify, "n", 1, time.Minute)
				if err != nil {
					t.Error(err)
				}
				for _, j := range jobs {
					o := store.Outcome{State: []store.DeliveryState{store.Waiting, store.Dead}[n%2], Sent: true}
					if err := s.FinishDelivery(t.Context(), j, o); err != nil && fault.KindOf(err) != store.Fenced {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	if err := s.Replay(t.Context(), "a", w.ID, id); err != nil {
		t.Fatal(err)
	}
	if err := s.FinishDelivery(t.Context(), notice(t, s), store.Outcome{State: store.Delivered, Sent: true}); err != nil {
		t.Fatal(err)
	}
	if d := deliveries(t, s, w)[0]; d.State != store.Delivered || d.Attempts != 1 {
		t.Errorf("delivery %+v", d)
	}
}

func deliveryOff(t *testing.T, s *store.Store) {
	w, other := Webhook(t, s, "a"), Webhook(t, s, "a")
	Finish(t, s, "a", store.Completed)
	j := notice(t, s)
	d, err := s.Delivery(t.Context(), "a", j.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d.Webhook == other.ID {
		w, other = other, w
	}
	if err := s.FinishDelivery(t.Context(), j, store.Outcome{State: store.Dead, Sent: true, Status: 410, Error: "answered 410", SwitchOff: "answered 410"}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Webhook(t.Context(), "a", w.ID); err != nil || got.Enabled || got.Reason != "answered 410" {
		t.Errorf("it is %+v, %v", got, err)
	}
	if got, err := s.Webhook(t.Context(), "a", other.ID); err != nil || !got.Enabled {
		t.Errorf("the other is %+v, %v", got, err)
	}
	Finish(t, s, "a", store.Completed)
	if n := len(deliveries(t, s, w)); n != 1 {
		t.Errorf("it has %d deliveries, want the old one", n)
	}
}

func deliveryPages(t *testing.T, s *store.Store) {
	w := Webhook(t, s, "a")
	for range 5 {
		if _, err := s.TestWebhook(t.Context(), "a", w.ID); err != nil {
			t.Fatal(err)
		}
	}
	all := deliveries(t, s, w)
	if len(all) != 5 || all[0].Type != store.WebhookTest || !slices.IsSortedFunc(all, func(a, b store.Delivery) int { return strings.Compare(b.ID, a.ID) }) {
		t.Fatalf("deliveries %+v", all)
	}
	var paged []string
	before := ""
	for {
		page, err := s.Deliveries(t.Context(), "a", w.ID, store.Waiting, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page {
			paged, before = append(paged, d.ID), d.ID
		}
		if len(page) < 2 {
			break
		}
	}
	for i, d := range all {
		if i >= len(paged) || paged[i] != d.ID {
			t.Fatalf("pages %v", paged)
		}
	}
	if dead, err := s.Deliveries(t.Context(), "a", w.ID, store.Dead, "", 2); err != nil || len(dead) != 0 {
		t.Errorf("dead %+v, %v", dead, err)
	}
	if _, err := s.Deliveries(t.Context(), "a", w.ID, "lost", "", 2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a state that is none: %v", err)
	}
	if _, err := s.Deliveries(t.Context(), "a", w.ID, "", "x\x00", 2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a cursor that is none: %v", err)
	}
}

func deliveryOld(t *testing.T, s *store.Store) {
	w := Webhook(t, s, "a")
	old := Record("a")
	old.ID = dated(t, time.Now().Add(-72*time.Hour))
	submit(t, s, old)
	j := take(t, s, "w", 1, time.Minute)[0]
	old.State, old.Result = store.Completed, &docsift.Result{}
	if err := s.Finish(t.Context(), j, old); err != nil {
		t.Fatal(err)
	}
	fresh := Finish(t, s, "a", store.Completed)
	if n := len(deliveries(t, s, w)); n != 2 {
		t.Fatalf("%d deliveries", n)
	}
	if err := s.Maintain(t.Context(), 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	left := deliveries(t, s, w)
	if s.Engine() == "sqlite3" && (len(left) != 1 || left[0].Subject != fresh.ID) {
		t.Errorf("left %+v", left)
	}
}

// dated returns an id that was made at another time.
func dated(t *testing.T, at time.Time) string {
	t.Helper()
	u := uuid.MustParse(store.NewID())
	ms := at.UnixMilli()
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	return u.String()
}
