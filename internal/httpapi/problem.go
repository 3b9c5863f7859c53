package httpapi

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

// Problem is an error of the /v1 routes, after RFC 9457. Code is stable; Detail is for people.
type Problem struct {
	Type   string     `json:"type"`
	Title  string     `json:"title"`
	Status int        `json:"status"`
	Code   fault.Kind `json:"code"`
	Detail string     `json:"detail"`

	// Attempts says what was tried when no model could answer.
	Attempts []cascade.Attempt `json:"attempts,omitempty"`
}

// problem answers with err as the caller may see it.
func problem(w http.ResponseWriter, err error) {
	writeProblem(w, problemOf(w, err))
}

func problemOf(w http.ResponseWriter, err error) Problem {
	kind := fault.KindOf(err)
	wait := fault.RetryAfter(err)
	if kind == fault.Busy || kind == fault.Stopping || kind == fault.NoModel {
		wait = max(wait, time.Second)
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	return Problem{Status: kind.HTTPStatus(), Code: kind, Detail: fault.Message(err)}
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
