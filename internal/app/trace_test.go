package app_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// receiver is a collector of traces.
type receiver struct {
	mu    sync.Mutex
	spans []*tracepb.Span
	sent  http.Header
	whole string // all that came, as text
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z, err := gzip.NewReader(r.Body)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(z)
	}
	var data tracepb.TracesData
	if err == nil {
		err = proto.Unmarshal(body, &data)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent, c.whole = r.Header.Clone(), c.whole+data.String()
	for _, rs := range data.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			c.spans = append(c.spans, ss.Spans...)
		}
	}
}

// trace returns the spans of a trace, once so many have come.
func (c *receiver) trace(t *testing.T, id string, n int) []*tracepb.Span {
	t.Helper()
	var found []*tracepb.Span
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		c.mu.Lock()
		found = nil
		for _, s := range c.spans {
			if fmt.Sprintf("%x", s.TraceId) == id {
				found = append(found, s)
			}
		}
		c.mu.Unlock()
		if len(found) >= n {
			return found
		}
	}
	t.Fatalf("%d spans of %s have come, want %d: %v", len(found), id, n, found)
	return nil
}

func attr(s *tracepb.Span, name string) string {
	for _, a := range s.Attributes {
		if a.Key == name {
			return strings.Trim(a.Value.String(), `"`)
		}
	}
	return ""
}

// An accepted document has one trace, from its caller's through the queue to each model that was asked, and
// nothing of what it says is in it. Providers learn nothing of the trace.
func TestOneTraceOfADocument(t *testing.T) {
	c := &receiver{}
	collector := httptest.NewServer(c)
	t.Cleanup(collector.Close)
	w := newWatched(t, map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_EXPORTER_OTLP_HEADERS": "x-team=a%20b", "OTEL_SERVICE_NAME": "sorter",
	})
	const id, caller = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	w.later(w.text(doubted), "Traceparent", "00-"+id+"-"+caller+"-01")
	spans := c.trace(t, id, 6)
	by := make(map[string]*tracepb.Span)
	parents := map[string]string{caller: "the caller"}
	for _, s := range spans {
		by[s.Name] = s
		parents[fmt.Sprintf("%x", s.SpanId)] = s.Name
	}
	for name, parent := range map[string]string{
		"POST /v1/classifications": "the caller", "queue classify": "POST /v1/classifications", "process classify": "POST /v1/classifications",
		"extract": "process classify", "chat gpt-4o-mini": "process classify", "chat gpt-4o": "process classify",
	} {
		s := by[name]
		if s == nil {
			t.Errorf("no span %s", name)
		} else if got := parents[fmt.Sprintf("%x", s.ParentSpanId)]; got != parent {
			t.Errorf("%s is below %q, want %q", name, got, parent)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	for name, want := range map[string]string{
		"gen_ai.operation.name": "string_value:\"chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
		"gen_ai.response.model": "gpt-4o", "gen_ai.usage.output_tokens": "int_value", "docsift.stage": "upgrade",
	} {
		if got := attr(by["chat gpt-4o"], name); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %s", name, got, want)
		}
	}
	if by["chat gpt-4o"].Kind != tracepb.Span_SPAN_KIND_CLIENT || by["process classify"].Kind != tracepb.Span_SPAN_KIND_CONSUMER {
		t.Error("spans are of the wrong kind")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent.Get("X-Team") != "a b" || !strings.Contains(c.whole, "sorter") {
		t.Errorf("the collector heard %v", c.sent)
	}
	w.tellsNoSecret("traces", c.whole)
	w.mu.Lock()
	defer w.mu.Unlock()
	if slices.ContainsFunc(w.heads, func(h http.Header) bool { return h.Get("Traceparent") != "" }) || len(w.heads) == 0 {
		t.Error("a provider was told of the trace")
	}
}

// What a model failed of is in its span.
func TestSpansTellFailures(t *testing.T) {
	c := &receiver{}
	collector := httptest.NewServer(c)
	t.Cleanup(collector.Close)
	w := newWatched(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_TRACES_SAMPLER": "parentbased_always_off"})
	const id, unsampled = "5bf92f3577b34da6a3ce929d0e0e4736", "6bf92f3577b34da6a3ce929d0e0e4736"
	w.send("/v1/classifications", w.text(plainly), "Traceparent", "00-"+unsampled+"-00f067aa0ba902b7-00")
	w.send("/v1/classifications", w.text(backed), "Traceparent", "00-"+id+"-00f067aa0ba902b7-01")
	w.send("/v1/classifications", w.text(plainly)) // whose trace nobody asks for
	failed := 0
	for _, s := range c.trace(t, id, 4) {
		if strings.Contains(attr(s, "error.type"), "request_rejected") && s.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d spans tell of a failure, want 1", failed)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if fmt.Sprintf("%x", s.TraceId) != id {
			t.Errorf("%s was told, which nobody asked for", s.Name)
		}
	}
}

// A collector that is not there holds nothing up, and is told of once.
func TestWithoutACollector(t *testing.T) {
	w := newWatched(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + canary + ":p@127.0.0.1:1", "OTEL_EXPORTER_OTLP_TIMEOUT": "100"})
	if status, v := w.send("/v1/classifications", w.text(plainly)); status != http.StatusOK {
		t.Errorf("%d %v", status, v)
	}
	for end := time.Now().Add(30 * time.Second); !strings.Contains(w.log.String(), "does not take traces"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the log does not tell of the collector")
		}
	}
	w.tellsNoSecret("the log", w.log.String())
}
