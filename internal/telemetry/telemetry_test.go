package telemetry_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/docsift/docsift/internal/telemetry"
)

func open(t *testing.T, settings map[string]string) (*telemetry.Traces, error) {
	t.Helper()
	return telemetry.Open(telemetry.Options{Getenv: func(name string) string { return settings[name] }, Log: slog.New(slog.DiscardHandler), Version: "v1"})
}

func TestSettings(t *testing.T) {
	const at = "http://127.0.0.1:1"
	tests := []struct {
		name     string
		settings map[string]string
		on       bool
		wrong    string
	}{
		{"nothing is told without an endpoint", nil, false, ""},
		{"an endpoint turns it on", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": at}, true, ""},
		{"one of traces alone too", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": at + "/traces"}, true, ""},
		{"it can be switched off", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": at, "OTEL_SDK_DISABLED": "true"}, false, ""},
		{"an address that is none is refused", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}, false, "is not a web address"},
		{"gRPC is refused", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": at, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, "over http/protobuf"},
		{"a sampler that there is not is refused", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": at, "OTEL_TRACES_SAMPLER": "some"}, false, "OTEL_TRACES_SAMPLER=some"},
		{"a share above 1 is refused", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": at, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}, false, "a share from 0 to 1"},
		{"a time that is none is refused", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": at, "OTEL_EXPORTER_OTLP_TIMEOUT": "10s"}, false, "milliseconds"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr, err := open(t, tt.settings)
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("error %v, want %q", err, tt.wrong)
				}
				return
			}
			if err != nil || tr.On() != tt.on {
				t.Errorf("on %v, %v; want %v", err == nil && tr.On(), err, tt.on)
			}
		})
	}
}

// What a collector cannot take just now is sent again, and what it will not have is not.
func TestCollectorIsAskedAgain(t *testing.T) {
	for status, want := range map[int]int64{http.StatusServiceUnavailable: 3, http.StatusBadRequest: 1, http.StatusOK: 1} {
		var asked atomic.Int64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) < 3 {
				w.WriteHeader(status)
			}
		}))
		tr, err := open(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		_, span := tr.Start(t.Context(), "x")
		span.End()
		if err := tr.Close(context.Background()); err != nil || asked.Load() != want {
			t.Errorf("with %d: asked %d times, %v; want %d", status, asked.Load(), err, want)
		}
		srv.Close()
	}
}

// A trace goes from process to process by its name, whether anybody is told of it or not.
func TestParent(t *testing.T) {
	const name = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	ctx := telemetry.Continue(t.Context(), name)
	if got := telemetry.Parent(ctx); got != name {
		t.Errorf("parent %q", got)
	}
	if telemetry.TraceID(ctx) != name[3:35] || telemetry.Sampled(ctx) != name[3:35] {
		t.Errorf("trace %q", telemetry.TraceID(ctx))
	}
	for _, none := range []string{"", "rubbish", "00-00000000000000000000000000000000-0000000000000000-00"} {
		if ctx := telemetry.Continue(t.Context(), none); telemetry.Parent(ctx) != "" || telemetry.TraceID(ctx) != "" {
			t.Errorf("%q is a parent", none)
		}
	}
}

func TestLogger(t *testing.T) {
	var b bytes.Buffer
	ctx := telemetry.Continue(telemetry.WithRequest(t.Context(), "mine"), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
	log := telemetry.Logger(&b, slog.LevelInfo, true).With("of", "x")
	log.InfoContext(ctx, "one")
	log.InfoContext(ctx, "two", "request_id", "given")
	log.Info("three")
	log.DebugContext(ctx, "four")
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines: %s", len(lines), &b)
	}
	for i, want := range []string{
		`"msg":"one","of":"x","request_id":"mine","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`,
		`"msg":"two","of":"x","request_id":"given","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`,
		`"msg":"three","of":"x"}`,
	} {
		if !strings.HasSuffix(lines[i], want) {
			t.Errorf("line %d is %s, want …%s", i+1, lines[i], want)
		}
	}
}
