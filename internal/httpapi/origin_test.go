package httpapi_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/httpapi"
)

// A page of another site must not spend the keys of whoever visits it.
func TestWhoMayAsk(t *testing.T) {
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	api := httpapi.NewWatched(t, httpapi.Options{
		Classifier: c, Log: slog.New(slog.DiscardHandler), Hosts: httpapi.LoopbackHosts("", "127.0.0.1:8080"),
	})
	tests := []struct {
		name, method, path, host string
		header                   http.Header
		status                   int
		code                     string
	}{
		{"a program", "POST", "/v1/classifications", "127.0.0.1:8080", nil, 200, ""},
		{"a program that says localhost", "POST", "/v1/classifications", "LocalHost:8080", nil, 200, ""},
		{"a program over IPv6", "POST", "/v1/classifications", "[::1]", nil, 200, ""},
		{"a page of our own", "POST", "/v1/classifications", "localhost:8080", http.Header{"Sec-Fetch-Site": {"same-origin"}}, 200, ""},
		{"a page of another site", "POST", "/v1/classifications", "localhost:8080", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403, "forbidden_origin"},
		{"the same on the original's route", "POST", "/classify_file", "localhost:8080", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403, "forbidden_origin"},
		{"such a page in an old browser", "POST", "/v1/classifications", "localhost:8080", http.Header{"Origin": {"https://example.com"}}, 403, "forbidden_origin"},
		{"a name that was pointed here", "POST", "/v1/classifications", "rebound.example.com:8080", http.Header{"Sec-Fetch-Site": {"same-origin"}}, 421, "misdirected_request"},
		{"such a name that only reads", "GET", "/v1/providers", "rebound.example.com:8080", nil, 421, "misdirected_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, kind := form(t, file("a.txt", invoice))
			r := httptest.NewRequest(tt.method, tt.path, body)
			r.Host = tt.host
			for name, values := range tt.header {
				r.Header[name] = values
			}
			r.Header.Set("Content-Type", kind)
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if tt.code == "" {
				return
			}
			if p := decode(t, w.Body); p["code"] != tt.code || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("problem %v, want the code %q", p, tt.code)
			}
		})
	}
}

func TestLoopbackHosts(t *testing.T) {
	usual := []string{"127.0.0.1", "::1", "localhost"}
	tests := []struct {
		name, configured, bound string
		want                    []string
	}{
		{"the usual address", "127.0.0.1:8080", "127.0.0.1:8080", usual},
		{"by name", "localhost:0", "127.0.0.1:41234", usual},
		{"over IPv6", "[::1]:8080", "[::1]:8080", usual},
		{"a name of one's own", "sift.example.com:80", "127.0.0.2:80", []string{"127.0.0.1", "127.0.0.2", "::1", "localhost", "sift.example.com"}},
		{"every address", ":8080", "[::]:8080", nil},
		{"an address that others reach", "192.0.2.1:80", "192.0.2.1:80", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := httpapi.LoopbackHosts(tt.configured, tt.bound); !slices.Equal(got, tt.want) {
				t.Errorf("hosts %q, want %q", got, tt.want)
			}
		})
	}
}

// A path that the mux would clean up has no HTML to answer with.
func TestPathsAreNotCleanedUp(t *testing.T) {
	srv, _, _ := server(t, "local", nil)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"//v1/taxonomies", "/v1//taxonomies", "/v1/../v1/taxonomies", "/v1/taxonomies/"} {
		resp, err := client.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if p := decode(t, resp.Body); resp.StatusCode != 404 || p["code"] != "not_found" {
			t.Errorf("%s: status %d %v, want 404", path, resp.StatusCode, p)
		}
	}
}
