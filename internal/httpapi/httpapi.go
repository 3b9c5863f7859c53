// Package httpapi answers over HTTP: docsift's own routes under /v1, the decision endpoints of
// OpenAI and System One, and the routes of the original service, for clients that were written for them.
package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/ratelimit"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/telemetry"
)

// Options configures an API.
type Options struct {
	Classifier *docsift.Classifier // required
	Log        *slog.Logger        // required
	Document   document.Options
	Version    string // of this build

	// Store keeps what is accepted. Without it there are only the routes that keep nothing.
	Store *store.Store

	// Shelf has the taxonomies that tenants made. It goes with Store.
	Shelf *store.Shelf

	// Blobs is where the bytes of documents are kept. It goes with Store.
	Blobs blob.Store

	// KeepAnswered keeps the bytes of documents beside answers that somebody waited for, too.
	KeepAnswered bool

	// Wake says that something was accepted. Optional.
	Wake func()

	// Identify says who sent a request, or why that cannot be said. Default: everybody is the
	// tenant "default" and may do everything.
	Identify func(*http.Request) (Caller, error)

	// Cache answers for documents that are known. Default: each is classified.
	Cache *cache.Cache

	// IdempotencyTTL is how long the answer to a request with an idempotency key is kept. Default 24h.
	IdempotencyTTL time.Duration

	// KeyWait is how long a request with an idempotency key waits for another of the same key that is under
	// way; below 0 it does not. As many requests wait as documents may be in flight. Default 15s.
	KeyWait time.Duration

	// Limiter bounds what each caller sends. Nil: nothing does.
	Limiter *ratelimit.Limiter

	// Limits are those of every caller that has none of its own, Async more of them for what is accepted to
	// be done later by the original service's route. Routes that are Public do not count.
	Limits, Async []ratelimit.Limit

	// Proxies are the addresses of proxies that say truly for whom they ask. Default: none.
	Proxies []netip.Prefix

	// Sharing says how things stand with the Redis through which breakers are shared. Default: none are.
	Sharing func() share.Status

	// Webhooks is who sends events. Default: nobody, and no webhooks.
	Webhooks Webhooks

	// Stats answers GET /v1/stats. Default: there are none.
	Stats Statistics

	// Recorder is told what happens here. Default: nobody is.
	Recorder Recorder

	// Metrics answers GET /metrics. Who asks needs a key with the scope metrics, unless Hosts says that
	// only this machine reaches the server. Default: there is no such route.
	Metrics http.Handler

	// UploadURL is the address under which those who bring uploads reach this server. Default: the one
	// under which they asked.
	UploadURL string

	// Extractor reads documents again to show them. Default: they are not shown.
	Extractor extract.Extractor

	// Pages are for people, beside the routes for programs. Default: none.
	Pages []Page

	// Hosts are the host names that requests may be for, in lower case. Default: any.
	Hosts []string

	// InFlight is how many documents may be classified at once, and how many accepted ones may be on their
	// way to where they are kept; more are refused with fault.Busy. It bounds memory. Default 64.
	InFlight int

	// Uploads is how many documents may be coming in at once; more are refused with
	// fault.Busy. Default 4 times InFlight.
	Uploads int

	// Decisions is how many small requests to /v1/decisions and /v1/systemone may be under way at
	// once; more are refused with fault.Busy. Large ones count as documents. Default 16 times InFlight.
	Decisions int

	// UploadPause is how long an upload may bring nothing. Default 10s.
	UploadPause time.Duration

	// UploadRate is how many bytes a second an upload must have brought, the first UploadPause
	// aside. Default 8 KiB.
	UploadRate int
}

func (o Options) withDefaults() Options {
	o.IdempotencyTTL = cmp.Or(o.IdempotencyTTL, 24*time.Hour)
	o.KeyWait = cmp.Or(o.KeyWait, onceFor+5*time.Second)
	o.InFlight = cmp.Or(o.InFlight, 64)
	o.Uploads = cmp.Or(o.Uploads, 4*o.InFlight)
	o.Decisions = cmp.Or(o.Decisions, 16*o.InFlight)
	o.UploadPause = cmp.Or(o.UploadPause, 10*time.Second)
	o.UploadRate = cmp.Or(o.UploadRate, 8<<10)
	if o.Recorder == nil {
		o.Recorder = unrecorded{}
	}
	if o.Identify == nil {
		o.Identify = func(*http.Request) (Caller, error) {
			return Caller{Tenant: DefaultTenant, Scopes: []Scope{Admin}}, nil
		}
	}
	return o
}

// Recorder is told what happens at a door. It must not block.
type Recorder interface {
	// Served is told of each request once it was answered. The route is "" where there is none.
	Served(ctx context.Context, route string, status int, took time.Duration)

	// Limited is told of each request that was refused because its caller sent too many.
	Limited(route string)

	// Answered is told of each document that was answered while somebody waited.
	Answered(ctx context.Context, r store.Record)

	// Canceled is told how many documents nobody wants answered any more.
	Canceled(source store.Source, n int)
}

