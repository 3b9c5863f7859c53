//go:build linux

package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/ratelimit"
	"github.com/docsift/docsift/internal/sim"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// asking returns the settings of a server that asks for keys.
func asking(t *testing.T) config.Config {
	t.Helper()
	return config.Config{
		Getenv: func(string) string { return "" }, Addr: "127.0.0.1:0", Policy: "local", Taxonomy: "finance",
		Data: t.TempDir(), Access: config.Access{Auth: config.AuthOn},
	}
}

// newKey makes a key as the command does.
func newKey(t *testing.T, c config.Config, k access.Key) (access.Key, string) {
	t.Helper()
	s, err := app.OpenStore(t.Context(), c, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	k.Created = time.Now()
	k, whole := access.New(k)
	if err := s.AddKey(t.Context(), k, "test"); err != nil {
		t.Fatal(err)
	}
	return k, whole
}

func do(t *testing.T, method, url, body string, header ...string) (answer, map[string]any) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	json.Unmarshal(data, &v)
	code, _ := v["code"].(string)
	return answer{resp.StatusCode, code}, v
}

// A key is made while the server runs, counts at once, makes others, and is gone soon after it was revoked.
func TestKeys(t *testing.T) {
	c, log := asking(t), new(syncLog)
	url, _, _ := run(t, app.Options{Config: c, Log: slog.New(slog.NewTextHandler(log, nil))})
	if got, _ := do(t, "GET", url+"/v1/providers", ""); got != (answer{401, "unauthorized"}) || !strings.Contains(log.String(), "there is no API key yet") {
		t.Errorf("without a key: %v; log %s", got, log)
	}
	if got, _ := do(t, "GET", url+"/readyz", ""); got.status != 200 {
		t.Errorf("whether it is ready is a secret: %v", got)
	}
	_, admin := newKey(t, c, access.Key{Tenant: "acme", Scopes: []access.Scope{access.Admin}})
	if got, _ := do(t, "GET", url+"/v1/providers", "", "X-Api-Key", admin); got.status != 200 {
		t.Fatalf("with a new key: %v", got)
	}
	got, made := do(t, "POST", url+"/v1/keys", `{"name":"scanner","limits":"1/h","budget_day_usd":"2.50"}`, "Authorization", "bearer "+admin)
	if got.status != 201 || made["tenant"] != "acme" || made["budget_day_usd"] != "2.50" && made["budget_day_usd"] != "2.5" {
		t.Fatalf("made %v %v", got, made)
	}
	whole := made["key"].(string)
	for i, want := range []answer{{403, "forbidden"}, {429, "rate_limit_exceeded"}} {
		if got, _ := do(t, "GET", url+"/v1/providers", "", "Authorization", "Bearer "+whole); got != want {
			t.Errorf("request %d with the scanner's key: %v, want %v", i+1, got, want)
		}
	}
	if _, all := do(t, "GET", url+"/v1/keys", "", "X-Api-Key", admin); strings.Contains(toText(all), whole) || !strings.Contains(toText(all), "scanner") {
		t.Errorf("keys %v", all)
	}
	for _, bad := range []string{`{"scopes":["root"]}`, `{"limits":"many"}`, `{"budget_day_usd":"-1"}`, `{"tenant":"other"}`, `{"expires_at":"2001-01-01T00:00:00Z"}`, `x`} {
		if got, _ := do(t, "POST", url+"/v1/keys", bad, "X-Api-Key", admin); got != (answer{400, "invalid_request"}) {
			t.Errorf("a key as in %s: %v", bad, got)
		}
	}
	if got, _ := do(t, "DELETE", url+"/v1/keys/"+made["id"].(string), "", "X-Api-Key", admin); got.status != 204 {
		t.Errorf("revoke: %v", got)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if got, _ := do(t, "GET", url+"/v1/providers", "", "X-Api-Key", whole); got.status == 401 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a revoked key counts for more than ten seconds")
		}
	}
	_, acts := do(t, "GET", url+"/v1/audit", "", "X-Api-Key", admin)
	if text := toText(acts); !strings.Contains(text, "key.revoke") || !strings.Contains(text, "key.create") {
		t.Errorf("acts %s", text)
	}
	if strings.Contains(log.String(), whole) || strings.Contains(log.String(), admin) {
		t.Error("the log has a key")
	}
}

