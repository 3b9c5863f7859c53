package app

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/metrics"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/telemetry"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// watch tells what a process does: in metrics, in traces and in its log.
type watch struct {
	log     *slog.Logger
	metrics *metrics.Metrics
	traces  *telemetry.Traces

	mu         sync.Mutex
	categories map[string]bool      // of the taxonomies that requests may name
	broken     map[string]time.Time // when a budget last kept something from a model
}

var _ httpapi.Recorder = (*watch)(nil)

// openWatch returns a watch. A setting that does not fit is fault.Config.
func openWatch(c config.Config, log *slog.Logger, version string) (*watch, error) {
	traces, err := telemetry.Open(telemetry.Options{Getenv: c.Getenv, Version: version, Log: log})
	if err != nil {
		return nil, fault.New(fault.Config, nil, "%s", err)
	}
	w := &watch{log: log, traces: traces, categories: map[string]bool{taxonomy.Unknown: true}, broken: make(map[string]time.Time)}
	w.metrics = metrics.New(metrics.Options{Version: version, Known: w.knows})
	return w, nil
}

func (w *watch) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return w.traces.Close(ctx)
}

// mostCategories is how many are counted by name, so that what tenants make does not make metrics without end.
const mostCategories = 1000

// know has the categories of taxonomies counted by name.
func (w *watch) know(all ...*taxonomy.Taxonomy) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range all {
		for _, name := range t.Names() {
			if len(w.categories) < mostCategories {
				w.categories[name] = true
			}
		}
	}
}

func (w *watch) knows(category string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.categories[category]
}

// Served counts a request and names its span.
func (w *watch) Served(ctx context.Context, route string, status int, took time.Duration) {
	w.metrics.Served(route, status, took, telemetry.Sampled(ctx))
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	if method, path, ok := strings.Cut(route, " "); ok {
		span.SetName(route)
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", path))
	}
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= 500 {
		span.SetStatus(codes.Error, "")
	}
}

// Limited counts a request whose caller sent too many.
func (w *watch) Limited(route string) { w.metrics.RateLimited(route) }

// Canceled counts documents that nobody wants answered any more.
func (w *watch) Canceled(source store.Source, n int) {
	if n > 0 {
		w.metrics.Canceled(string(source), n)
	}
}

// Answered counts a document that has its answer, and has the log tell of it.
func (w *watch) Answered(ctx context.Context, r store.Record) {
	a := r.Result
	c := metrics.Classification{
		Source: string(r.Source), Provider: a.ProviderUsed, Category: a.Classification, Outcome: metrics.Completed,
		Upgraded: a.Upgraded, Backup: a.IsBackup, Degraded: a.Degraded,
		Took: time.Duration(a.Timings.Total * float64(time.Millisecond)), Trace: telemetry.Sampled(ctx),
	}
	if a.Review.Needed {
		c.Outcome, c.Review = metrics.Review, string(a.Review.Reason)
	}
	if a.Error != nil {
		c.Outcome = metrics.Failed
	}
	w.metrics.Classified(c)
	for _, at := range a.Attempts {
		if at.Error != nil && at.Error.Code.Unsent() {
			w.metrics.Unsent(at.Model, string(at.Error.Code))
			if at.Error.Code == fault.Budget {
				w.overspent(at)
			}
		}
	}
	span := trace.SpanFromContext(ctx)
	if span.IsRecording() {
		span.SetAttributes(attribute.String("docsift.classification.id", r.ID), attribute.String("docsift.outcome", c.Outcome),
			attribute.Bool("docsift.cached", a.Cached), attribute.Bool("docsift.upgraded", a.Upgraded))
	}
	w.line(ctx, r)
}

// line is the log's of a document: what the scaling guide wants to be logged, and by what it is found.
// What the document says and what its file is called are left out.
func (w *watch) line(ctx context.Context, r store.Record) {
	a, confidence := r.Result, slog.Any("confidence", nil)
	if a.Confidence != nil {
		confidence = slog.Float64("confidence", *a.Confidence)
	}
	category := a.Classification
	if !w.knows(category) {
		category = "other" // a caller's own word
	}
	attrs := []slog.Attr{
		slog.String("classification", category), confidence, slog.String("provider", a.ProviderUsed), slog.Bool("upgraded", a.Upgraded),
		slog.Float64("processing_time", a.Timings.Total/1000), slog.String("model", a.Model), slog.String("id", r.ID), slog.String("tenant", r.Tenant),
		slog.String("source", string(r.Source)), slog.Bool("cached", a.Cached), slog.String("cost", a.Cost.String()), slog.Int("attempts", len(a.Attempts)),
	}
	if a.Review.Needed {
		attrs = append(attrs, slog.String("review", string(a.Review.Reason)))
	}
	if a.Error != nil {
		attrs = append(attrs, slog.String("code", string(a.Error.Code)))
	}
	w.log.LogAttrs(ctx, slog.LevelInfo, "classified", attrs...)
}

// quiet is for how long a budget must have kept nothing back for the log to tell that it does again.
const quiet = time.Hour

