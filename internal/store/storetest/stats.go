package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/store"
)

// statistics are the promises about them.
func statistics() []test {
	return []test{
		{"what is finished is counted once, at once and later", counted},
		{"statistics are parted by hour, day and group", parted},
		{"statistics keep to their tenant and bounds", bounded},
		{"calls are counted by model and error", called},
	}
}

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// Finished returns a record that was answered at a moment.
func Finished(tenant string, at time.Time, change func(*store.Record)) store.Record {
	r := Record(tenant)
	r.State, r.Source, r.Created, r.Started, r.Finished, r.Result = store.Completed, store.Sync, at, at, at, Answer(r)
	r.Result.GuideCost = &cascade.Cost{NanoUSD: 4_000_000, Known: true}
	if change != nil {
		change(&r)
	}
	return r
}

func note(t *testing.T, s *store.Store, all ...store.Record) {
	t.Helper()
	for _, r := range all {
		if err := s.Note(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}

func stats(t *testing.T, s *store.Store, tenant string, q store.StatsQuery) store.Stats {
	t.Helper()
	st, err := s.Stats(t.Context(), tenant, q)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// Several processes roll up while documents come in, and one comes late.
func counted(t *testing.T, s *store.Store) {
	const n = 150
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for i := range n {
				note(t, s, Finished("a", noon.Add(time.Duration(i)*time.Minute), nil))
				if i%20 == 0 {
					if err := s.Rollup(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	q := store.StatsQuery{From: noon, To: noon.Add(4 * time.Hour)}
	check := func(when string, want int64) {
		t.Helper()
		if st := stats(t, s, "a", q); st.Total.Documents != want || want == 3*n && st.Total.Cost != "0.0234" {
			t.Errorf("%s: %+v, want %d documents", when, st.Total, want)
		}
	}
	check("with some rolled up", 3*n)
	if err := s.Rollup(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("with all rolled up", 3*n)
	r := Record("a")
	submit(t, s, r)
	check("with one that is queued", 3*n)
	j := take(t, s, "w", 1, time.Minute)[0]
	r.State, r.Finished, r.Result = store.Completed, noon, Answer(r)
	if err := s.Finish(t.Context(), j, r); err != nil {
		t.Fatal(err)
	}
	check("with one that is late", 3*n+1)
	if err := s.Rollup(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("with that rolled up", 3*n+1)
}

func parted(t *testing.T, s *store.Store) {
	note(t, s,
		Finished("a", noon, nil),
		Finished("a", noon.Add(30*time.Minute), func(r *store.Record) {
			r.Result.ProviderUsed, r.Result.Model, r.Result.Upgraded, r.Result.IsBackup = "google", "gemini", true, true
			r.Result.Timings.Total = 1000
		}),
		Finished("a", noon.Add(90*time.Minute), func(r *store.Record) {
			r.Source, r.Result.Cached, r.Result.Saved, r.Result.Cost = store.Async, true, cascade.Cost{NanoUSD: 52_000, Known: true}, cascade.Cost{Known: true}
		}),
		Finished("a", noon.Add(36*time.Hour), func(r *store.Record) {
			r.State = store.Failed
			res := docsift.NewFailure("x.pdf", fault.New(fault.Corrupt, nil, "broken"))
			r.Result, res.ID = &res, r.ID
		}),
	)
	q := store.StatsQuery{From: noon.Add(10 * time.Minute), To: noon.Add(37 * time.Hour)}
	for _, rolled := range []bool{false, true} {
		if rolled {
			if err := s.Rollup(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		tests := []struct {
			by    store.Period
			group string
			want  []string // period, group, documents, review, upgraded, cached, cost, saved
		}{
			{store.Hourly, "", []string{"27T12 : 2 0 1 0 0.000104 0", "27T13 : 1 0 0 1 0 0.000052", "29T00 : 1 1 0 0 0 0"}},
			{store.Daily, "", []string{"27T00 : 3 0 1 1 0.000104 0.000052", "29T00 : 1 1 0 0 0 0"}},
			{store.Daily, "provider", []string{"27T00 google: 1 0 1 0 0.000052 0", "27T00 openai: 2 0 0 1 0.000052 0.000052", "29T00 : 1 1 0 0 0 0"}},
			{store.Daily, "category", []string{"27T00 invoice: 3 0 1 1 0.000104 0.000052", "29T00 unknown: 1 1 0 0 0 0"}},
			{store.Daily, "error", []string{"27T00 : 3 0 1 1 0.000104 0.000052", "29T00 corrupt_file: 1 1 0 0 0 0"}},
			{store.Daily, "source", []string{"27T00 async: 1 0 0 1 0 0.000052", "27T00 sync: 2 0 1 0 0.000104 0", "29T00 sync: 1 1 0 0 0 0"}},
		}
		for _, tt := range tests {
			q.By, q.Group = tt.by, tt.group
			st := stats(t, s, "a", q)
			var got []string
			for _, r := range st.Rows {
				got = append(got, fmt.Sprintf("%s %s: %d %d %d %d %s %s", r.At.Format("02T15"), r.Group, r.Documents, r.Review, r.Upgraded, r.Cached, r.Cost, r.Saved))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("rolled up is %v: by %s and %q %q, want %q", rolled, tt.by, tt.group, got, tt.want)
			}
		}
		q.By, q.Group = store.Hourly, "provider"
		for _, r := range stats(t, s, "a", q).Rows {
			if l := r.Latency; l == nil || r.Group == "google" && (l.P50 < 950 || l.P50 > 1050) || r.Group == "openai" && (l.P99 < 11.9 || l.P99 > 13.1) {
				t.Errorf("%s took %+v", r.Group, l)
			}
		}
	}
}

func bounded(t *testing.T, s *store.Store) {
	note(t, s, Finished("a", noon, nil), Finished("b", noon, nil), Finished("a", noon.Add(time.Hour), nil))
	got := stats(t, s, "a", store.StatsQuery{From: noon, To: noon.Add(time.Hour)})
	if got.Total.Documents != 1 || !got.From.Equal(noon) || !got.To.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v, want the one document of a in that hour", got)
	}
	if none := stats(t, s, "c", store.StatsQuery{}); none.Total.Documents != 0 || none.Rows == nil || none.To.Sub(none.From) < 24*time.Hour {
		t.Errorf("of nobody: %+v", none)
	}
	for name, q := range map[string]store.StatsQuery{
		"backwards":  {From: noon, To: noon.Add(-time.Hour)},
		"too long":   {From: noon.AddDate(0, -2, 0), To: noon},
		"by minutes": {By: "minute"},
		"by tenant":  {Group: "tenant"},
	} {
		if _, err := s.Stats(t.Context(), "a", q); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want %s", name, err, fault.Invalid)
		}
	}
}

func called(t *testing.T, s *store.Store) {
	l := Book(t, s, store.LedgerOptions{Now: func() time.Time { return noon }})
	for range 2 {
		l.End(begin(t, l, Sent(cent)), Settled(2*cent))
	}
	l.End(begin(t, l, Sent(cent)), ledger.Closed{State: ledger.Unknown, Cost: cent, Priced: true, Error: string(fault.Timeout)})
	other := Sent(cent)
	other.Tenant = "b"
	l.End(begin(t, l, other), Settled(2*cent))
	begin(t, l, Sent(cent))
	got := stats(t, s, "a", store.StatsQuery{From: noon, To: noon.Add(time.Hour)}).Calls
	want := []store.Called{
		{Model: "openai/gpt-6-luna", Calls: 2, Cost: "0.04", Input: 200, Output: 20},
		{Model: "openai/gpt-6-luna", Error: "timeout", Calls: 1, Unknown: 1, Cost: "0.01"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("calls %+v, want %+v", got, want)
	}
}
