package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// aged returns an answered record of tenant "a" that was made so long ago.
func aged(ago time.Duration, change func(*store.Record)) store.Record {
	at := time.Now().Add(-ago).UTC().Truncate(time.Millisecond)
	r := Finished("a", at, nil)
	r.ID = idAt(rand.New(rand.NewPCG(uint64(ago), 1)), at)
	r.Result.ID = r.ID
	if change != nil {
		change(&r)
	}
	return r
}

func ids(all []store.Record) (ids []string) {
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}

// old are records of many ages, the newest first.
func old(t *testing.T, s *store.Store) (all []store.Record) {
	t.Helper()
	for i, ago := range []time.Duration{0, time.Second, 20 * time.Minute, 59 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 5 * time.Hour, 7 * time.Hour, 9 * time.Hour} {
		all = append(all, aged(ago+time.Duration(i), func(r *store.Record) {
			r.Document.Filename = fmt.Sprintf("Rechnung ÄRZTE* [%d].pdf", i)
			switch i % 3 {
			case 0:
				r.Result.Classification, r.Result.ProviderUsed = "letter", "local"
			case 1:
				r.State, r.Result = store.Failed, new(r.Failure(fault.Corrupt, "it is broken"))
			case 2:
				r.Result.Review = cascade.Review{Needed: true, Reason: cascade.LowConfidence}
			}
			r.Result.Document = r.Document
		}))
	}
	note(t, s, all...)
	return all
}

// A search that has no time looks at little, tells how far it came, and goes on there.
func searches(t *testing.T, s *store.Store) {
	all := old(t, s)
	s.SearchFor = 1
	since := time.Now().Add(-10 * time.Hour)
	for name, f := range map[string]store.Filter{
		"all": {}, "a name": {Name: "ärzte* ["}, "a category": {Category: "letter"}, "a provider": {Provider: "local"}, "for review": {Review: store.Any},
		"failed": {State: store.Failed}, "a source": {Source: store.Sync}, "failed, of a name": {Error: fault.Corrupt, Name: "[4]"}, "nothing": {Name: "ärzte?"},
		"until an hour ago": {Until: time.Now().Add(-time.Hour)}, "unseen in a category": {Category: "letter", Unreviewed: true},
	} {
		f.Since, f.Limit = since, 100
		want, err := s.List(t.Context(), "a", f)
		if err != nil {
			t.Fatal(err)
		}
		var got []store.Record
		pages, back := 0, time.Now().Add(time.Minute)
		for p := (store.Page{Next: "begin"}); p.Next != ""; pages++ {
			if p, err = s.Search(t.Context(), "a", f); err != nil {
				t.Fatal(err)
			}
			if p.Next != "" && (!store.IsID(p.Next) || !p.Back.Before(back)) {
				t.Fatalf("%s: after %v it goes on at %q, %v", name, back, p.Next, p.Back)
			}
			got, f.Before, back = append(got, p.Records...), p.Next, p.Back
		}
		if !slices.Equal(ids(got), ids(want)) || pages < 50 {
			t.Errorf("%s: %d on %d pages, want %d", name, len(got), pages, len(want))
		}
	}
	s.SearchFor = time.Minute
	if p, err := s.Search(t.Context(), "a", store.Filter{Limit: 4}); err != nil || !slices.Equal(ids(p.Records), ids(all[:4])) || p.Next != all[3].ID || !p.Back.IsZero() {
		t.Errorf("four: %v, then %q, %v, %v", ids(p.Records), p.Next, p.Back, err)
	}
}

// A search that has time finds what is years old, and ends.
func searchesFar(t *testing.T, s *store.Store) {
	all := append(old(t, s), aged(50*24*time.Hour, nil), aged(1500*24*time.Hour, nil))
	note(t, s, all[10:]...)
	s.SearchFor = time.Minute
	for _, f := range []store.Filter{{}, {Name: ".txt"}, {Category: "invoice"}, {Source: store.Sync}, {Until: time.Now().Add(-7 * time.Hour)}} {
		f.Limit = 100
		p, err := s.Search(t.Context(), "a", f)
		if err != nil || p.Next != "" || !p.Back.IsZero() || len(p.Records) == 0 || p.Records[len(p.Records)-1].ID != all[11].ID {
			t.Errorf("%+v: %v, then %q, %v, %v", f, ids(p.Records), p.Next, p.Back, err)
		}
		f.Limit, f.Ascending = 3, true
		p, err = s.Search(t.Context(), "a", f)
		if err != nil || len(p.Records) < 2 || p.Records[0].ID != all[11].ID || p.Next != "" && p.Next != p.Records[2].ID {
			t.Errorf("%+v: %v, then %q, %v", f, ids(p.Records), p.Next, err)
		}
	}
}
