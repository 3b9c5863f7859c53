// Package metrics counts what a process does, for Prometheus. All names are in this room or given
// to Add, labels come from closed sets, and money is exact to 10⁻⁹ dollars.
package metrics

import (
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Options configures Metrics.
type Options struct {
	Version string // of this build

	// Known reports whether a category is one of a taxonomy that everybody may ask for. Others are
	// counted as "other". Default: none is.
	Known func(category string) bool
}

// Metrics is what one process tells of itself. It is safe for concurrent use.
type Metrics struct {
	opts   Options
	reg    *prometheus.Registry
	specs  []Spec
	names  bounded // of models and providers
	routes bounded

	classifications, upgrades, backups, degraded, reviews *prometheus.CounterVec
	duration                                              *prometheus.HistogramVec

	requests, errors, unknown, unsent *prometheus.CounterVec
	cost                              *money
	operation, tokens                 *prometheus.HistogramVec

	served                            *prometheus.CounterVec
	serving                           *prometheus.HistogramVec
	limited, jobs, children, deadBlob *prometheus.CounterVec
	extraction, blob, ping            *prometheus.HistogramVec
}

// Spec is what a metric is called and means.
type Spec struct {
	Name   string
	Type   string // counter, gauge or histogram
	Labels []string
	Help   string
}

// New returns metrics that have counted nothing yet.
func New(o Options) *Metrics {
	if o.Known == nil {
		o.Known = func(string) bool { return false }
	}
	m := &Metrics{opts: o, reg: prometheus.NewRegistry()}
	m.reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.documents()
	m.providers()
	m.around()
	for _, role := range []string{"pdf", "files", "letters"} { // 0 is a value
		m.children.WithLabelValues(role)
	}
	for _, call := range []string{"put", "open", "stat", "delete", "open_upload"} {
		m.deadBlob.WithLabelValues(call)
	}
	m.Add(Source{
		Spec: Spec{"docsift_build_info", "gauge", []string{"version", "go"}, "Always 1: which build this is."},
		Read: func(emit Emit) { emit(1, o.Version, runtime.Version()) },
	})
	return m
}

func (m *Metrics) documents() {
	m.classifications = m.counter("docsift_classifications_total", "Documents that have their answer, by how they came in (sync, async, batch), who answered (none: nobody), the category (other: one of a caller's own) and what came of it (completed, review: a person should look, failed, canceled).",
		"source", "provider", "category", "outcome")
	m.upgrades = m.counter("docsift_upgrades_total", "Documents that a later stage answered after an earlier one had doubts.")
	m.backups = m.counter("docsift_backups_total", "Documents that another than the first choice answered.")
	m.degraded = m.counter("docsift_degraded_total", "Documents whose better models could not be asked.")
	m.reviews = m.counter("docsift_reviews_total", "Documents that a person should look at, by the reason.", "reason")
	m.duration = m.histogram("docsift_classification_duration_seconds", "How long a document took from its first byte's reading to its answer, without waiting in the queue.",
		[]float64{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}, "source")
}

func (m *Metrics) providers() {
	m.requests = m.counter("docsift_provider_requests_total", "Requests that were sent to a provider, by what came back (answer, error).", "provider", "model", "outcome")
	m.errors = m.counter("docsift_provider_errors_total", "Requests to a provider that brought no answer, by the kind of failure.", "provider", "model", "kind")
	m.unsent = m.counter("docsift_unsent_total", "Questions of answered documents that were not sent to the model, by the reason, such as circuit_open or budget_exhausted.", "model", "reason")
	m.cost = m.money("docsift_cost_usd_total", "What requests to a provider cost, in US dollars; where a bill is not known, what was foreseen.", "provider", "model")
	m.unknown = m.counter("docsift_cost_unknown_total", "Requests to a provider whose bill is not known.", "provider", "model")
	genAI := []string{"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"}
	m.operation = m.histogram("gen_ai_client_operation_duration_seconds", "How long a request to a model took (OpenTelemetry: gen_ai.client.operation.duration).",
		[]float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}, append(genAI, "error_type")...)
	m.tokens = m.histogram("gen_ai_client_token_usage", "Tokens of a request to a model (OpenTelemetry: gen_ai.client.token.usage).",
		[]float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}, append(genAI, "gen_ai_token_type")...)
}

func (m *Metrics) around() {
	m.served = m.counter("docsift_http_requests_total", "HTTP requests that were answered, by route (none: there is no such one) and status.", "route", "status")
	m.serving = m.histogram("docsift_http_request_duration_seconds", "How long an HTTP request took.", []float64{0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 60}, "route")
	m.limited = m.counter("docsift_rate_limited_total", "HTTP requests that were refused because their caller sent too many.", "route")
	m.jobs = m.counter("docsift_jobs_total", "Jobs that were begun, by kind (classify, webhook) and what came of it (done, returned: to be done again).", "kind", "outcome")
	m.children = m.counter("docsift_child_restarts_total", "Child processes that died of a document or were killed for taking too long, by what they read.", "role")
	m.extraction = m.histogram("docsift_extraction_duration_seconds", "How long reading a document took, by its type and what came of it (read, refused, failed).", []float64{0.005, 0.025, 0.1, 0.5, 1, 2.5, 10}, "type", "outcome")
	m.blob = m.histogram("docsift_blob_duration_seconds", "How long calls to where documents are kept took, by call.", []float64{0.001, 0.01, 0.1, 1, 10}, "call")
	m.deadBlob = m.counter("docsift_blob_errors_total", "Calls to where documents are kept that failed, by call.", "call")
	m.ping = m.histogram("docsift_store_ping_seconds", "How long the database took to answer, as asked every few seconds.", []float64{0.001, 0.01, 0.1, 1})
}

