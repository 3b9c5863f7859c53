package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/model"
)

func benchWatch(b *testing.B, settings map[string]string) *watch {
	b.Helper()
	w, err := openWatch(config.Config{Getenv: func(name string) string { return settings[name] }}, slog.New(slog.DiscardHandler), "v1")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.close() })
	return w
}

// BenchmarkWatch is what being watched adds to a document that two models are asked about.
func BenchmarkWatch(b *testing.B) {
	for _, bb := range []struct {
		name     string
		settings map[string]string
	}{
		{"metrics and a line of log", nil},
		{"and every trace", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}},
		{"and one trace in a hundred", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			w := benchWatch(b, bb.settings)
			r := store.Record{ID: store.NewID(), Tenant: "default", Source: store.Sync, Result: &docsift.Result{}}
			h := w.traces.Serve(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
				for _, name := range []string{"openai/gpt-4o-mini", "openai/gpt-4o"} {
					_, end := w.request(req.Context(), ledger.Sent{Model: name, Stage: "text", Policy: "default"})
					end(model.Response{}, ledger.Closed{State: ledger.Settled, Cost: 100, Priced: true, Input: 900, Output: 20})
				}
				w.Answered(req.Context(), r)
				w.Served(req.Context(), "POST /v1/classifications", 200, time.Second)
			}))
			req := httptest.NewRequest(http.MethodPost, "/v1/classifications", nil)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(nil, req)
			}
		})
	}
}

// BenchmarkSync is a whole document whose sender waits: a small text for the local model, the cheapest there is.
func BenchmarkSync(b *testing.B) {
	env := map[string]string{"DOCSIFT_ADDR": "127.0.0.1:0", "DOCSIFT_DATA": b.TempDir(), "DOCSIFT_POLICY": "local", "DOCSIFT_CHILDREN": "0", "DOCSIFT_OCR": "off", "DOCSIFT_CACHE": "off", "LOG_LEVEL": "error"}
	c, err := config.Load(func(name string) string { return env[name] }, config.DefaultFile)
	if err != nil {
		b.Fatal(err)
	}
	a, err := New(Options{Config: c, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	for b.Loop() {
		req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/v1/classifications", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nInvoice number 7 of the goods that came on time, due in thirty days.\r\n--x--\r\n"))
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		w := httptest.NewRecorder()
		if a.srv.Handler.ServeHTTP(w, req); w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
}

// BenchmarkScrape is what a scrape costs, of a process that does all there is.
func BenchmarkScrape(b *testing.B) {
	env := map[string]string{"DOCSIFT_DATA": b.TempDir(), "OPENAI_API_KEY": "x", "GOOGLE_API_KEY": "x", "ANTHROPIC_API_KEY": "x", "DOCSIFT_CHILDREN": "0", "DOCSIFT_OCR": "off", "DOCSIFT_LEDGER": "off"}
	c, err := config.Load(func(name string) string { return env[name] }, config.DefaultFile)
	if err != nil {
		b.Fatal(err)
	}
	s, err := openService(c, slog.New(slog.DiscardHandler), "v1")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for _, name := range []string{"openai/a", "openai/b", "google/c", "anthropic/d"} {
		_, end := s.watch.request(b.Context(), ledger.Sent{Model: name})
		end(model.Response{}, ledger.Closed{State: ledger.Settled, Priced: true, Input: 900, Output: 20})
	}
	h := s.watch.metrics.Handler()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil))
	}
}
