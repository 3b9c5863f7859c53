package storetest

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

const aLot = time.Hour // longer than any test

func claim(t *testing.T, s *store.Store, owner string, lease time.Duration) (string, bool) {
	t.Helper()
	answer, mine, err := s.Claim(t.Context(), "k", owner, lease)
	if err != nil {
		t.Fatal(err)
	}
	return answer, mine
}

func land(t *testing.T, s *store.Store, owner, answer string, ttl time.Duration) {
	t.Helper()
	if err := s.Land(t.Context(), "k", owner, answer, ttl); err != nil {
		t.Fatal(err)
	}
}

func look(t *testing.T, s *store.Store) (string, bool) {
	t.Helper()
	answer, flying, err := s.Look(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	return answer, flying
}

func flights(t *testing.T, s *store.Store) {
	if answer, flying := look(t, s); answer != "" || flying {
		t.Errorf("before anything: %q, %v", answer, flying)
	}
	if answer, mine := claim(t, s, "a", aLot); answer != "" || !mine {
		t.Errorf("the first: %q, %v", answer, mine)
	}
	if _, mine := claim(t, s, "b", aLot); mine {
		t.Error("two have one flight")
	}
	land(t, s, "b", "", 0) // which is not b's to end
	if _, flying := look(t, s); !flying {
		t.Error("somebody else ended the flight")
	}
	land(t, s, "a", "yes", aLot)
	if answer, flying := look(t, s); answer != "yes" || flying {
		t.Errorf("afterwards: %q, %v", answer, flying)
	}
	if answer, mine := claim(t, s, "b", aLot); answer != "yes" || mine {
		t.Errorf("the next: %q, %v", answer, mine)
	}
	if _, flying := look(t, s); flying {
		t.Error("who found an answer still has the flight")
	}
	land(t, s, "b", "no", aLot)
	if answer, _ := look(t, s); answer != "no" {
		t.Errorf("a newer answer: %q", answer)
	}
}

func deadFlights(t *testing.T, s *store.Store) {
	claim(t, s, "a", 0)
	if _, flying := look(t, s); flying {
		t.Error("a lease that has ended holds")
	}
	if _, mine := claim(t, s, "b", 0); !mine {
		t.Error("a flight whose owner died is not to be had")
	}
	if err := s.Renew(t.Context(), "k", "b", aLot); err != nil {
		t.Fatal(err)
	}
	if _, mine := claim(t, s, "c", aLot); mine {
		t.Error("a lease that was renewed did not hold")
	}
	land(t, s, "b", "", 0)
	if _, mine := claim(t, s, "c", aLot); !mine {
		t.Error("a flight that brought nothing is not to be had again")
	}
}

// Of many claims at the same moment one is granted, and nobody who claims after an answer was kept
// asks again.
func flightRace(t *testing.T, s *store.Store) {
	var granted atomic.Int64
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			owner := strings.Repeat("x", i+1)
			for range 100 {
				answer, mine, err := s.Claim(t.Context(), "k", owner, aLot)
				switch {
				case err != nil:
					t.Error(err)
					return
				case mine:
					granted.Add(1)
					if err := s.Land(t.Context(), "k", owner, "yes", aLot); err != nil {
						t.Error(err)
					}
					return
				case answer != "":
					return
				}
			}
		})
	}
	all.Wait()
	if n := granted.Load(); n != 1 {
		t.Errorf("%d flights, want one", n)
	}
}

func swept(t *testing.T, s *store.Store) {
	claim(t, s, "a", aLot)
	land(t, s, "a", "old", 0)
	if answer, _ := look(t, s); answer != "" {
		t.Errorf("an answer whose time has passed: %q", answer)
	}
	if _, err := s.Begin(t.Context(), store.Once{Tenant: "a", Key: "k", Sum: "1", Owner: "x"}, 0); err != nil {
		t.Fatal(err)
	}
	claim(t, s, "b", aLot)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, flying := look(t, s); !flying {
		t.Error("a flight that is under way was swept away")
	}
}

func request(tenant, sum, owner string) store.Once {
	return store.Once{Tenant: tenant, Key: "k", Sum: sum, Owner: owner}
}

func beginOnce(t *testing.T, s *store.Store, o store.Once, lease time.Duration) (*store.Reply, fault.Kind) {
	t.Helper()
	r, err := s.Begin(t.Context(), o, lease)
	return r, fault.KindOf(err)
}

