// Package telemetry follows a document through the processes: its trace, told in OpenTelemetry's
// protocol, and the ids by which the lines of a log find each other.
package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Options configures Traces.
type Options struct {
	// Getenv looks up OpenTelemetry's own settings: OTEL_EXPORTER_OTLP_ENDPOINT and the like. Without
	// an endpoint nothing is told. Required.
	Getenv func(string) string

	Version string       // of this build
	Log     *slog.Logger // required: told when the collector stops taking traces, and when it takes them again
}

// Traces tells a collector what happens to documents. It is safe for concurrent use.
type Traces struct {
	trace.Tracer
	provider *sdk.TracerProvider // nil: nobody is told
}

// Open returns Traces, whether the collector answers or not. Its error says which setting does not fit.
func Open(o Options) (*Traces, error) {
	to, err := target(o)
	if err != nil {
		return nil, err
	}
	if to == nil {
		return &Traces{Tracer: noop.NewTracerProvider().Tracer("docsift")}, nil
	}
	pick, err := sampler(o.Getenv("OTEL_TRACES_SAMPLER"), o.Getenv("OTEL_TRACES_SAMPLER_ARG"))
	if err != nil {
		return nil, err
	}
	p := sdk.NewTracerProvider(
		sdk.WithBatcher(otlptrace.NewUnstarted(to)), sdk.WithSampler(pick),
		sdk.WithResource(resource.NewSchemaless(attributes(o)...)),
	)
	return &Traces{p.Tracer("github.com/docsift/docsift", trace.WithInstrumentationVersion(o.Version)), p}, nil
}

// On reports whether anybody is told.
func (t *Traces) On() bool { return t.provider != nil }

// Close tells what is left to be told, for as long as ctx allows.
func (t *Traces) Close(ctx context.Context) error {
	if t.provider == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// attributes says which process it is.
func attributes(o Options) []attribute.KeyValue {
	all := []attribute.KeyValue{attribute.String("service.version", o.Version)}
	name := "docsift"
	for _, kv := range pairs(o.Getenv("OTEL_RESOURCE_ATTRIBUTES")) {
		if kv[0] == "service.name" {
			name = kv[1]
			continue
		}
		all = append(all, attribute.String(kv[0], kv[1]))
	}
	if given := o.Getenv("OTEL_SERVICE_NAME"); given != "" {
		name = given
	}
	return append(all, attribute.String("service.name", name))
}

// sampler says which traces are told.
func sampler(name, arg string) (sdk.Sampler, error) {
	share := 1.0
	if arg != "" {
		var err error
		if share, err = strconv.ParseFloat(arg, 64); err != nil || !(share >= 0 && share <= 1) {
			return nil, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG=%s: give a share from 0 to 1", arg)
		}
	}
	root, whole := strings.CutPrefix(name, "parentbased_")
	var s sdk.Sampler
	switch root {
	case "", "always_on":
		s, whole = sdk.AlwaysSample(), whole || name == ""
	case "always_off":
		s = sdk.NeverSample()
	case "traceidratio":
		s = sdk.TraceIDRatioBased(share)
	default:
		return nil, fmt.Errorf("OTEL_TRACES_SAMPLER=%s: use always_on, always_off or traceidratio, with parentbased_ before it or without", name)
	}
	if whole {
		s = sdk.ParentBased(s)
	}
	return s, nil
}

// Serve returns h with a span for each request, in the trace that its caller names. Who answers gives
// the span of its context a better name.
func (t *Traces) Serve(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/metrics", "/healthz", "/readyz": // of machines, all the time
			h.ServeHTTP(w, r)
			return
		}
		ctx := r.Context()
		if r.Header.Get("Traceparent") != "" {
			ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
		}
		ctx, span := t.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Parent returns how the span of ctx is named to another process, or "".
func Parent(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ""
	}
	to := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, to)
	return to["traceparent"]
}

// Continue returns ctx in the trace that Parent named.
func Continue(ctx context.Context, parent string) context.Context {
	if parent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": parent})
}

// TraceID returns the id of the trace of ctx, or "".
func TraceID(ctx context.Context) string {
	if s := trace.SpanContextFromContext(ctx); s.HasTraceID() {
		return s.TraceID().String()
	}
	return ""
}

// Sampled returns the id of the trace of ctx if a collector is told of it, or "".
func Sampled(ctx context.Context) string {
	if s := trace.SpanContextFromContext(ctx); s.IsSampled() {
		return s.TraceID().String()
	}
	return ""
}
