package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/seal"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
	"github.com/docsift/docsift/internal/store/storetest"
	"github.com/docsift/docsift/internal/webhook"
)

// hooks is an API with webhooks, of which callers say by a header whose tenant they are.
type hooks struct {
	t   *testing.T
	url string
	s   *store.Store
	log *bytes.Buffer
}

func newHooks(t *testing.T) hooks {
	t.Helper()
	h := hooks{t: t, log: new(bytes.Buffer)}
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if h.s, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "docsift.db"), log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.s.Close() })
	key, err := seal.Open("", filepath.Join(t.TempDir(), "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := webhook.New(webhook.Options{Store: h.s, Key: key, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{Log: log, Store: h.s, Webhooks: d, Identify: func(r *http.Request) (httpapi.Caller, error) {
		return httpapi.Caller{Tenant: r.Header.Get("Tenant"), Scopes: []httpapi.Scope{httpapi.Scope(r.Header.Get("Scope"))}}, nil
	}}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

// do sends a request of the tenant a, as somebody who may do all.
func (h hooks) do(method, path, body string) (int, map[string]any) {
	h.t.Helper()
	return h.as("a", "admin", method, path, body)
}

func (h hooks) as(tenant, scope, method, path, body string) (int, map[string]any) {
	h.t.Helper()
	req, err := http.NewRequest(method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Tenant", tenant)
	req.Header.Set("Scope", scope)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	var v map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &v); err != nil {
			h.t.Fatalf("%s: %v", raw, err)
		}
	}
	return resp.StatusCode, v
}

// add makes a webhook and returns its path.
func (h hooks) add() string {
	h.t.Helper()
	status, v := h.do("POST", "/v1/webhooks", `{"url":"https://example.com/in"}`)
	if status != 201 {
		h.t.Fatalf("status %d: %v", status, v)
	}
	return "/v1/webhooks/" + v["id"].(string)
}

func TestWebhooks(t *testing.T) {
	h := newHooks(t)
	status, made := h.do("POST", "/v1/webhooks", `{"url":"https://example.com/in?x=1","events":["classification.failed","classification.completed","classification.failed"],"description":"ours"}`)
	secret, _ := made["secret"].(string)
	if status != 201 || !strings.HasPrefix(secret, "whsec_") || made["url"] != "https://example.com/in?x=1" || made["enabled"] != true ||
		toJSON(t, made["events"]) != `["classification.completed","classification.failed"]` {
		t.Fatalf("status %d: %v", status, made)
	}
	path := "/v1/webhooks/" + made["id"].(string)
	h.add()
	status, got := h.do("GET", path, "")
	delete(made, "secret")
	if status != 200 || toJSON(t, got) != toJSON(t, made) {
		t.Errorf("status %d: %v, want %v", status, got, made)
	}
	if status, all := h.do("GET", "/v1/webhooks", ""); status != 200 || len(all["webhooks"].([]any)) != 2 {
		t.Errorf("status %d: %v", status, all)
	}
	status, got = h.do("PATCH", path, `{"enabled":false,"description":"theirs"}`)
	if status != 200 || got["enabled"] != false || got["description"] != "theirs" || got["disabled_reason"] == "" || got["url"] != made["url"] {
		t.Errorf("status %d: %v", status, got)
	}
	for _, what := range []string{"/test", "/deliveries/" + store.NewID() + "/replay"} {
		if status, got := h.do("POST", path+what, ""); status != 409 {
			t.Errorf("%s of one that is off: status %d: %v", what, status, got)
		}
	}
	if status, got = h.do("PATCH", path, `{"enabled":true}`); status != 200 || got["enabled"] != true || got["disabled_reason"] != "" {
		t.Errorf("status %d: %v", status, got)
	}
	status, got = h.do("POST", path+"/rotate", "")
	if next, _ := got["secret"].(string); status != 200 || !strings.HasPrefix(next, "whsec_") || next == secret || got["previous_secret_until"] == nil {
		t.Errorf("status %d: %v", status, got)
	}
	if status, got := h.do("DELETE", path, ""); status != 204 || got != nil {
		t.Errorf("status %d: %v", status, got)
	}
	if status, _ := h.do("GET", path, ""); status != 404 {
		t.Errorf("status %d of one that is deleted", status)
	}
	if strings.Contains(h.log.String(), "whsec_") {
		t.Error("the log holds a secret")
	}
}

