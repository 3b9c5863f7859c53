package webui_test

import (
	"compress/gzip"
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/seal"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
	"github.com/docsift/docsift/internal/webui"
)

// site is a UI behind a mux that asks nobody who they are, but for a header of the test.
type site struct {
	*http.ServeMux
	store *store.Store
	ring  *access.Keyring
}

func open(t *testing.T, signIn bool) site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "docsift.db"), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	o := webui.Options{Classifier: c, Log: log, Version: "test", Store: s}
	out := site{http.NewServeMux(), s, nil}
	if signIn {
		secret, err := seal.Open("", filepath.Join(t.TempDir(), "secret.key"))
		if err != nil {
			t.Fatal(err)
		}
		out.ring = access.Open(s, log)
		t.Cleanup(func() { out.ring.Close() })
		o.Sessions = &webui.Sessions{Keys: out.ring, Secret: secret}
	}
	ui := webui.New(o)
	for _, p := range ui.Pages() {
		out.HandleFunc(p.Pattern, func(w http.ResponseWriter, r *http.Request) {
			v := webui.Viewer{Tenant: access.DefaultTenant, Scopes: []access.Scope{access.Admin}}
			if scopes := r.Header.Get("Scopes"); scopes != "" {
				v.Scopes = []access.Scope{access.Scope(scopes)}
			}
			if o.Sessions != nil {
				k, _, err := o.Sessions.Key(r)
				if err != nil && p.Scope != "" {
					ui.Deny(w, r, webui.Viewer{}, http.StatusUnauthorized, err.Error())
					return
				}
				v = webui.Viewer{Tenant: k.Tenant, Key: k.Prefix(), Scopes: k.Scopes}
			}
			p.Handle(w, r, v)
		})
	}
	return out
}

func (s site) get(path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// keep keeps a classification whose document says markup wherever it can.
func (s site) keep(t *testing.T, evil string) store.Record {
	t.Helper()
	sure := 0.41
	res := docsift.NewFailure(evil, nil)
	res.Error, res.Status, res.Classification, res.Confidence = nil, docsift.Completed, "invoice", &sure
	res.Review = cascade.Review{Needed: true, Reason: cascade.LowConfidence}
	res.Document.Metadata = map[string]string{"title": evil, evil: "x"}
	res.Document.Pages, res.Document.MIME, res.Document.SHA256 = 2, "application/pdf", strings.Repeat("ab", 32)
	res.Attempts = []cascade.Attempt{{Stage: "local", Model: "local", Role: cascade.Primary, Reason: evil, Outcome: cascade.Unsure, Category: evil}}
	rec := store.Record{
		ID: res.ID, Tenant: access.DefaultTenant, State: store.Completed, Source: store.Sync, Created: time.Now(), Finished: time.Now(),
		Document: res.Document, Result: &res, Request: store.Request{Request: docsift.Request{Taxonomy: "finance"}},
	}
	if err := s.store.Note(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.GiveFeedback(t.Context(), rec.Tenant, store.Feedback{Classification: rec.ID, Category: "receipt", By: evil, Note: evil}); err != nil {
		t.Fatal(err)
	}
	return rec
}

var all = []string{"/", "/documents", "/review", "/dashboard", "/providers", "/taxonomies", "/taxonomies/finance", "/planner", "/keys"}

// No page has a script or a style of its own, and each says that none may run.
func TestNothingRunsThatIsNotOurs(t *testing.T) {
	s := open(t, false)
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}`
	rec := s.keep(t, evil)
	inline := regexp.MustCompile(`(?i)<script>|<script [^>]*[^"]>[^<]|\son\w+=|\sstyle=|<style|javascript:|<img src=x`)
	asText := strings.NewReplacer("&lt;", "", "&gt;", "", "&#34;", "", "&#39;", "")
	for _, path := range append(all, "/documents/"+rec.ID, "/documents?q="+url.QueryEscape(evil), "/documents?batch="+url.QueryEscape(evil), "/planner?docs="+url.QueryEscape(evil), "/documents?category="+url.QueryEscape(evil)) {
		w := s.get(path)
		body := w.Body.String()
		if found := inline.FindString(strings.ReplaceAll(body, "onerror=alert", "")); found != "" || strings.Contains(asText.Replace(body), "<script>alert") {
			t.Errorf("%s has %q", path, found)
		}
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; style-src 'self';") || strings.Contains(csp, "unsafe") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
	if body := s.get("/documents/" + rec.ID).Body.String(); strings.Count(body, "&lt;script&gt;alert(1)") < 5 {
		t.Errorf("what a document says is not shown:\n%s", body)
	}
}

func TestPages(t *testing.T) {
	s := open(t, false)
	rec := s.keep(t, "läter.pdf")
	tests := []struct {
		name, path string
		status     int
		says       string
	}{
		{"a document has everything", "/documents/" + rec.ID, 200, "läter.pdf"},
		{"one that there is not", "/documents/" + store.NewID(), 404, "there is no classification"},
		{"a list by name", "/documents?q=l%C3%A4T", 200, rec.ID},
		{"a list of nothing", "/documents?q=nothing", 200, "No documents like that"},
		{"a list of what nobody looked at", "/documents?reviewed=no", 200, "No documents like that"},
		{"a list from tomorrow", "/documents?from=2999-01-01", 200, "No documents like that"},
		{"a list of a batch that is none", "/documents?batch=x", 400, "is no id"},
		{"a list of a day that is none", "/documents?to=yesterday", 400, "is no day"},
		{"a digest", "/documents?q=" + strings.Repeat("ab", 32), 200, rec.ID},
		{"the local model, which cannot be cut off", "/providers", 200, "always there"},
		{"a taxonomy", "/taxonomies/finance", 200, "bank statement"},
		{"one that there is not", "/taxonomies/none", 404, "no taxonomy &#34;none&#34;"},
		{"a plan", "/planner?docs=3500000", 200, "3,500,000"},
		{"a plan of a mix", "/planner?mix_local=60", 200, "40,000"},
		{"a plan of nothing", "/planner?docs=0", 400, "give a number from 1"},
		{"a plan of a policy that is not asked here", "/planner?policy=guide", 400, "cannot be asked for here"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if w := s.get(tt.path); w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%d, without %q:\n%s", w.Code, tt.says, w.Body)
			}
		})
	}
	if w := s.get("/documents?q=none&status=completed"); strings.Contains(w.Body.String(), "further") {
		t.Errorf("there is nothing further back: %s", w.Body)
	}
	if w := s.get("/documents?q=" + rec.ID); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/documents/"+rec.ID {
		t.Errorf("an id: %d %s", w.Code, w.Header().Get("Location"))
	}
}

