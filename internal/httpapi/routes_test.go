package httpapi

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
	"github.com/docsift/docsift/taxonomy"
)

// guarded returns an API whose callers say who they are in headers of the test.
func guarded(t *testing.T) *Watched {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "docsift.db"), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	shelf := s.Shelf()
	c, err := docsift.New(docsift.Options{Policy: "local", Shelf: shelf})
	if err != nil {
		t.Fatal(err)
	}
	return NewWatched(t, Options{Classifier: c, Log: log, Store: s, Shelf: shelf, Webhooks: mute{}, Metrics: http.NotFoundHandler(), Identify: func(r *http.Request) (Caller, error) {
		tenant := r.Header.Get("Tenant")
		if tenant == "" {
			return Caller{}, fault.New(access.Unauthorized, nil, "an API key is needed")
		}
		c := Caller{Tenant: tenant, Key: "K"}
		for s := range strings.FieldsSeq(r.Header.Get("Scopes")) {
			c.Scopes = append(c.Scopes, Scope(s))
		}
		return c, nil
	}})
}

// mute sends no events.
type mute struct{}

// Check takes any address.
func (mute) Check(string) error { return nil }

// NewSecret returns one that is none.
func (mute) NewSecret(string) (secret, sealed string) { return "whsec_", "" }

// ask sends a request without a body.
func ask(a *Watched, rt route, id, tenant, scopes string) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(rt.pattern, " ")
	for _, name := range []string{"{id}", "{delivery}", "{industry}"} {
		path = strings.ReplaceAll(path, name, id)
	}
	r := httptest.NewRequest(method, path, strings.NewReader("{}"))
	r.Header.Set("Tenant", tenant)
	r.Header.Set("Scopes", scopes)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// foreign makes, for each kind of thing that has an id, one of another tenant's.
func foreign(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	const tenant = "other"
	k, _ := access.New(access.Key{Tenant: tenant, Scopes: []Scope{Admin}, Created: time.Now()})
	batch := store.BatchInfo{ID: store.NewID(), Tenant: tenant, State: store.BatchOpen, Created: time.Now()}
	rec := store.Record{ID: store.NewID(), Tenant: tenant, Source: store.Async, Created: time.Now()}
	hook := store.Webhook{ID: store.NewID(), Tenant: tenant, URL: "https://hooks.example.com/", Events: store.EventTypes(), Enabled: true}
	if err := errors.Join(s.AddWebhook(t.Context(), hook), s.AddKey(t.Context(), k, "test"), s.NewBatch(t.Context(), batch), s.Submit(t.Context(), rec)); err != nil {
		t.Fatal(err)
	}
	theirs, err := taxonomy.Parse("t", []byte("id: theirs\ncategories: [refund]"))
	if err == nil {
		_, err = s.SaveTaxonomy(t.Context(), tenant, "test", theirs, "id: theirs")
	}
	if err == nil {
		err = s.UseTaxonomy(t.Context(), tenant, "test", theirs.ID, theirs.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"taxonomies": theirs.ID, "keys": k.ID, "batches": batch.ID, "classifications": rec.ID, "reviews": rec.ID, "classify_file_async": rec.ID, "webhooks": hook.ID}
}

// ofPath returns the kind of what a path has the id of: what stands before it.
func ofPath(path string) string {
	before, _, _ := strings.Cut(path, "/{id}")
	return before[strings.LastIndexByte(before, '/')+1:]
}

// Every route of the table that is not public asks for a key and for its scope, and whatever has an id of
// another tenant's is not there.
func TestEveryRouteIsGuarded(t *testing.T) {
	a := guarded(t)
	ids := foreign(t, a.opts.Store)
	for _, rt := range a.table() {
		_, path, _ := strings.Cut(rt.pattern, " ")
		if rt.scope == Public {
			continue
		}
		t.Run(rt.pattern, func(t *testing.T) {
			if w := ask(a, rt, "x", "", ""); w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" || !json.Valid(w.Body.Bytes()) {
				t.Errorf("without a key: %d %s", w.Code, w.Body)
			}
			for _, s := range access.Scopes() {
				if c := (Caller{Scopes: []Scope{s}}); c.May(rt.scope) {
					continue
				}
				if w := ask(a, rt, "x", "mine", string(s)); w.Code != http.StatusForbidden || !json.Valid(w.Body.Bytes()) {
					t.Errorf("with the scope %s: %d %s", s, w.Code, w.Body)
				}
			}
			if !strings.Contains(path, "{id}") {
				return
			}
			id, known := ids[ofPath(path)]
			if !known {
				t.Fatalf("the test has no id of another tenant's for %s: let foreign make one", path)
			}
			w := ask(a, rt, id, "mine", "admin")
			var p Problem
			err := json.Unmarshal(w.Body.Bytes(), &p)
			told := p.Code == fault.NotFound && w.Header().Get("Content-Type") == "application/problem+json"
			if !strings.HasPrefix(path, "/v1/") { // the original's own form
				told = strings.HasPrefix(w.Body.String(), `{"error":`)
			}
			if w.Code != http.StatusNotFound || err != nil || !told {
				t.Errorf("another tenant's: %d %s", w.Code, w.Body)
			}
			none := ask(a, rt, strings.Repeat("A", len(id)), "mine", "admin")
			if one, other := strings.ReplaceAll(w.Body.String(), id, ""), strings.ReplaceAll(none.Body.String(), strings.Repeat("A", len(id)), ""); one != other {
				t.Errorf("another tenant's is told from none: %s, %s", one, other)
			}
		})
	}
}

// Lists have nothing of other tenants.
func TestListsAreOfOneTenant(t *testing.T) {
	a := guarded(t)
	id := foreign(t, a.opts.Store)["keys"]
	for _, path := range []string{"/v1/keys", "/v1/audit"} {
		for tenant, want := range map[string]bool{"mine": false, DefaultTenant: false, "other": true} {
			w := ask(a, route{pattern: "GET " + path}, "", tenant, "admin")
			if got := strings.Contains(w.Body.String(), id); w.Code != 200 || got != want {
				t.Errorf("%s of %s: %d %s", path, tenant, w.Code, w.Body)
			}
		}
	}
	if w := ask(a, route{pattern: "PUT /v1/providers/breaker"}, "", "mine", "admin"); w.Code != http.StatusForbidden {
		t.Errorf("a tenant sets everybody's breakers: %d %s", w.Code, w.Body)
	}
}
