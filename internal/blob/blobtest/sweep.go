package blobtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/blob"
)

func swept(t *testing.T, p Place) {
	const day = 24 * time.Hour
	docs := []struct {
		text    string
		age     time.Duration
		needed  bool // it is still to be classified
		known   bool // it was classified
		forgets []blob.Retention
	}{
		{"just put", 0, false, false, nil},
		{"put a while ago", time.Hour, false, true, []blob.Retention{0}},
		{"waits for long", 30 * day, true, true, nil},
		{"classified", 5 * day, false, true, []blob.Retention{0}},
		{"classified long ago", 8 * day, false, true, []blob.Retention{0, week}},
		{"never accepted", 25 * time.Hour, false, false, []blob.Retention{0, week, blob.Forever}},
		{"perhaps about to be", 23 * time.Hour, false, false, []blob.Retention{0}},
	}
	for _, keep := range []blob.Retention{0, week, blob.Forever} {
		refs, want := make(map[blob.Ref]int), 0
		for n, d := range docs {
			i := Put(t, p, "a", d.text)
			p.Age(t, i.Ref, d.age)
			refs[i.Ref] = n
			if slices.Contains(d.forgets, keep) {
				want++
			}
		}
		did, err := blob.Sweep(t.Context(), p, keep, func(_ context.Context, all []blob.Ref, finished bool) (map[blob.Ref]bool, error) {
			needed := make(map[blob.Ref]bool)
			for _, r := range all {
				d := docs[refs[r]]
				needed[r] = d.needed || finished && d.known
			}
			return needed, nil
		})
		if err != nil || did.Deleted != want {
			t.Errorf("keeping for %v: %+v, %v; want %d deleted", keep, did, err, want)
		}
		for r, n := range refs {
			if slices.Contains(docs[n].forgets, keep) {
				gone(t, p, r)
			} else if _, err := Read(t, p, r); err != nil {
				t.Errorf("keeping for %v: %q: %v", keep, docs[n].text, err)
			}
		}
	}
	down := errors.New("the database is down")
	i := Put(t, p, "a", "old")
	p.Age(t, i.Ref, 100*day)
	_, err := blob.Sweep(t.Context(), p, 0, func(context.Context, []blob.Ref, bool) (map[blob.Ref]bool, error) { return nil, down })
	if !errors.Is(err, down) {
		t.Errorf("a sweep that cannot ask: %v", err)
	}
	if _, err := Read(t, p, i.Ref); err != nil {
		t.Error("what may be needed was deleted")
	}
}

const week = blob.Retention(7 * 24 * time.Hour)
