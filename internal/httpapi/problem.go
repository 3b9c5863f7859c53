package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/model"
)

// Problem is an error of the /v1 routes, after RFC 9457. Code is stable; Detail is for people.
type Problem struct {
	Type   string     `json:"type"`
	Title  string     `json:"title"`
	Status int        `json:"status"`
	Code   fault.Kind `json:"code"`
	Detail string     `json:"detail"`

	// Of a document that failed after models were asked: what was tried, and what it cost.
	ID       string            `json:"id,omitempty"`
	Usage    *model.Usage      `json:"usage,omitempty"`
	Cost     *cascade.Cost     `json:"cost,omitempty"`
	Attempts []cascade.Attempt `json:"attempts,omitempty"`
}

// tooSlow is the kind of an upload that does not come on.
const tooSlow fault.Kind = "request_timeout"

// problem answers with err as the caller may see it.
func (a *API) problem(w http.ResponseWriter, err error) {
	a.failed(w, docsift.Result{}, err)
}

// failed answers with the problem of a document that may have reached models.
func (a *API) failed(w http.ResponseWriter, res docsift.Result, err error) {
	p := Problem{Status: status(err), Code: fault.KindOf(err), Detail: fault.Message(err)}
	if len(res.Attempts) > 0 {
		p.ID, p.Usage, p.Cost, p.Attempts = res.ID, &res.Usage, &res.Cost, res.Attempts
	}
	a.trace(w, p.Status, err)
	advise(w, err)
	writeProblem(w, p)
}

// trace logs an error with all its causes.
func (a *API) trace(w http.ResponseWriter, status int, err error) {
	kind, level := fault.KindOf(err), slog.LevelWarn
	switch {
	case kind == fault.Internal || kind == fault.Config:
		level = slog.LevelError
	case status < http.StatusInternalServerError, kind == fault.Stopping, kind == fault.Storage: // one state, not many refusals
		level = slog.LevelDebug
	}
	a.opts.Log.Log(context.Background(), level, "error", "request_id", w.Header().Get(requestIDHeader),
		"status", status, "code", kind, "error", err)
}

// advise tells the caller when to come back.
func advise(w http.ResponseWriter, err error) {
	kind, wait := fault.KindOf(err), fault.RetryAfter(err)
	if kind == fault.Busy || kind == fault.Stopping || kind == fault.NoModel {
		wait = max(wait, time.Second)
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if kind == access.Unauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="docsift"`)
	}
	if kind == tooSlow {
		w.Header().Set("Connection", "close") // the rest of the upload is not wanted
	}
}

func status(err error) int {
	return cmp.Or(ownStatus(err), fault.KindOf(err).HTTPStatus())
}

func writeProblem(w http.ResponseWriter, p Problem) {
	p.Type = "about:blank"
	if p.Title = http.StatusText(p.Status); p.Title == "" {
		p.Title = "Client Closed Request" // 499
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // the caller is gone if this fails
}

// discard is a ResponseWriter that keeps only the status and the header.
type discard struct {
	header http.Header
	status int
}

// Header returns the header.
func (d *discard) Header() http.Header { return d.header }

// Write drops b.
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader keeps the status.
func (d *discard) WriteHeader(status int) { d.status = status }