// Handler answers scrapes: in OpenMetrics with exemplars, or with native histograms, for who asks for them.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{EnableOpenMetrics: true, ErrorHandling: promhttp.ContinueOnError, Timeout: 5 * time.Second})
}

// Specs returns what docsift's own metrics are called and mean.
func (m *Metrics) Specs() []Spec { return append([]Spec(nil), m.specs...) }

// Classification is a document that has its answer.
type Classification struct {
	Source, Provider, Category, Outcome string
	Review                              string // why a person should look; "" when nobody need
	Upgraded, Backup, Degraded          bool
	Took                                time.Duration
	Trace                               string // the id of its trace, or ""
}

// Outcomes of a Classification.
const (
	Completed = "completed"
	Review    = "review"
	Failed    = "failed"
	Canceled  = "canceled"
)

// Classified counts a document that has its answer.
func (m *Metrics) Classified(c Classification) {
	category := c.Category
	if !m.opts.Known(category) {
		category = other
	}
	m.classifications.WithLabelValues(c.Source, m.names.admit(orNone(c.Provider)), category, c.Outcome).Inc()
	if c.Review != "" {
		m.reviews.WithLabelValues(c.Review).Inc()
	}
	for v, is := range map[*prometheus.CounterVec]bool{m.upgrades: c.Upgraded, m.backups: c.Backup, m.degraded: c.Degraded} {
		if is {
			v.WithLabelValues().Inc()
		}
	}
	observe(m.duration.WithLabelValues(c.Source), c.Took.Seconds(), c.Trace)
}

// Canceled counts documents that nobody wants answered any more.
func (m *Metrics) Canceled(source string, n int) {
	m.classifications.WithLabelValues(source, none, none, Canceled).Add(float64(n))
}

// Request is a request that was sent to a provider.
type Request struct {
	Model         string // provider/model
	Error         string // the kind of its failure; "" for an answer
	NanoUSD       int64
	Unknown       bool // the bill is not known
	Input, Output int  // tokens; 0 where they are not known
	Took          time.Duration
	Trace         string // the id of its trace, or ""
}

// Requested counts a request that was sent to a provider, once it has ended.
func (m *Metrics) Requested(r Request) {
	model := m.names.admit(r.Model)
	provider, short := split(model)
	outcome := "answer"
	if r.Error != "" {
		outcome = "error"
		m.errors.WithLabelValues(provider, model, r.Error).Inc()
	}
	m.requests.WithLabelValues(provider, model, outcome).Inc()
	m.cost.add(r.NanoUSD, provider, model)
	if r.Unknown {
		m.unknown.WithLabelValues(provider, model).Inc()
	}
	provider = GenAIProvider(provider)
	observe(m.operation.WithLabelValues("chat", provider, short, r.Error), r.Took.Seconds(), r.Trace)
	for kind, n := range map[string]int{"input": r.Input, "output": r.Output} {
		if n > 0 {
			observe(m.tokens.WithLabelValues("chat", provider, short, kind), float64(n), "")
		}
	}
}

// Unsent counts a question that was not sent to a model.
func (m *Metrics) Unsent(model, reason string) {
	m.unsent.WithLabelValues(m.names.admit(model), reason).Inc()
}

// Served counts an HTTP request.
func (m *Metrics) Served(route string, status int, took time.Duration, trace string) {
	route = m.routes.admit(orNone(route))
	m.served.WithLabelValues(route, strconv.Itoa(status)).Inc()
	observe(m.serving.WithLabelValues(route), took.Seconds(), trace)
}

// RateLimited counts an HTTP request whose caller sent too many.
func (m *Metrics) RateLimited(route string) { m.limited.WithLabelValues(m.routes.admit(route)).Inc() }

// Job counts a job that was done, or is to be done again.
func (m *Metrics) Job(kind string, done bool) {
	outcome := "returned"
	if done {
		outcome = "done"
	}
	m.jobs.WithLabelValues(kind, outcome).Inc()
}

// ChildLost counts a child process that died or was killed.
func (m *Metrics) ChildLost(role string) { m.children.WithLabelValues(role).Inc() }

// Extracted counts a document that was read, refused or failed.
func (m *Metrics) Extracted(kind, outcome string, took time.Duration, trace string) {
	observe(m.extraction.WithLabelValues(kind, outcome), took.Seconds(), trace)
}

// Blob counts a call to where documents are kept.
func (m *Metrics) Blob(call string, failed bool, took time.Duration) {
	m.blob.WithLabelValues(call).Observe(took.Seconds())
	if failed {
		m.deadBlob.WithLabelValues(call).Inc()
	}
}

// Pinged counts an answer of the database.
func (m *Metrics) Pinged(took time.Duration) { m.ping.WithLabelValues().Observe(took.Seconds()) }

// split returns a model's provider and its name there.
func split(model string) (provider, short string) {
	provider, short, ok := strings.Cut(model, "/")
	if !ok {
		return provider, provider
	}
	return provider, short
}

// GenAIProvider returns what OpenTelemetry calls a provider.
func GenAIProvider(provider string) string {
	switch provider {
	case "google":
		return "gcp.gemini"
	case "azure":
		return "azure.ai.openai"
	}
	return provider
}