// overspent tells, once, that a budget keeps requests from a model.
func (w *watch) overspent(at cascade.Attempt) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	key := at.Model + " " + at.Key
	last := w.broken[key]
	w.broken[key] = now
	if now.Sub(last) > quiet {
		w.log.Warn("a budget keeps requests from a model", "model", at.Model, "key", at.Key, "reason", at.Error.Message)
	}
}

// request watches a request to a model.
func (w *watch) request(ctx context.Context, s ledger.Sent) (context.Context, func(model.Response, ledger.Closed)) {
	start := time.Now()
	ctx, span := w.attempt(ctx, s)
	return ctx, func(r model.Response, c ledger.Closed) {
		if s.Model != "local" {
			w.metrics.Requested(metrics.Request{
				Model: s.Model, Error: c.Error, NanoUSD: int64(c.Cost), Unknown: c.State == ledger.Unknown || !c.Priced,
				Input: c.Input, Output: c.Output, Took: time.Since(start), Trace: telemetry.Sampled(ctx),
			})
		}
		if span.IsRecording() {
			tellAnswer(span, r, c)
		}
		span.End()
	}
}

// attempt begins the span of a request, by OpenTelemetry's conventions for generative AI.
func (w *watch) attempt(ctx context.Context, s ledger.Sent) (context.Context, trace.Span) {
	if !w.traces.On() {
		return ctx, trace.SpanFromContext(context.Background())
	}
	provider, short, _ := strings.Cut(s.Model, "/")
	attrs := []attribute.KeyValue{attribute.String("docsift.policy", s.Policy), attribute.String("docsift.stage", s.Stage)}
	if s.Model == "local" {
		return w.traces.Start(ctx, "classify local", trace.WithAttributes(attrs...))
	}
	return w.traces.Start(ctx, "chat "+short, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(append(attrs,
		attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.provider.name", metrics.GenAIProvider(provider)),
		attribute.String("gen_ai.request.model", short), attribute.String("docsift.key", s.Key),
	)...))
}

func tellAnswer(span trace.Span, r model.Response, c ledger.Closed) {
	if r.Served != "" {
		span.SetAttributes(attribute.String("gen_ai.response.model", r.Served))
	}
	if r.RequestID != "" {
		span.SetAttributes(attribute.String("docsift.provider_request_id", r.RequestID))
	}
	if c.State == ledger.Settled {
		span.SetAttributes(attribute.Int("gen_ai.usage.input_tokens", c.Input), attribute.Int("gen_ai.usage.output_tokens", c.Output),
			attribute.Float64("docsift.cost_usd", float64(c.Cost)/1e9))
	}
	failed(span, fault.Kind(c.Error))
}

// failed marks a span with the kind of an error, if there is one.
func failed(span trace.Span, kind fault.Kind) {
	if kind != "" {
		span.SetAttributes(attribute.String("error.type", string(kind)))
		span.SetStatus(codes.Error, "")
	}
}

// job returns run with each job counted, and in the trace of who accepted it.
func (w *watch) job(run func(context.Context, store.Job) error) func(context.Context, store.Job) error {
	return func(ctx context.Context, j store.Job) (err error) {
		var span trace.Span
		if j.Kind == store.Classify {
			ctx = telemetry.Continue(ctx, j.Payload)
			ctx, span = w.work(ctx, j)
			defer span.End()
		}
		done := false
		defer func() { w.metrics.Job(j.Kind, done) }() // after a panic too
		err = run(ctx, j)
		done = err == nil || fault.KindOf(err) == store.Fenced
		if span != nil && !done {
			failed(span, fault.KindOf(err))
		}
		return err
	}
}

// work begins the span of a job. The time that it waited is one of its own.
func (w *watch) work(ctx context.Context, j store.Job) (context.Context, trace.Span) {
	id := attribute.String("docsift.classification.id", j.ID)
	if j.Attempt == 1 {
		_, queue := w.traces.Start(ctx, "queue "+j.Kind, trace.WithSpanKind(trace.SpanKindProducer), trace.WithTimestamp(j.Created), trace.WithAttributes(id))
		queue.End()
	}
	return w.traces.Start(ctx, "process "+j.Kind, trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(id, attribute.Int("docsift.job.attempt", j.Attempt), attribute.Int("docsift.job.kills", j.Kills)))
}

// budgets returns the periods that have one, for a budget of zero is none.
func budgets(b ledger.Budget, spent ledger.Spend) map[string][2]float64 {
	all := make(map[string][2]float64)
	for period, of := range map[string][2]int64{"day": {int64(b.Day), int64(spent.Day)}, "month": {int64(b.Month), int64(spent.Month)}} {
		if of[0] > 0 {
			all[period] = [2]float64{float64(of[0]) / 1e9, float64(of[0]-of[1]) / 1e9}
		}
	}
	return all
}

// open says as a number whether a breaker refuses calls: 0 it does not, 1 it tries or comes back, 2 it does.
func open(state string) float64 {
	switch state {
	case "open":
		return 2
	case "half_open", "ramping":
		return 1
	}
	return 0
}

// Logger returns the log of a process, as the settings want it.
func Logger(w io.Writer, c config.Config) *slog.Logger {
	return telemetry.Logger(w, c.LogLevel, c.LogJSON)
}