func TestWebhooksRefuse(t *testing.T) {
	h := newHooks(t)
	path := h.add()
	tests := []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"no body", "POST", "/v1/webhooks", "", 400, "the body is not as in"},
		{"no address", "POST", "/v1/webhooks", `{}`, 400, "url is missing"},
		{"plain http", "POST", "/v1/webhooks", `{"url":"http://example.com/"}`, 400, "only https"},
		{"a private address", "POST", "/v1/webhooks", `{"url":"https://10.0.0.1/"}`, 400, "private networks"},
		{"a private address later", "PATCH", path, `{"url":"https://[::1]/"}`, 400, "private networks"},
		{"an event that there is not", "POST", "/v1/webhooks", `{"url":"https://example.com/","events":["x"]}`, 400, "there are"},
		{"no event at all", "PATCH", path, `{"events":[]}`, 400, "name one"},
		{"a long description", "PATCH", path, `{"description":"` + strings.Repeat("x", 201) + `"}`, 400, "at most 200"},
		{"a field that there is not", "PATCH", path, `{"secret":"mine"}`, 400, "the body is not as in"},
		{"a page of none", "GET", path + "/deliveries?limit=0", "", 400, "from 1 to 200"},
		{"a cursor that is none", "GET", path + "/deliveries?cursor=%00", "", 400, "no cursor"},
		{"a state that there is not", "GET", path + "/deliveries?state=lost", "", 400, "there are waiting"},
		{"an id that is none", "GET", "/v1/webhooks/x", "", 404, "there is no webhook"},
		{"a delivery that there is not", "POST", path + "/deliveries/x/replay", "", 404, "there is no delivery"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, got := h.do(tt.method, tt.path, tt.body)
			if detail, _ := got["detail"].(string); status != tt.status || !strings.Contains(detail, tt.says) {
				t.Errorf("status %d: %v, want %d and …%s…", status, got, tt.status, tt.says)
			}
		})
	}
}

func TestDeliveries(t *testing.T) {
	h := newHooks(t)
	path := h.add()
	record := storetest.Finish(t, h.s, "a", store.Completed)
	status, sent := h.do("POST", path+"/test", "")
	if status != 202 || sent["type"] != "webhook.test" || sent["state"] != "waiting" || sent["last_status"] != nil {
		t.Fatalf("status %d: %v", status, sent)
	}
	status, got := h.do("GET", path+"/deliveries?limit=1&state=waiting", "")
	if all := got["deliveries"].([]any); status != 200 || len(all) != 1 || got["next_cursor"] == nil {
		t.Fatalf("status %d: %v", status, got)
	}
	status, got = h.do("GET", path+"/deliveries?limit=1&cursor="+got["next_cursor"].(string), "")
	all := got["deliveries"].([]any)
	if status != 200 || len(all) != 1 || got["next_cursor"] != nil {
		t.Fatalf("status %d: %v", status, got)
	}
	d := all[0].(map[string]any)
	if d["subject"] != record.ID || d["payload"].(map[string]any)["type"] != "classification.completed" {
		t.Errorf("delivery %v", d)
	}
	if status, got := h.do("POST", path+"/deliveries/"+d["id"].(string)+"/replay", ""); status != 202 || got["id"] != d["id"] {
		t.Errorf("status %d: %v", status, got)
	}
	other := h.add()
	if status, _ := h.do("POST", other+"/deliveries/"+d["id"].(string)+"/replay", ""); status != 404 {
		t.Errorf("another webhook's delivery: status %d", status)
	}
}

// Whoever has not the scope is refused, and to another tenant nothing is there.
func TestWebhooksAreTheirTenants(t *testing.T) {
	h := newHooks(t)
	path := h.add()
	storetest.Finish(t, h.s, "a", store.Completed)
	_, got := h.do("GET", path+"/deliveries", "")
	delivery := got["deliveries"].([]any)[0].(map[string]any)["id"].(string)
	for _, tt := range []struct{ method, path, body string }{
		{"GET", path, ""}, {"PATCH", path, `{"url":"https://evil.example/"}`}, {"DELETE", path, ""}, {"POST", path + "/rotate", ""},
		{"POST", path + "/test", ""}, {"GET", path + "/deliveries", ""}, {"POST", path + "/deliveries/" + delivery + "/replay", ""},
	} {
		if status, got := h.as("b", "admin", tt.method, tt.path, tt.body); status != 404 {
			t.Errorf("another tenant, %s %s: status %d: %v", tt.method, tt.path, status, got)
		}
		if status, got := h.as("a", "review", tt.method, tt.path, tt.body); status != 403 {
			t.Errorf("without the scope, %s %s: status %d: %v", tt.method, tt.path, status, got)
		}
	}
	if status, all := h.as("b", "admin", "GET", "/v1/webhooks", ""); status != 200 || len(all["webhooks"].([]any)) != 0 {
		t.Errorf("another tenant's list: status %d: %v", status, all)
	}
	if status, got := h.do("GET", path, ""); status != 200 || got["url"] != "https://example.com/in" {
		t.Errorf("it is %v by now", got)
	}
}

func TestNoWebhooksWithoutAStore(t *testing.T) {
	srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{Log: slog.New(slog.DiscardHandler)}))
	t.Cleanup(srv.Close)
	if status, got := get(t, srv.URL+"/v1/webhooks"); status != 404 || got["code"] != "not_found" {
		t.Errorf("status %d: %v", status, got)
	}
}
