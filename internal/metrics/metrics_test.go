package metrics_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/metrics"
)

func scrape(t testing.TB, m *metrics.Metrics, accept string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d, %v", w.Code, err)
	}
	return string(body)
}

const openMetrics = "application/openmetrics-text; version=1.0.0"

func TestCounts(t *testing.T) {
	m := metrics.New(metrics.Options{Version: "v1", Known: func(c string) bool { return c == "invoice" }})
	m.Classified(metrics.Classification{Source: "sync", Provider: "openai", Category: "invoice", Outcome: metrics.Completed, Upgraded: true, Took: 300 * time.Millisecond, Trace: "4bf92f3577b34da6a3ce929d0e0e4736"})
	m.Classified(metrics.Classification{Source: "async", Category: "my own", Outcome: metrics.Review, Review: "low_confidence"})
	m.Canceled("batch", 3)
	for range 10 { // a tenth of a dollar each, which is no binary fraction
		m.Requested(metrics.Request{Model: "google/gemini", NanoUSD: 100_000_000, Input: 1000, Output: 10})
	}
	m.Requested(metrics.Request{Model: "openai/one", Error: "timeout", NanoUSD: 7, Unknown: true})
	text := scrape(t, m, openMetrics)
	for _, want := range []string{
		`docsift_classifications_total{category="invoice",outcome="completed",provider="openai",source="sync"} 1.0`,
		`docsift_classifications_total{category="other",outcome="review",provider="none",source="async"} 1.0`,
		`docsift_classifications_total{category="none",outcome="canceled",provider="none",source="batch"} 3.0`,
		"docsift_upgrades_total 1.0", "docsift_backups_total 0.0",
		`docsift_reviews_total{reason="low_confidence"} 1.0`,
		`docsift_cost_usd_total{model="google/gemini",provider="google"} 1.0`,
		`docsift_cost_usd_total{model="openai/one",provider="openai"} 7e-09`,
		`docsift_cost_unknown_total{model="openai/one",provider="openai"} 1.0`,
		`docsift_provider_errors_total{kind="timeout",model="openai/one",provider="openai"} 1.0`,
		`docsift_provider_requests_total{model="google/gemini",outcome="answer",provider="google"} 10.0`,
		`gen_ai_client_token_usage_sum{gen_ai_operation_name="chat",gen_ai_provider_name="gcp.gemini",gen_ai_request_model="gemini",gen_ai_token_type="input"} 10000.0`,
		`# {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.3`,
		`docsift_build_info{go="`,
		"go_goroutines ", "process_cpu_seconds_total ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// Whatever comes in, the number of series stays bounded.
func TestSeriesAreBounded(t *testing.T) {
	m := metrics.New(metrics.Options{Known: func(c string) bool { return c == "invoice" }})
	flood := func(from, to int) int {
		for i := from; i < to; i++ {
			strange := fmt.Sprintf("strange %d\n\x00\xff", i)
			m.Classified(metrics.Classification{Source: "sync", Provider: strange, Category: strange, Outcome: metrics.Completed})
			m.Requested(metrics.Request{Model: "acme/" + strange})
			m.Unsent(strange, "circuit_open")
			m.Served("GET /"+strange, 200, 0, "")
			m.RateLimited(strange)
		}
		return strings.Count(scrape(t, m, "text/plain"), "\n")
	}
	few := flood(0, 500)
	if many := flood(500, 5000); many > few || many > 10_000 {
		t.Errorf("%d lines after 500 strange names, %d after 5,000", few, many)
	}
}

// What is read at a scrape is read at each, and adds up.
func TestSources(t *testing.T) {
	m := metrics.New(metrics.Options{})
	n := 1.0
	m.Add(metrics.Source{Spec: metrics.Spec{Name: "docsift_x", Type: "gauge", Labels: []string{"of"}, Help: "X."}, Read: func(emit metrics.Emit) {
		emit(n, "a")
		emit(n, "a")
		emit(7, "")
	}})
	for n = 1; n < 3; n++ {
		text := scrape(t, m, "text/plain")
		if want := fmt.Sprintf(`docsift_x{of="a"} %g`, 2*n); !strings.Contains(text, want) || !strings.Contains(text, `docsift_x{of=""} 7`) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// Who asks for native histograms gets them.
func TestNativeHistograms(t *testing.T) {
	m := metrics.New(metrics.Options{})
	m.Classified(metrics.Classification{Source: "sync", Took: time.Second})
	body := scrape(t, m, "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")
	if !strings.Contains(body, "docsift_classification_duration_seconds") || strings.Contains(body, "# HELP") {
		t.Error("no protobuf")
	}
}

func BenchmarkRecord(b *testing.B) {
	m := metrics.New(metrics.Options{Known: func(string) bool { return true }})
	for b.Loop() {
		m.Requested(metrics.Request{Model: "openai/gpt-4o-mini", NanoUSD: 100, Input: 1000, Output: 10, Took: time.Second})
		m.Classified(metrics.Classification{Source: "sync", Provider: "openai", Category: "invoice", Outcome: metrics.Completed, Took: time.Second})
		m.Served("POST /v1/classifications", 200, time.Second, "")
	}
}
