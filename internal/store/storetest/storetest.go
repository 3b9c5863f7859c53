// Package storetest holds the contract that a store keeps on every database.
package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// Run runs the contract. Each call of open returns a store with nothing in it.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	tests := []test{
		{"what is submitted is found", found},
		{"what is another tenant's is not", foreign},
		{"a result is kept whole", whole},
		{"a file name may be anything", anyName},
		{"all or none is submitted", allOrNone},
		{"of many at once each is kept or not", submittedAtOnce},
		{"a job is taken once", once},
		{"tenants take turns", turns},
		{"the urgent and the old go first", order},
		{"a lease that ends gives the job to another", leases},
		{"a worker keeps what it extends", extends},
		{"what is returned is no kill", returned},
		{"a job waits for its time", later},
		{"lists are filtered and go on", lists},
		{"a search goes back as far as its time reaches", searches},
		{"a search with time finds what is old", searchesFar},
		{"what is canceled stays so", cancels},
		{"a batch has its documents", batches},
		{"feedback ends a review", feedback},
		{"a review is one clerk's at a time", reviews},
		{"of many clerks each is given others", reviewsAtOnce},
		{"how it fares is told", health},
		{"a webhook is kept, changed and deleted", webhookKept},
		{"another tenant's webhook is not found", webhookForeign},
		{"a secret rotates into its successor", webhookRotates},
		{"a tenant has so many webhooks and no more", webhookMost},
		{"a result announces itself once", announced},
		{"only what is wanted is announced", announcedWanted},
		{"a fenced result announces nothing", announcedFenced},
		{"a delivery waits, ends and is sent again", deliveryWay},
		{"who asks again meets who delivers", deliveryMeets},
		{"a delivery may switch its webhook off", deliveryOff},
		{"deliveries are listed page by page", deliveryPages},
		{"old deliveries are let go", deliveryOld},
		{"one of many asks", flights},
		{"a flight outlives its owner by its lease", deadFlights},
		{"one of many at once asks", flightRace},
		{"what has had its time is swept away", swept},
		{"a request is carried out once", idempotent},
		{"a request whose owner died is carried out anew", idempotentDeath},
		{"what is accepted is kept with its reply or not at all", idempotentSubmit},
		{"an upload is announced and comes", uploads},
		{"an upload is its tenant's and its token's", foreignUploads},
		{"a document is needed until it is classified", needs},
		{"a key is kept whole", keys},
		{"a key is revoked by its tenant alone", revokes},
		{"what was done is told, the latest first", acts},
		{"a version of a taxonomy never changes", saves},
		{"a taxonomy is what its tenant uses", shelved},
		{"an answer's categories are those it was chosen from", choices},
	}
	tests = slices.Concat(tests, books(), statistics())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			s.Patience = time.Minute // the machine may be busy
			tt.run(t, s)
		})
	}
}

// test is a promise of the contract.
type test struct {
	name string
	run  func(t *testing.T, s *store.Store)
}

// Record returns one of a tenant that is to be classified.
func Record(tenant string) store.Record {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return store.Record{
		ID: store.NewID(), Tenant: tenant, Source: store.Async, Created: now,
		Request:  store.Request{Request: docsift.Request{Taxonomy: "finance"}, Priority: store.Normal},
		Document: docsift.DocumentRef{SHA256: strings.Repeat("ab", 32), Filename: "läter & <later>.txt", MIME: "text/plain; charset=utf-8", Bytes: 1234},
	}
}

// Answer returns a result for a record.
func Answer(r store.Record) *docsift.Result {
	sure := 0.93
	res := &docsift.Result{ID: r.ID, Status: docsift.Completed, Document: r.Document}
	res.Classification, res.Confidence, res.ProviderUsed, res.Model = "invoice", &sure, "openai", "gpt-6-luna"
	res.Cost = cascade.Cost{NanoUSD: 52_000, Known: true}
	res.Taxonomy, res.Policy = docsift.TaxonomyRef{ID: "finance", Version: "1"}, docsift.PolicyRef{Name: "default", Version: "2", Dropped: []string{}}
	res.Document.HiddenText, res.Document.PagesRead, res.Document.Metadata = nil, []int{1}, map[string]string{"title": "x"}
	res.Timings.Total = 12.5
	return res
}

