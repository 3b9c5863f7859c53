package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
)

// Statistics are the caller's own, within bounds, and 404 where there are none.
func TestStats(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "docsift.db"), log)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for _, tenant := range []string{"ann", "bob", "bob"} {
		r := store.Record{ID: store.NewID(), Tenant: tenant, State: store.Completed, Source: store.Sync, Created: at, Finished: at, Result: &docsift.Result{}}
		r.Result.ProviderUsed = "openai"
		if err := s.Note(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	serve := func(stats httpapi.Statistics) string {
		srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{
			Classifier: c, Log: log, Stats: stats,
			Identify: func(r *http.Request) (httpapi.Caller, error) {
				return httpapi.Caller{Tenant: r.Header.Get("Authorization"), Scopes: []httpapi.Scope{httpapi.Read}}, nil
			},
		}))
		t.Cleanup(srv.Close)
		return srv.URL
	}
	with, without := serve(s.Stats), serve(nil)
	tests := []struct {
		name, url, tenant string
		status            int
		documents         float64
	}{
		{"one's own", with + "/v1/stats?from=2026-11-27&to=2026-11-28&group=provider", "ann", 200, 1},
		{"another's own", with + "/v1/stats?from=2026-11-27T12:00:00Z&to=2026-11-27T13:00:00Z&by=day", "bob", 200, 2},
		{"of nobody", with + "/v1/stats?from=2026-11-27&to=2026-11-28", "eve", 200, 0},
		{"by what there is not", with + "/v1/stats?group=tenant", "ann", 400, 0},
		{"of another tenant", with + "/v1/stats?tenant=bob", "ann", 400, 0},
		{"at no moment", with + "/v1/stats?from=yesterday", "ann", 400, 0},
		{"of too long", with + "/v1/stats?from=2025-01-01&to=2026-01-01", "ann", 400, 0},
		{"of a year by day", with + "/v1/stats?from=2025-01-01&to=2026-01-01&by=day", "ann", 200, 0},
		{"where there are none", without + "/v1/stats", "ann", 404, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", tt.tenant)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body := decode(t, resp.Body)
			if resp.StatusCode != tt.status {
				t.Fatalf("status %d, want %d: %v", resp.StatusCode, tt.status, body)
			}
			if total, _ := body["total"].(map[string]any); tt.status == 200 && total["documents"] != tt.documents {
				t.Errorf("%v, want %v documents", total, tt.documents)
			}
		})
	}
}
