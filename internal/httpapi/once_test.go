//go:build linux

package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/postgres"
	"github.com/docsift/docsift/internal/store/sqlite"
)

var many = flag.Int("many", 100, "how many equal documents come at once")

// site is several servers over one store, who ask one provider.
type site struct {
	t       *testing.T
	urls    []string
	apis    []*httpapi.Watched
	sim     *sim.Server
	arrived chan struct{} // one for each call that the provider got
	gate    chan struct{} // holds calls up until it is closed
}

// paid returns how many calls the provider bills.
func (s *site) paid(want int) {
	s.t.Helper()
	if n := len(s.sim.Requests()); n != want {
		s.t.Errorf("%d paid calls, want %d", n, want)
	}
}

// arrival waits until the provider got a call.
func (s *site) arrival() {
	select {
	case <-s.arrived:
	case <-time.After(time.Minute):
		s.t.Error("the provider is not asked")
	}
}

// newSite starts a server on each handle of a store. Who sends the header X-Tenant is that tenant.
func newSite(t *testing.T, withCache bool, handles ...*store.Store) *site {
	t.Helper()
	return newWaitingSite(t, withCache, 0, handles...)
}

// newWaitingSite starts one whose servers let requests wait for others of the same key.
func newWaitingSite(t *testing.T, withCache bool, wait time.Duration, handles ...*store.Store) *site {
	t.Helper()
	script := sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}}
	simulated, err := sim.New(sim.Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, sim: simulated, arrived: make(chan struct{}, 5000), gate: make(chan struct{})}
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.arrived <- struct{}{}
		<-s.gate
		simulated.ServeHTTP(w, r)
	}))
	t.Cleanup(provider.Close)
	env := map[string]string{"OPENAI_API_KEY": "sk-canary-1", "OPENAI_BASE_URL": provider.URL + "/v1", "MAX_RETRIES": "0"}
	log := slog.New(slog.DiscardHandler)
	policy, err := cascade.ParsePolicy("lone.yaml", []byte("{name: lone, version: '1', confidence: 0.8, stages: [{name: text, views: [text], models: [{model: openai/gpt-6-luna}]}]}"), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	for _, handle := range handles {
		c, err := docsift.New(docsift.Options{Policy: "lone", Policies: []cascade.Policy{policy}, Getenv: func(name string) string { return env[name] }})
		if err != nil {
			t.Fatal(err)
		}
		o := httpapi.Options{Classifier: c, Log: log, Store: handle, KeyWait: wait, InFlight: max(64, *many), Identify: func(r *http.Request) (httpapi.Caller, error) {
			return httpapi.Caller{Tenant: r.Header.Get("X-Tenant"), Scopes: []httpapi.Scope{httpapi.Admin}}, nil
		}}
		if withCache {
			if o.Cache, err = cache.New(cache.Options{Classifier: c, Log: log, Store: handle}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { o.Cache.Close() })
		}
		api := httpapi.NewWatched(t, o)
		srv := httptest.NewServer(api)
		t.Cleanup(srv.Close)
		s.urls, s.apis = append(s.urls, srv.URL), append(s.apis, api)
	}
	t.Cleanup(func() {
		select {
		case <-s.gate:
		default:
			close(s.gate)
		}
	})
	return s
}

// request is a document as it is sent.
type request struct {
	key, tenant, text string
	header            map[string]string
	parts             []part
	path              string
}

type response struct {
	status   int
	body     map[string]any
	raw      string
	replayed bool
	header   http.Header
}

func (s *site) send(ctx context.Context, i int, q request) (response, error) {
	body, kind := form(s.t, append(q.parts, file("a.txt", "Letter number 7, which says next to nothing of what it is meant to be. "+q.text))...)
	path := q.path
	if path == "" {
		path = "/v1/classifications"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.urls[i%len(s.urls)]+path, body)
	if err != nil {
		return response{}, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-Tenant", q.tenant)
	if q.key != "" {
		r.Header.Set("Idempotency-Key", q.key)
	}
	for k, v := range q.header {
		r.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	out := response{status: resp.StatusCode, raw: string(raw), replayed: resp.Header.Get("Idempotency-Replayed") == "true", header: resp.Header}
	if err == nil {
		err = json.Unmarshal(raw, &out.body)
	}
	return out, err
}

func (s *site) post(i int, q request) response {
	s.t.Helper()
	out, err := s.send(s.t.Context(), i, q)
	if err != nil {
		s.t.Error(err)
	}
	return out
}

// onStores runs a test with two handles of one store.
func onStores(t *testing.T, run func(t *testing.T, a, b *store.Store)) {
	log := slog.New(slog.DiscardHandler)
	opened := func(t *testing.T, s *store.Store, err error) *store.Store {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "docsift.db")
		a, err := sqlite.Open(t.Context(), path, log)
		opened(t, a, err)
		b, err := sqlite.Open(t.Context(), path, log)
		run(t, a, opened(t, b, err))
	})
	t.Run("postgres", func(t *testing.T) {
		url := pgtest.Database(t)
		a, err := postgres.Open(t.Context(), url, log)
		opened(t, a, err)
		b, err := postgres.Open(t.Context(), url, log)
		run(t, a, opened(t, b, err))
	})
}