func toText(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// Whether keys are asked for, and how much anybody may send, follows from who reaches the server.
func TestWhoIsAsked(t *testing.T) {
	hundred := []ratelimit.Limit{{Count: 100, Per: time.Minute}}
	tests := []struct {
		name   string
		change func(*config.Config)
		want   int
		policy string // what RateLimit-Policy says
	}{
		{"on this machine nobody", func(c *config.Config) { c.Access.Auth = config.AuthAuto }, 200, ""},
		{"unless it is set", func(*config.Config) {}, 401, ""},
		{"limits count where they are set", func(c *config.Config) { c.Access.Auth, c.Access.LimitsSet = config.AuthAuto, true }, 200, `"100/m";q=100;w=60`},
		{"behind a proxy everybody", func(c *config.Config) {
			c.Access.Auth, c.Access.Proxies = config.AuthAuto, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		}, 401, `"100/m";q=100;w=60`},
		{"unless that is set", func(c *config.Config) {
			c.Access.Auth, c.Access.Proxies = config.AuthOff, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		}, 200, `"100/m";q=100;w=60`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := asking(t)
			c.Access.Limits = hundred
			tt.change(&c)
			url, _, _ := run(t, app.Options{Config: c})
			resp, err := http.Get(url + "/v1/taxonomies")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := resp.Header.Get("RateLimit-Policy"); resp.StatusCode != tt.want || got != tt.policy {
				t.Errorf("%d and %q, want %d and %q", resp.StatusCode, got, tt.want, tt.policy)
			}
		})
	}
	c := asking(t)
	c.Data = ""
	if _, err := app.New(app.Options{Config: c, Log: quiet()}); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "DOCSIFT_DATA") {
		t.Errorf("keys without a folder: %v", err)
	}
}

// While the database is gone, those who are known are let in, and nobody is told that his key is wrong.
func TestKeysWithoutTheirDatabase(t *testing.T) {
	pg := pgtest.Start(t)
	c := asking(t)
	c.Database = pg.URL("postgres")
	k, whole := newKey(t, c, access.Key{Tenant: "acme", Scopes: []access.Scope{access.Admin}})
	url, _, _ := run(t, app.Options{Config: c})
	status := func(key string) answer {
		got, _ := do(t, "GET", url+"/v1/taxonomies", "", "X-Api-Key", key)
		return got
	}
	if got := status(whole); got.status != 200 {
		t.Fatalf("%v", got)
	}
	pg.Stop()
	_, unknown := access.New(access.Key{})
	lost := answer{503, string(fault.Storage)}
	if got := status(unknown); got != lost {
		t.Errorf("an unknown key: %v, want %v", got, lost)
	}
	if got := status(whole); got.status != 200 {
		t.Errorf("a known key: %v", got)
	}
	if got, _ := do(t, "DELETE", url+"/v1/keys/"+k.ID, "", "X-Api-Key", whole); got != lost {
		t.Errorf("revoke: %v, want %v", got, lost)
	}
	pg.Run()
	for end := time.Now().Add(30 * time.Second); status(unknown).status != 401; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("an unknown key once it is back: %v", status(unknown))
		}
	}
}

// What a key may spend a day bounds what its requests pay for, and nobody else's.
func TestBudgetOfAKey(t *testing.T) {
	asks, err := sim.New(sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(asks)
	defer provider.Close()
	c := asking(t)
	env := map[string]string{"OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": provider.URL + "/v1", "MAX_RETRIES": "0"}
	c.Getenv, c.Policy = func(name string) string { return env[name] }, "guide"
	url, _, _ := run(t, app.Options{Config: c})
	_, poor := newKey(t, c, access.Key{Tenant: "acme", Scopes: []access.Scope{access.Classify}, Budget: 1_000_000})
	_, rich := newKey(t, c, access.Key{Tenant: "acme", Scopes: []access.Scope{access.Classify}})
	ask := func(key, text string) (answer, string) {
		got, why := do(t, "POST", url+"/v1/classifications", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"+text+"\r\n--b--\r\n",
			"Content-Type", "multipart/form-data; boundary=b", "Authorization", "Bearer "+key)
		return got, toText(why)
	}
	n, most := 0, 50
	for ; n < most; n++ {
		if got, _ := ask(poor, fmt.Sprint("Letter number ", n, " which says next to nothing.")); got.status != 200 {
			break
		}
	}
	paid := len(asks.Requests())
	if n == 0 || n == most || paid != n {
		t.Fatalf("%d documents were answered and %d paid for", n, paid)
	}
	if got, why := ask(poor, "Letter number 99, which says next to nothing."); got.status != 503 || !strings.Contains(why, string(fault.Budget)) || len(asks.Requests()) != paid {
		t.Errorf("beyond its budget: %v %s", got, why)
	}
	if got, why := ask(rich, "Letter number 100, which is another key's."); got.status != 200 {
		t.Errorf("another key: %v %s", got, why)
	}
}