func idempotent(t *testing.T, s *store.Store) {
	o := request("a", "1", "x")
	if r, kind := beginOnce(t, s, o, aLot); r != nil || kind != "" {
		t.Fatalf("the first: %v, %s", r, kind)
	}
	if r, kind := beginOnce(t, s, request("a", "1", "y"), aLot); r != nil || kind != store.InProgress {
		t.Errorf("while it is under way: %v, %s", r, kind)
	}
	if r, kind := beginOnce(t, s, request("a", "2", "y"), aLot); r != nil || kind != store.Mismatch {
		t.Errorf("another request: %v, %s", r, kind)
	}
	if r, kind := beginOnce(t, s, request("b", "2", "y"), aLot); r != nil || kind != "" {
		t.Errorf("another tenant: %v, %s", r, kind)
	}
	want := store.Reply{Status: 200, Kind: "application/json", Location: "/v1/x", Body: []byte("{\"a\":\"\x00\xff\"}")}
	if err := s.Replied(t.Context(), o, want, aLot); err != nil {
		t.Fatal(err)
	}
	if r, kind := beginOnce(t, s, request("a", "1", "y"), aLot); kind != "" || r == nil || r.Status != 200 || r.Kind != want.Kind || r.Location != want.Location || !bytes.Equal(r.Body, want.Body) {
		t.Errorf("afterwards: %+v, %s", r, kind)
	}
	if _, kind := beginOnce(t, s, request("a", "2", "y"), aLot); kind != store.Mismatch {
		t.Errorf("another request afterwards: %s", kind)
	}
	if err := s.Release(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if r, _ := beginOnce(t, s, request("a", "1", "y"), aLot); r == nil {
		t.Error("a reply was given up")
	}
}

func idempotentDeath(t *testing.T, s *store.Store) {
	x, y := request("a", "1", "x"), request("a", "1", "y")
	beginOnce(t, s, x, 0)
	if r, kind := beginOnce(t, s, y, aLot); r != nil || kind != "" {
		t.Fatalf("after its owner died: %v, %s", r, kind)
	}
	if err := s.Prolong(t.Context(), x, aLot); fault.KindOf(err) != store.Fenced {
		t.Errorf("the dead renews: %v", err)
	}
	if err := s.Replied(t.Context(), x, store.Reply{Status: 200}, aLot); fault.KindOf(err) != store.Fenced {
		t.Errorf("the dead replies: %v", err)
	}
	if err := s.Release(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if _, kind := beginOnce(t, s, x, aLot); kind != store.InProgress {
		t.Errorf("the dead gave up what is another's: %s", kind)
	}
	if err := s.Prolong(t.Context(), y, aLot); err != nil {
		t.Error(err)
	}
	if err := s.Release(t.Context(), y); err != nil {
		t.Fatal(err)
	}
	if r, kind := beginOnce(t, s, request("a", "2", "z"), aLot); r != nil || kind != "" {
		t.Errorf("after it was given up: %v, %s", r, kind)
	}
}

func idempotentSubmit(t *testing.T, s *store.Store) {
	x, y := request("a", "1", "x"), request("a", "1", "y")
	said := store.Reply{Status: 202, Body: []byte("queued")}
	beginOnce(t, s, x, 0) // and then is silent for too long
	beginOnce(t, s, y, aLot)
	late := Record("a")
	if err := s.SubmitOnce(t.Context(), x, said, aLot, late); fault.KindOf(err) != store.InProgress {
		t.Errorf("one whose request is another's by now: %v", err)
	}
	if _, err := s.Find(t.Context(), "a", late.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("it is kept all the same: %v", err)
	}
	r := Record("a")
	if err := s.SubmitOnce(t.Context(), y, said, aLot, r); err != nil {
		t.Fatal(err)
	}
	if err := s.Release(t.Context(), y); err != nil { // by one who has not heard that it is kept
		t.Fatal(err)
	}
	if before, kind := beginOnce(t, s, request("a", "1", "z"), aLot); kind != "" || before == nil || string(before.Body) != "queued" {
		t.Errorf("asked again: %+v, %s", before, kind)
	}
	if _, err := s.Find(t.Context(), "a", r.ID); err != nil {
		t.Error(err)
	}
	if err := s.Replied(t.Context(), y, store.Reply{Status: 200, Body: []byte("done")}, aLot); err != nil {
		t.Fatal(err)
	}
	if before, _ := beginOnce(t, s, request("a", "1", "z"), aLot); before == nil || string(before.Body) != "done" {
		t.Errorf("asked again when it is done: %+v", before)
	}
}