// C2: of many equal documents that come to two servers at once, one is paid for, and all have one answer.
func TestManyEqualDocuments(t *testing.T) {
	onStores(t, func(t *testing.T, a, b *store.Store) {
		s := newSite(t, true, a, b)
		answers := make([]response, *many)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = s.post(i, request{}) })
		}
		s.arrival()
		time.Sleep(50 * time.Millisecond) // so that most are there
		close(s.gate)
		all.Wait()
		s.paid(1)
		ids, fresh := make(map[any]bool), 0
		for _, r := range answers {
			ids[r.body["id"]] = true
			if r.body["cached"] == false {
				fresh++
			}
			for _, field := range []string{"classification", "confidence", "model", "provider_used", "review", "taxonomy", "policy", "document", "guide_cost"} {
				if got, want := toJSON(t, r.body[field]), toJSON(t, answers[0].body[field]); r.status != 200 || got != want {
					t.Errorf("%d, %s %s, want %s", r.status, field, got, want)
				}
			}
		}
		if len(ids) != *many || fresh != 1 {
			t.Errorf("%d ids and %d answers that are not cached, want %d and 1", len(ids), fresh, *many)
		}
	})
}

func TestCacheOverHTTP(t *testing.T) {
	onStores(t, func(t *testing.T, a, b *store.Store) {
		s := newSite(t, true, a, b)
		close(s.gate)
		first := s.post(0, request{})
		second := s.post(1, request{})
		if first.body["cached"] != false || second.body["cached"] != true || toJSON(t, second.body["saved"]) != toJSON(t, first.body["cost"]) {
			t.Errorf("%s and then %s", first.raw, second.raw)
		}
		s.paid(1)
		for i, q := range []request{
			{tenant: "other"},
			{header: map[string]string{"Cache-Control": "max-age=0, No-Cache"}},
			{parts: []part{field("cache", "off")}},
			{parts: []part{field("taxonomy", "finance")}},
			{text: "Another one."},
		} {
			if r := s.post(i, q); r.status != 200 || r.body["cached"] != false {
				t.Errorf("%+v: %s", q, r.raw)
			}
			s.paid(i + 2)
		}
		if r := s.post(0, request{parts: []part{field("cache", "maybe")}}); r.status != 400 {
			t.Errorf("cache=maybe: %s", r.raw)
		}
		if r := s.post(0, request{path: "/classify_file", tenant: "third"}); r.status != 400 { // a text is no type of the original's
			t.Errorf("classify_file: %s", r.raw)
		}
		if status, body := get(t, s.urls[1]+"/v1/cache"); status != 200 || body["hits"] != 1.0 || body["misses"] != 2.0 {
			t.Errorf("%d %v", status, body)
		}
	})
}

func TestIdempotency(t *testing.T) {
	onStores(t, func(t *testing.T, a, b *store.Store) {
		s := newSite(t, false, a, b)
		close(s.gate)
		first := s.post(0, request{key: "k"})
		again := s.post(1, request{key: `"k"`})
		if first.status != 200 || first.replayed || !again.replayed || again.raw != first.raw || again.header.Get("Content-Type") != first.header.Get("Content-Type") {
			t.Errorf("%d %s and then %d %s", first.status, first.raw, again.status, again.raw)
		}
		s.paid(1)
		for _, q := range []request{
			{key: "k", text: "Another one."},
			{key: "k", parts: []part{field("taxonomy", "finance")}},
			{key: "k", parts: []part{field("cache", "off")}},
		} {
			if r := s.post(1, q); r.status != 422 || r.body["code"] != string(store.Mismatch) || r.replayed {
				t.Errorf("%+v: %d %s", q, r.status, r.raw)
			}
		}
		s.paid(1)
		if r := s.post(1, request{key: "k", tenant: "other", text: "Another one."}); r.status != 200 || r.replayed {
			t.Errorf("another tenant: %d %s", r.status, r.raw)
		}
		s.paid(2)
		for _, key := range []string{`""`, strings.Repeat("x", 256), "ü", "a\tb"} {
			if r := s.post(0, request{key: key}); r.status != 400 || r.body["code"] != string(fault.Invalid) {
				t.Errorf("key %q: %d %s", key, r.status, r.raw)
			}
		}
		s.paid(2)
	})
}

// While a request is carried out, others of its key wait for its answer; one is paid for.
func TestIdempotencyWaits(t *testing.T) {
	onStores(t, func(t *testing.T, a, b *store.Store) {
		s := newSite(t, false, a, b)
		var replayed atomic.Int64
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				r := s.post(i, request{key: "k"})
				if r.status != 200 {
					t.Errorf("%d %s", r.status, r.raw)
				}
				if r.replayed {
					replayed.Add(1)
				}
			})
		}
		s.arrival()
		time.Sleep(100 * time.Millisecond) // the others have come, or not
		close(s.gate)
		all.Wait()
		s.paid(1)
		if n := replayed.Load(); n != 39 {
			t.Errorf("%d of 40 had another's answer", n)
		}
	})
}