// unrecorded is a Recorder of nothing.
type unrecorded struct{}

func (unrecorded) Served(context.Context, string, int, time.Duration) {}
func (unrecorded) Limited(string)                                     {}
func (unrecorded) Answered(context.Context, store.Record)             {}
func (unrecorded) Canceled(store.Source, int)                         {}

// API is the http.Handler of all routes.
type API struct {
	opts     Options
	mux      *http.ServeMux
	uploads  places
	slots    places
	small    places  // of decisions
	keeping  *shares // of documents on their way to the disk
	waiting  places  // of requests that another carries out
	leaving  atomic.Bool
	draining atomic.Bool
	unnoted  atomic.Bool // the last answer could not be kept

	cut  context.Context // ends with Cut
	stop context.CancelFunc
}

// New returns the API.
func New(o Options) *API {
	o = o.withDefaults()
	a := &API{
		opts: o, mux: http.NewServeMux(),
		uploads: make(places, o.Uploads), slots: make(places, o.InFlight), small: make(places, o.Decisions),
		waiting: make(places, o.InFlight), keeping: newShares(o.InFlight),
	}
	a.cut, a.stop = context.WithCancel(context.Background())
	a.routes()
	return a
}

// places bounds how much is under way at once.
type places chan struct{}

// take takes a place, or says that there is none.
func (p places) take() (leave func(), err error) {
	select {
	case p <- struct{}{}:
		return func() { <-p }, nil
	default:
		return nil, fault.New(fault.Busy, nil, "%d requests are under way already: try again in a moment", cap(p))
	}
}

// Leave makes /readyz say that no new work should be sent here, and has connections end with their
// next answer. What comes all the same is done.
func (a *API) Leave() { a.leaving.Store(true) }

// Drain makes /readyz say that no new work should be sent here, and refuses new documents
// with fault.Stopping. Those under way are answered.
func (a *API) Drain() { a.draining.Store(true) }

// ServeHTTP answers a request, logs it, and turns a panic into a 500.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start, id := time.Now(), requestID(r)
	r = r.WithContext(telemetry.WithRequest(r.Context(), id))
	w.Header().Set(requestIDHeader, id)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if a.leaving.Load() {
		w.Header().Set("Connection", "close")
	}
	rec := &recorder{ResponseWriter: w}
	defer func() {
		p := recover()
		if p != nil && p != http.ErrAbortHandler {
			a.opts.Log.Error("panic", "request_id", id, "panic", p, "stack", string(debug.Stack()))
			if rec.status == 0 {
				writeProblem(rec, Problem{Status: http.StatusInternalServerError, Code: fault.Internal, Detail: "internal error"})
				p = nil
			}
		}
		took := time.Since(start)
		a.opts.Recorder.Served(r.Context(), r.Pattern, rec.status, took)
		a.opts.Log.Log(r.Context(), levelOf(rec.status), "request", "method", r.Method, "route", r.Pattern, "status", rec.status,
			"ms", took.Milliseconds(), "request_id", id)
		if p != nil {
			panic(http.ErrAbortHandler) // half an answer must not pass for a whole one
		}
	}()
	if err := a.admit(r); err != nil {
		a.problem(rec, err)
		return
	}
	given := r.URL.EscapedPath()
	if _, pattern := a.mux.Handler(r); pattern == "" || given != path.Clean(given) { // which the mux would redirect
		a.notFound(rec, r)
		return
	}
	a.mux.ServeHTTP(rec, r)
}

// levelOf is that of a request's line: a flood that is refused must not flood the log.
func levelOf(status int) slog.Level {
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// notFound answers a route that there is not, or a method that a route does not have.
func (a *API) notFound(w http.ResponseWriter, r *http.Request) {
	probe := discard{header: http.Header{}}
	a.mux.ServeHTTP(&probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		writeProblem(w, Problem{Status: probe.status, Code: "method_not_allowed", Detail: "use " + probe.header.Get("Allow")})
		return
	}
	err := fault.New(fault.NotFound, nil, "no such route")
	if len(a.opts.Pages) > 0 && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") { // a browser's address bar
		a.opts.Pages[0].Deny(w, r, Caller{}, http.StatusNotFound, err)
		return
	}
	a.problem(w, err)
}

func (a *API) health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": a.opts.Version})
}

func (a *API) ready(w http.ResponseWriter, _ *http.Request) {
	if a.leaving.Load() || a.draining.Load() {
		a.problem(w, fault.New(fault.Stopping, nil, "shutting down"))
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

const requestIDHeader = "X-Request-Id"

// requestID returns the caller's request id if it can stand in a log, else a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get(requestIDHeader)
	strange := func(c rune) bool { return c < ' ' || c > '~' }
	if id == "" || len(id) > 128 || strings.ContainsFunc(id, strange) {
		return uuid.NewString()
	}
	return id
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(true) // an answer opened in a browser must not come alive
	enc.Encode(v)           // the caller is gone if this fails
}

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