func submit(t *testing.T, s *store.Store, all ...store.Record) {
	t.Helper()
	if err := s.Submit(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, s *store.Store, worker string, n int, lease time.Duration) []store.Job {
	t.Helper()
	jobs, err := s.Take(t.Context(), store.Classify, worker, n, lease)
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func found(t *testing.T, s *store.Store) {
	r := Record("a")
	r.Request.Deadline = r.Created.Add(time.Hour)
	submit(t, s, r)
	got, err := s.Find(t.Context(), "a", r.ID)
	r.State = store.Queued
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("found %+v, %v, want %+v", got, err, r)
	}
	take(t, s, "w", 1, time.Minute)
	if got, err = s.Find(t.Context(), "a", r.ID); err != nil || got.State != store.Running {
		t.Errorf("one that was taken is %s, %v", got.State, err)
	}
}

func foreign(t *testing.T, s *store.Store) {
	r := Record("a")
	submit(t, s, r)
	for _, tt := range []struct{ tenant, id string }{
		{"b", r.ID}, {"", r.ID}, {"a", store.NewID()}, {"a", "x"}, {"a", ""}, {"a", strings.ToUpper(r.ID)}, {"a", "{" + r.ID + "}"}, {"a", r.ID + "\x00"}, {"a", "' OR 1=1 --"},
	} {
		if _, err := s.Find(t.Context(), tt.tenant, tt.id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("tenant %q, id %q: %v, want not found", tt.tenant, tt.id, err)
		}
	}
}

func whole(t *testing.T, s *store.Store) {
	r := Record("a")
	submit(t, s, r)
	j := take(t, s, "w", 1, time.Minute)[0]
	r.State, r.Started, r.Finished, r.Result = store.Completed, r.Created, r.Created.Add(time.Second), Answer(r)
	r.Result.Cached, r.Result.Saved = true, cascade.Cost{NanoUSD: 7, Known: true}
	if err := s.Finish(t.Context(), j, r); err != nil {
		t.Fatal(err)
	}
	got, err := s.Find(t.Context(), "a", r.ID)
	if err != nil || got.State != store.Completed || !got.Finished.Equal(r.Finished) || !got.Result.Cached || got.Result.Saved.NanoUSD != 7 {
		t.Fatalf("found %+v, %v", got, err)
	}
	want, _ := json.Marshal(r.Result)
	if have, _ := json.Marshal(got.Result); string(have) != string(want) {
		t.Errorf("the result is %s, want %s", have, want)
	}
	if d, err := s.Depth(t.Context(), store.Classify); err != nil || d != (store.Depth{}) {
		t.Errorf("depth %+v, %v, want nothing left", d, err)
	}
	if err := s.Finish(t.Context(), j, r); fault.KindOf(err) != store.Fenced {
		t.Errorf("finished twice: %v", err)
	}
}

func anyName(t *testing.T, s *store.Store) {
	for _, name := range []string{"", "\x00", "a\x00b", "\xff\xfe", "'; DROP TABLE jobs; --", strings.Repeat("ü", 255), "\u202efdp.exe"} {
		r := Record("a")
		r.Document.Filename = name
		submit(t, s, r)
		got, err := s.Find(t.Context(), "a", r.ID)
		if want := strings.ReplaceAll(strings.ToValidUTF8(name, "�"), "\x00", "�"); err != nil || got.Document.Filename != want {
			t.Errorf("%q became %q, %v", name, got.Document.Filename, err)
		}
	}
}

func submittedAtOnce(t *testing.T, s *store.Store) {
	taken := Record("a")
	submit(t, s, taken)
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			r := Record("a")
			switch {
			case i%50 == 0:
				r.ID = taken.ID
				if err := s.Submit(t.Context(), r); err == nil {
					t.Error("an id was taken twice")
				}
			case i%50 == 1:
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				if err := s.Submit(ctx, r); !errors.Is(err, context.Canceled) {
					t.Errorf("a caller who has left: %v", err)
				}
			default:
				if err := s.Submit(t.Context(), r, Record("a")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	const want = 1 + 2*(300-12)
	if d, err := s.Depth(t.Context(), store.Classify); err != nil || d.Waiting != want {
		t.Errorf("%d wait, %v; want %d", d.Waiting, err, want)
	}
	if rows, err := s.List(t.Context(), "a", store.Filter{Limit: 1000}); err != nil || len(rows) != want {
		t.Errorf("%d are there, %v; want %d", len(rows), err, want)
	}
}

func allOrNone(t *testing.T, s *store.Store) {
	good, bad := Record("a"), Record("a")
	bad.ID = good.ID
	if err := s.Submit(t.Context(), good, bad); err == nil {
		t.Fatal("two of one id were taken")
	}
	if _, err := s.Find(t.Context(), "a", good.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("half of it is there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Submit(ctx, good); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has left: %v", err)
	}
	submit(t, s, good)
}

func once(t *testing.T, s *store.Store) {
	const n = 60
	var all []store.Record
	for range n {
		all = append(all, Record("a"))
	}
	submit(t, s, all...)
	var mu sync.Mutex
	seen := make(map[string]int)
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			for {
				jobs, err := s.Take(t.Context(), store.Classify, string(rune('a'+w)), 3, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if len(jobs) == 0 {
					return
				}
				mu.Lock()
				for _, j := range jobs {
					seen[j.ID]++
				}
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	for len(seen) < n { // a worker that met another's lock may have left early
		for _, j := range take(t, s, "z", 10, time.Minute) {
			seen[j.ID]++
		}
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s was taken %d times", id, times)
		}
	}
}

func turns(t *testing.T, s *store.Store) {
	var all []store.Record
	for range 50 {
		all = append(all, Record("big"))
	}
	submit(t, s, all...)
	submit(t, s, Record("small"), Record("tiny"))
	var order []string
	for range 6 {
		for _, j := range take(t, s, "w", 1, time.Minute) {
			order = append(order, j.Tenant)
		}
	}
	if want := []string{"big", "small", "tiny", "big", "big", "big"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	submit(t, s, Record("small"), Record("small"), Record("small"))
	count := make(map[string]int)
	for _, j := range take(t, s, "w", 4, time.Minute) {
		count[j.Tenant]++
	}
	if count["small"] != 2 || count["big"] != 2 {
		t.Errorf("four at once are %v, want two of each", count)
	}
}

func order(t *testing.T, s *store.Store) {
	bulk, first, second, urgent := Record("a"), Record("a"), Record("a"), Record("a")
	bulk.Request.Priority, urgent.Request.Priority = store.Bulk, store.Urgent
	for _, r := range []store.Record{bulk, first, second, urgent} {
		submit(t, s, r)
		time.Sleep(2 * time.Millisecond) // the databases' clocks tick in milliseconds
	}
	var got []string
	for range 4 {
		got = append(got, take(t, s, "w", 1, time.Minute)[0].ID)
	}
	if want := []string{urgent.ID, first.ID, second.ID, bulk.ID}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func leases(t *testing.T, s *store.Store) {
	r := Record("a")
	submit(t, s, r)
	first := take(t, s, "one", 1, 30*time.Millisecond)[0]
	if again := take(t, s, "two", 1, time.Minute); len(again) != 0 {
		t.Errorf("taken twice: %+v", again)
	}
	var second store.Job
	for second.ID == "" {
		for _, j := range take(t, s, "two", 1, time.Minute) {
			second = j
		}
	}
	if second.Attempt != 2 || second.Kills != 1 || first.Attempt != 1 || first.Kills != 0 {
		t.Errorf("first %+v, then %+v", first, second)
	}
	r.State, r.Result = store.Completed, Answer(r)
	if err := s.Finish(t.Context(), first, r); fault.KindOf(err) != store.Fenced {
		t.Errorf("who has lost the lease finishes: %v", err)
	}
	if err := s.Return(t.Context(), first, 0); fault.KindOf(err) != store.Fenced {
		t.Errorf("who has lost the lease returns: %v", err)
	}
	if got, _ := s.Find(t.Context(), "a", r.ID); got.State != store.Running {
		t.Errorf("it is %s", got.State)
	}
	if err := s.Finish(t.Context(), second, r); err != nil {
		t.Error(err)
	}
}

func extends(t *testing.T, s *store.Store) {
	submit(t, s, Record("a"), Record("a"))
	jobs := take(t, s, "one", 2, 50*time.Millisecond)
	held, err := s.Extend(t.Context(), "one", time.Minute)
	if err != nil || len(held) != 2 || held["classify "+jobs[0].ID] != 1 {
		t.Fatalf("held %v, %v", held, err)
	}
	time.Sleep(60 * time.Millisecond)
	if more := take(t, s, "two", 2, time.Minute); len(more) != 0 {
		t.Errorf("taken in spite of it: %+v", more)
	}
	if held, err := s.Extend(t.Context(), "two", time.Minute); err != nil || len(held) != 0 {
		t.Errorf("another holds %v, %v", held, err)
	}
}

func returned(t *testing.T, s *store.Store) {
	submit(t, s, Record("a"))
	j := take(t, s, "one", 1, time.Minute)[0]
	if err := s.Return(t.Context(), j, 0); err != nil {
		t.Fatal(err)
	}
	again := take(t, s, "one", 1, time.Minute)
	if len(again) != 1 || again[0].Kills != 0 || again[0].Attempt != 2 {
		t.Errorf("taken again: %+v", again)
	}
}

func later(t *testing.T, s *store.Store) {
	submit(t, s, Record("a"))
	j := take(t, s, "one", 1, time.Minute)[0]
	if err := s.Return(t.Context(), j, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if early := take(t, s, "one", 1, time.Minute); len(early) != 0 {
		t.Errorf("taken early: %+v", early)
	}
	if d, err := s.Depth(t.Context(), store.Classify); err != nil || d.Later != 1 || d.Waiting != 0 || d.Running != 0 {
		t.Errorf("depth %+v, %v", d, err)
	}
	time.Sleep(60 * time.Millisecond)
	if late := take(t, s, "one", 1, time.Minute); len(late) != 1 {
		t.Error("not taken when its time had come")
	}
}