// A search that had no time to look at all says how far it came, and leads on.
func TestSearchLeadsOn(t *testing.T) {
	s := open(t, false)
	s.store.SearchFor = 1
	rec := s.keep(t, "läter.pdf")
	further := regexp.MustCompile(`href="(/documents\?cursor=[^"]*)">Look further back`)
	for search, want := range map[string]string{"nothing": "No documents like that back to <time", "later": "No documents like that back to <time", "TER": "These are all of the kind back to <time"} {
		path := "/documents?q=" + search
		for range 3 {
			body := s.get(path).Body.String()
			next := further.FindStringSubmatch(body)
			if next == nil || !strings.Contains(body, want) || strings.Contains(body, rec.ID) != (search == "TER") || strings.Contains(body, "data-further") == (search == "TER") {
				t.Fatalf("%s: without %q or a way on:\n%s", path, want, body)
			}
			if search == "TER" {
				break
			}
			path = html.UnescapeString(next[1])
		}
	}
}

// Who lacks a scope is not shown the way.
func TestLinksFollowScopes(t *testing.T) {
	s := open(t, false)
	r := httptest.NewRequest("GET", "/documents", nil)
	r.Header.Set("Scopes", "read")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	for path, want := range map[string]bool{"/dashboard": true, "/keys": false, "/review": false} {
		if got := strings.Contains(w.Body.String(), `<a href="`+path+`"`); got != want {
			t.Errorf("%s is linked: %v", path, got)
		}
	}
}

// The files that the first page needs are small, and keep their address as long as they are the same.
func TestAssets(t *testing.T) {
	s := open(t, false)
	page := s.get("/").Body.String()
	sum := len(page)
	paths := regexp.MustCompile(`/assets/[^"]+`).FindAllString(page, -1)
	for _, name := range []string{"api.js", "parts.js"} { // which scripts name
		paths = append(paths, paths[0][:strings.LastIndex(paths[0], "/")+1]+name)
	}
	for _, path := range paths {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		sum += w.Body.Len()
		if w.Header().Get("Content-Encoding") != "gzip" {
			continue
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		small, err := io.ReadAll(z)
		if plain := s.get(path).Body.String(); err != nil || string(small) != plain {
			t.Errorf("%s is another when it is compressed: %v", path, err)
		}
	}
	if sum > 40<<10 {
		t.Errorf("the first view takes %d bytes", sum)
	}
	if w := s.get("/assets/000000000000/page.js"); w.Code != 404 {
		t.Errorf("of another build: %d", w.Code)
	}
}

func TestSignIn(t *testing.T) {
	s := open(t, true)
	k, whole := access.New(access.Key{Name: "clerk", Tenant: "acme", Scopes: []access.Scope{access.Read}, Created: time.Now()})
	if err := s.store.AddKey(t.Context(), k, "test"); err != nil {
		t.Fatal(err)
	}
	signIn := func(key, next string, tls bool) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/signin", strings.NewReader(url.Values{"key": {key}, "next": {next}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if tls {
			r.Header.Set("X-Forwarded-Proto", "https")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	if w := s.get("/documents?status=failed"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/signin?next=%2Fdocuments%3Fstatus%3Dfailed" {
		t.Errorf("without a session: %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := signIn(whole[:len(whole)-1]+"x", "/", false); w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) != 0 {
		t.Errorf("with a key that is none: %d", w.Code)
	}
	for next, want := range map[string]string{"/documents?q=a": "/documents?q=a", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "": "/", "/\tx": "/"} {
		if w := signIn(whole, next, false); w.Header().Get("Location") != want {
			t.Errorf("next %q leads to %q", next, w.Header().Get("Location"))
		}
	}
	c := signIn(whole, "/", true).Result().Cookies()[0]
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge <= 0 {
		t.Errorf("under TLS: %+v", c)
	}
	c = signIn(whole, "/", false).Result().Cookies()[0]
	if strings.Contains(c.Value, whole) || strings.Contains(c.Value, k.ID) || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie: %+v", c)
	}
	if w := s.get("/documents", c); w.Code != 200 || !strings.Contains(w.Body.String(), k.Prefix()) {
		t.Errorf("with a session: %d", w.Code)
	}
	forged := *c
	forged.Value = c.Value[:len(c.Value)-2] + "AA"
	if w := s.get("/documents", &forged); w.Code != http.StatusSeeOther {
		t.Errorf("with a forged one: %d", w.Code)
	}
	if err := s.store.RevokeKey(t.Context(), "acme", k.ID, "test"); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return s.get("/documents", c).Code == http.StatusSeeOther }, "a revoked key ends its session")
}

func until(t *testing.T, ok func() bool, what string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("it does not come to pass: %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