// Who does not wait is told to come back.
func TestIdempotencyAtOnce(t *testing.T) {
	onStores(t, func(t *testing.T, a, b *store.Store) {
		s := newWaitingSite(t, false, -1, a, b)
		var done, busy atomic.Int64
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				switch r := s.post(i, request{key: "k"}); {
				case r.status == 200:
					done.Add(1)
				case r.status == 409 && r.header.Get("Retry-After") == "1" && r.body["code"] == string(store.InProgress):
					if busy.Add(1) == 39 {
						close(s.gate)
					}
				default:
					t.Errorf("%d %s", r.status, r.raw)
				}
			})
		}
		all.Wait()
		s.paid(1)
		if done.Load() != 1 {
			t.Errorf("%d answers and %d told to come back", done.Load(), busy.Load())
		}
	})
}

// A caller who leaves finds the answer when he comes back, and has paid once.
func TestCallerLeaves(t *testing.T) {
	for name, withCache := range map[string]bool{"with a cache": true, "without a cache": false} {
		t.Run(name, func(t *testing.T) {
			onStores(t, func(t *testing.T, a, b *store.Store) {
				s := newSite(t, withCache, a, b)
				ctx, leave := context.WithCancel(t.Context())
				go func() {
					s.arrival()
					leave()
				}()
				if _, err := s.send(ctx, 0, request{key: "k"}); err == nil {
					t.Fatal("the caller did not leave")
				}
				close(s.gate)
				r := s.post(1, request{key: "k"})
				for ; r.status == 409; r = s.post(1, request{key: "k"}) {
					time.Sleep(5 * time.Millisecond)
				}
				if r.status != 200 || !r.replayed {
					t.Errorf("%d %s", r.status, r.raw)
				}
				s.paid(1)
			})
		})
	}
}

// What may pass is not kept, and neither is what was cut off.
func TestIdempotencyKeepsNoPassingFailure(t *testing.T) {
	onStores(t, func(t *testing.T, a, b *store.Store) {
		s := newSite(t, false, a, b)
		done := make(chan response)
		go func() { done <- s.post(0, request{key: "k"}) }()
		s.arrival()
		s.apis[0].Cut()
		if r := <-done; r.status != 499 {
			t.Errorf("cut off: %d %s", r.status, r.raw)
		}
		close(s.gate)
		if r := s.post(1, request{key: "k"}); r.status != 200 || r.replayed {
			t.Errorf("afterwards: %d %s", r.status, r.raw)
		}
	})
}

// Questions are carried out once, too.
func TestIdempotentDecisions(t *testing.T) {
	onStores(t, func(t *testing.T, a, b *store.Store) {
		s := newSite(t, false, a, b)
		close(s.gate)
		ask := func(i int, text string) (int, string, bool) {
			r, err := http.NewRequest(http.MethodPost, s.urls[i]+"/v1/decisions", bytes.NewBufferString(`{"input":"`+text+`","questions":[{"type":"predicate","instructions":"Is it an invoice?"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Idempotency-Key", "k")
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			return resp.StatusCode, string(body), resp.Header.Get("Idempotency-Replayed") != ""
		}
		_, first, _ := ask(0, "one")
		status, again, replayed := ask(1, "one")
		if status == 422 || again != first || !replayed {
			t.Errorf("%s and then %d %s", first, status, again)
		}
		if status, body, _ := ask(1, "two"); status != 422 {
			t.Errorf("another text: %d %s", status, body)
		}
	})
}

// What is accepted to be done later is accepted once, and where it will be found is said again.
func TestIdempotentAsync(t *testing.T) {
	for _, route := range []string{"/classify_file_async", "/v1/classifications"} {
		t.Run(route, func(t *testing.T) { acceptedOnce(t, route) })
	}
}

func acceptedOnce(t *testing.T, route string) {
	k := onDisk(t)
	var first, at string
	for i := range 2 {
		body, kind := form(t, file("a.pdf", "%PDF-1.4 which nobody reads"))
		r, err := http.NewRequest(http.MethodPost, k.url+route, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {kind}, "Tenant": {"ann"}, "Idempotency-Key": {"k"}, "Prefer": {"respond-async"}}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		where := resp.Header.Get("Location")
		if resp.StatusCode != 202 || !strings.HasPrefix(where, route+"/") || i == 1 && (string(got) != first || where != at) {
			t.Errorf("%d %s at %q after %s at %q", resp.StatusCode, got, where, first, at)
		}
		first, at = string(got), where
	}
	if all, err := k.store.List(t.Context(), "ann", store.Filter{Limit: 5}); err != nil || len(all) != 1 {
		t.Errorf("%d are kept, %v", len(all), err)
	}
}
