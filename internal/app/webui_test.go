//go:build linux

package app_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/ratelimit"
)

// Who signs in at the page may do there, and at the API, what the key allows, and no page of another site
// may do it for them.
func TestSigningIn(t *testing.T) {
	c := asking(t)
	c.Access.LimitsSet = true
	c.Access.Limits = []ratelimit.Limit{{Count: 5, Per: 60e9}} // which is too few for a person at the page
	_, whole := newKey(t, c, access.Key{Tenant: "acme", Scopes: []access.Scope{access.Read, access.Review}})
	address, _, _ := run(t, app.Options{Config: c})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	send := func(method, path, body string, header ...string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	form := url.Values{"key": {whole}}.Encode()
	signed := send("POST", "/signin", form, "Content-Type", "application/x-www-form-urlencoded")
	if signed.StatusCode != http.StatusSeeOther || len(signed.Cookies()) != 1 {
		t.Fatalf("signing in: %d", signed.StatusCode)
	}
	cookie := signed.Cookies()[0].Name + "=" + signed.Cookies()[0].Value
	tests := []struct {
		name, method, path, body string
		header                   []string
		status                   int
	}{
		{"a page that is allowed", "GET", "/documents", "", nil, 200},
		{"one that is not", "GET", "/keys", "", nil, 403},
		{"one that there is not, for a browser", "GET", "/docments", "", []string{"Accept", "text/html,*/*"}, 404},
		{"the first page leads to one that is", "GET", "/", "", nil, 303},
		{"the API", "GET", "/v1/stats", "", nil, 200},
		{"what changes something", "POST", "/v1/reviews/claim", `{"by":"ann","n":1}`, []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"the same from another site", "POST", "/v1/reviews/claim", `{"by":"ann","n":1}`, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"the same from an old browser at another site", "POST", "/v1/reviews/claim", `{"by":"ann","n":1}`, []string{"Origin", "https://evil.example"}, 403},
		{"a sign-out from another site", "POST", "/signout", "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"what the scope does not allow", "GET", "/v1/keys", "", nil, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp := send(tt.method, tt.path, tt.body, append(tt.header, "Cookie", cookie)...)
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != tt.status {
				t.Errorf("%d %.300s", resp.StatusCode, body)
			}
			if !strings.HasPrefix(tt.path, "/v1/") && tt.path != "/signout" && !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%v", resp.Header)
			}
		})
	}
	last := 0
	for range 8 {
		last = send("POST", "/signin", "key=ds_guess", "Content-Type", "application/x-www-form-urlencoded").StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("keys can be tried out at the page: %d", last)
	}
}
