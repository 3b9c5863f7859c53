package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/model"
)

// keptJSON is when and how a document came in.
type keptJSON struct {
	Source   string     `json:"source"`
	Batch    *string    `json:"batch"`
	Priority string     `json:"priority"`
	Deadline *time.Time `json:"deadline"`

	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`

	Request docsift.Request   `json:"request"`
	Links   map[string]string `json:"links"`
}

// waitingJSON is a classification that has no answer yet.
type waitingJSON struct {
	ID       string              `json:"id"`
	Status   store.State         `json:"status"`
	Document docsift.DocumentRef `json:"document"`
	keptJSON
}

// answeredJSON is one that has: all fields of a Result.
type answeredJSON struct {
	docsift.Result
	keptJSON
}

func show(r store.Record) any {
	out := keptJSON{
		Source: string(r.Source), Priority: []string{"urgent", "normal", "bulk"}[r.Request.Priority],
		CreatedAt: r.Created, Request: r.Request.Request, Links: map[string]string{"self": "/v1/classifications/" + r.ID},
	}
	if r.Batch != "" {
		out.Batch, out.Links["batch"] = &r.Batch, "/v1/batches/"+r.Batch
	}
	out.Request.Client = model.Client{} // of whoever asks, who knows it
	out.Deadline, out.StartedAt, out.FinishedAt = some(r.Request.Deadline), some(r.Started), some(r.Finished)
	if r.Result == nil {
		d := &r.Document // which nobody has read
		d.PagesRead, d.HiddenText, d.Metadata = []int{}, []unseen.Text{}, map[string]string{}
		return waitingJSON{r.ID, r.State, r.Document, out}
	}
	res := *r.Result
	res.Status = docsift.Status(r.State)
	return answeredJSON{res, out}
}

// some returns a moment, or nil for the zero one.
func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// getRecord answers GET /v1/classifications/{id}.
func (a *API) getRecord(w http.ResponseWriter, r *http.Request, c Caller) {
	rec, err := a.opts.Store.Find(r.Context(), c.Tenant, r.PathValue("id"))
	if err != nil {
		a.problem(w, err)
		return
	}
	if rec.Result == nil {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, http.StatusOK, show(rec))
}

// cancelRecord answers POST /v1/classifications/{id}/cancel.
func (a *API) cancelRecord(w http.ResponseWriter, r *http.Request, c Caller) {
	id := r.PathValue("id")
	rec, err := a.opts.Store.Find(r.Context(), c.Tenant, id)
	if err == nil {
		var n int
		n, err = a.opts.Store.Cancel(r.Context(), c.Tenant, store.Filter{ID: id})
		a.opts.Recorder.Canceled(rec.Source, n)
		if err == nil && n == 0 && rec.State != store.Canceled {
			err = fault.New(fault.Conflict, nil, "it is %s already", rec.State)
		}
	}
	if err == nil {
		rec, err = a.opts.Store.Find(r.Context(), c.Tenant, id)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, show(rec))
}

const (
	usualPage = 50
	mostPage  = 500
)

// page is how the answers of all lists end.
type page struct {
	Next *string `json:"next"` // the cursor of what follows; null at the end
}

// nextPage returns the end of a list of n of at most limit, of which last is the last one.
func nextPage(n, limit int, last func() string) page {
	if n < limit || n == 0 {
		return page{}
	}
	return page{new(last())}
}

// listRecords answers GET /v1/classifications.
func (a *API) listRecords(w http.ResponseWriter, r *http.Request, c Caller) {
	f, format, err := readFilter(r.URL.Query())
	if err == nil && format == "csv" {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
		w.Header().Set("Content-Disposition", "attachment; filename=classifications.csv")
		put, end := writeTable(w)
		f.Limit = mostPage
		a.eachRecord(w, r, c, f, put)
		end()
		return
	}
	var p store.Page
	if err == nil {
		p, err = a.opts.Store.Search(r.Context(), c.Tenant, f)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	out := struct {
		Classifications []any `json:"classifications"`
		page
		SearchedTo *time.Time `json:"searched_to"` // null where so many were found as were wanted, or there are no more
	}{[]any{}, nextPage(len(p.Next), 1, func() string { return p.Next }), some(p.Back)}
	for _, rec := range p.Records {
		out.Classifications = append(out.Classifications, show(rec))
	}
	writeJSON(w, http.StatusOK, out)
}

// readFilter reads the parameters of a list.
func readFilter(q url.Values) (f store.Filter, format string, err error) {
	texts := map[string]func(string) error{
		"status": oneOf(&f.State, store.Queued, store.Running, store.Completed, store.Failed, store.Canceled),
		"source": oneOf(&f.Source, store.Sync, store.Async, store.Batch),
		"review": oneOf(&f.Review, store.Any, cascade.LowConfidence, cascade.UnknownKind, cascade.NothingToRead, cascade.Declined,
			cascade.Disagreement, cascade.HiddenText, cascade.Degraded, cascade.Unreadable),
		"reviewed": func(v string) error {
			if f.Unreviewed = v == "no"; v != "no" {
				return fault.New(fault.Invalid, nil, "there is only reviewed=no")
			}
			return nil
		},
		"batch":    anID(&f.Batch),
		"category": func(v string) error { f.Category = v; return nil },
		"error":    func(v string) error { f.Error = fault.Kind(v); return nil },
		"provider": func(v string) error { f.Provider = v; return nil },
		"name":     func(v string) error { f.Name = strings.ToValidUTF8(v, "\uFFFD"); return nil },
		"sha256":   func(v string) error { f.SHA256 = strings.ToLower(v); return nil },
		"since":    aTime(&f.Since),
		"until":    aTime(&f.Until),
		"cursor":   anID(&f.Before),
		"limit":    aLimit(&f.Limit),
		"format":   oneOf(&format, "json", "csv"),
	}
	f.Limit = usualPage
	err = read(q, texts)
	return f, format, err
}

// read reads parameters, and refuses those that there are not.
func read(q url.Values, known map[string]func(string) error) error {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		take, ok := known[name]
		switch {
		case !ok:
			return fault.New(fault.Invalid, nil, "no parameter %.40q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case len(q[name]) > 1:
			return fault.New(fault.Invalid, nil, "the parameter %s is there twice", name)
		case strings.ContainsRune(q[name][0], 0):
			return fault.New(fault.Invalid, nil, "the parameter %s is no text", name)
		}
		if err := take(q[name][0]); err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
	}
	return nil
}

func oneOf[T ~string](to *T, values ...T) func(string) error {
	return func(v string) error {
		if !slices.Contains(values, T(v)) {
			names := make([]string, len(values))
			for i, known := range values {
				names[i] = string(known)
			}
			return fault.New(fault.Invalid, nil, "%.40q is none of %s", v, strings.Join(names, ", "))
		}
		*to = T(v)
		return nil
	}
}

func anID(to *string) func(string) error {
	return func(v string) error {
		if !store.IsID(v) {
			return fault.New(fault.Invalid, nil, "%.64q is no id", v)
		}
		*to = v
		return nil
	}
}

func aTime(to *time.Time) func(string) error {
	return func(v string) (err error) {
		if *to, err = time.Parse(time.RFC3339, v); err != nil {
			return fault.New(fault.Invalid, nil, "%.40q is no time such as 2026-12-31T18:00:00Z", v)
		}
		return nil
	}
}

func aLimit(to *int) func(string) error {
	return func(v string) (err error) {
		if *to, err = strconv.Atoi(v); err != nil || *to < 1 || *to > mostPage {
			return fault.New(fault.Invalid, nil, "%.20q is no number from 1 to %d", v, mostPage)
		}
		return nil
	}
}
