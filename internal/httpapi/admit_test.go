package httpapi_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/ratelimit"
)

// limited returns an API with limits, whose callers' keys are their X-Api-Key.
func limited(t *testing.T, limits string) *httpapi.Watched {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ratelimit.Open(ratelimit.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	parse := func(s string) []ratelimit.Limit {
		all, err := ratelimit.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	return httpapi.NewWatched(t, httpapi.Options{
		Classifier: c, Log: log, Limiter: l, Limits: parse(limits), Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")},
		Identify: func(r *http.Request) (httpapi.Caller, error) {
			c := httpapi.Caller{Tenant: "a", Key: r.Header.Get("X-Api-Key"), Scopes: []httpapi.Scope{httpapi.Admin}}
			switch c.Key {
			case "bad":
				return httpapi.Caller{}, fault.New(access.Unauthorized, nil, "the API key is not valid")
			case "lost":
				return httpapi.Caller{}, fault.New(fault.Storage, nil, "the database does not answer")
			case "own":
				c.Own, c.Limits = true, parse("5/h")
			case "free":
				c.Own = true
			}
			return c, nil
		},
	})
}

func TestRateLimits(t *testing.T) {
	type from struct{ key, conn, xff string }
	const direct = "192.0.2.7:1"
	tests := []struct {
		name, path string
		from       []from
		want       []int
	}{
		{"a client may send so many", "GET /v1/taxonomies", []from{{conn: direct}, {conn: direct}, {conn: direct}}, []int{200, 200, 429}},
		{"another one is another one", "GET /v1/taxonomies", []from{{conn: direct}, {conn: direct}, {conn: "192.0.2.8:1"}}, []int{200, 200, 200}},
		{"a network of IPv6 is one", "GET /v1/taxonomies", []from{{conn: "[2001:db8::1]:1"}, {conn: "[2001:db8::2]:1"}, {conn: "[2001:db8::3]:1"}, {conn: "[2001:db8:0:1::1]:1"}}, []int{200, 200, 429, 200}},
		{"who says it is another is not", "GET /v1/taxonomies", []from{{"", direct, "1.1.1.1"}, {"", direct, "2.2.2.2"}, {"", direct, "3.3.3.3"}}, []int{200, 200, 429}},
		{"behind our proxy each is one", "GET /v1/taxonomies", []from{{"", "10.0.0.1:1", "1.1.1.1"}, {"", "10.0.0.1:1", "1.1.1.1"}, {"", "10.0.0.1:1", "2.2.2.2"}, {"", "10.0.0.1:1", "9.9.9.9, 1.1.1.1"}}, []int{200, 200, 200, 429}},
		{"a key is one wherever it comes from", "GET /v1/taxonomies", []from{{"k", direct, ""}, {"k", "192.0.2.8:1", ""}, {"k", "192.0.2.9:1", ""}, {"", direct, ""}}, []int{200, 200, 429, 200}},
		{"a key's own limits count", "GET /v1/taxonomies", []from{{"own", direct, ""}, {"own", direct, ""}, {"own", direct, ""}, {"own", direct, ""}, {"own", direct, ""}, {"own", direct, ""}}, []int{200, 200, 200, 200, 200, 429}},
		{"a key without limits has none", "GET /v1/taxonomies", []from{{"free", direct, ""}, {"free", direct, ""}, {"free", direct, ""}}, []int{200, 200, 200}},
		{"keys are not tried out", "GET /v1/taxonomies", []from{{"bad", direct, ""}, {"bad", direct, ""}, {"bad", direct, ""}, {"k", direct, ""}}, []int{401, 401, 429, 200}},
		{"an outage is not the client's", "GET /v1/taxonomies", []from{{"lost", direct, ""}, {"lost", direct, ""}, {"lost", direct, ""}}, []int{503, 503, 503}},
		{"public routes do not count", "GET /healthz", []from{{conn: direct}, {conn: direct}, {conn: direct}}, []int{200, 200, 200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := limited(t, "2/h,100/d")
			method, path, _ := strings.Cut(tt.path, " ")
			for i, f := range tt.from {
				r := httptest.NewRequest(method, path, nil)
				r.RemoteAddr = f.conn
				r.Header.Set("X-Api-Key", f.key)
				if f.xff != "" {
					r.Header.Set("X-Forwarded-For", f.xff)
				}
				w := httptest.NewRecorder()
				api.ServeHTTP(w, r)
				if w.Code != tt.want[i] {
					t.Errorf("request %d: %d, want %d: %s", i+1, w.Code, tt.want[i], w.Body)
				}
			}
		})
	}
}

func TestRateLimitHeaders(t *testing.T) {
	api := limited(t, "2/h,100/d")
	ask := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", "/v1/taxonomies", nil))
		return w
	}
	check := func(w *httptest.ResponseRecorder, want map[string]string) {
		t.Helper()
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s: %s, want %s", name, got, value)
			}
		}
		reset, err := strconv.ParseInt(w.Header().Get("X-RateLimit-Reset"), 10, 64)
		if in := time.Until(time.Unix(reset, 0)); err != nil || in < 25*time.Minute || in > 61*time.Minute {
			t.Errorf("X-RateLimit-Reset: in %v, %v", in, err)
		}
	}
	const policy = `"2/h";q=2;w=3600, "100/d";q=100;w=86400`
	check(ask(), map[string]string{"RateLimit-Policy": policy, "RateLimit": `"2/h";r=1;t=1800, "100/d";r=99;t=85536`, "X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "1", "Retry-After": ""})
	ask()
	w := ask()
	check(w, map[string]string{"RateLimit-Policy": policy, "RateLimit": `"2/h";r=0;t=1800`, "X-RateLimit-Remaining": "0", "Retry-After": "1800", "Content-Type": "application/problem+json"})
	if p := decode(t, w.Body); w.Code != 429 || p["code"] != "rate_limit_exceeded" {
		t.Errorf("%d %v", w.Code, p)
	}
}

// Each route refuses in the shape that its clients know.
func TestRefusalsHaveTheShapeOfTheRoute(t *testing.T) {
	for path, want := range map[string]string{
		"/classify_file":      `map[error:too many requests: 1/h are allowed]`,
		"/v1/decisions":       `map[error:map[code:rate_limit_exceeded message:too many requests: 1/h are allowed param:<nil> type:rate_limit_error]]`,
		"/v1/systemone":       `map[error:map[code:rate_limit_exceeded message:too many requests: 1/h are allowed param:<nil> type:rate_limit_error]]`,
		"/v1/classifications": `map[code:rate_limit_exceeded detail:too many requests: 1/h are allowed status:429 title:Too Many Requests type:about:blank]`,
	} {
		api := limited(t, "1/h")
		w := httptest.NewRecorder()
		for range 2 {
			w = httptest.NewRecorder()
			api.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader("{}")))
		}
		if got := fmt.Sprint(decode(t, w.Body)); w.Code != 429 || got != want || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %s, want %s", path, w.Code, got, want)
		}
	}
}
