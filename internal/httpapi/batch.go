package httpapi

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// batchJSON is a batch and how far it has come.
type batchJSON struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Status     store.BatchState  `json:"status"`
	CreatedAt  time.Time         `json:"created_at"`
	ClosedAt   *time.Time        `json:"closed_at"`
	FinishedAt *time.Time        `json:"finished_at"`
	Request    docsift.Request   `json:"request"`
	Documents  *countsJSON       `json:"documents,omitempty"`
	Cost       *cascade.Cost     `json:"cost,omitempty"`
	Saved      *cascade.Cost     `json:"saved,omitempty"`
	Rejected   []rejectedJSON    `json:"rejected,omitempty"`
	Links      map[string]string `json:"links"`
}

type countsJSON struct {
	Total     int `json:"total"`
	Queued    int `json:"queued"` // those that run included
	Completed int `json:"completed"`
	Failed    int `json:"failed"`
	Canceled  int `json:"canceled"`
	Review    int `json:"review"` // of the completed: a person should look
	Cached    int `json:"cached"`
}

// rejectedJSON is a file of a request that is no document that can be taken.
type rejectedJSON struct {
	Filename string     `json:"filename"`
	Code     fault.Kind `json:"code"`
	Detail   string     `json:"detail"`
}

func showBatch(b store.BatchInfo, p *store.Progress) batchJSON {
	self := "/v1/batches/" + b.ID
	out := batchJSON{
		ID: b.ID, Name: b.Name, Status: b.State, CreatedAt: b.Created, ClosedAt: some(b.Closed), FinishedAt: some(b.Finished), Request: b.Request.Request,
		Links: map[string]string{"self": self, "results": self + "/results", "classifications": "/v1/classifications?batch=" + b.ID},
	}
	if p != nil {
		out.Documents = &countsJSON{p.Total(), p.Queued, p.Completed, p.Failed, p.Canceled, p.Review, p.Cached}
		out.Cost, out.Saved = &cascade.Cost{NanoUSD: p.Cost, Known: p.Known}, &cascade.Cost{NanoUSD: p.Saved, Known: true}
	}
	return out
}

// newBatch answers POST /v1/batches: a form with many files makes a batch of them. Without files,
// or from JSON, the batch stays open, and documents come one by one with the field batch.
func (a *API) newBatch(w http.ResponseWriter, r *http.Request, c Caller) {
	b := store.BatchInfo{ID: store.NewID(), Tenant: c.Tenant, State: store.BatchOpen, Created: time.Now().UTC().Truncate(time.Microsecond)}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var rejected []rejectedJSON
	var err error
	if media == "multipart/form-data" {
		rejected, err = a.batchOfForm(w, r, c, &b)
	} else if err = a.batchOfJSON(w, r, c, &b); err == nil {
		err = a.opts.Store.NewBatch(r.Context(), b)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	w.Header().Set("Location", "/v1/batches/"+b.ID)
	a.answerBatch(w, r, c, b.ID, http.StatusCreated, rejected)
}

func (a *API) batchOfJSON(w http.ResponseWriter, r *http.Request, c Caller, b *store.BatchInfo) error {
	var in struct {
		Name string `json:"name"`
		docsift.Request
		Priority string `json:"priority"`
	}
	err := decode(http.MaxBytesReader(w, r.Body, smallBody), &in, `{"name": "march", "taxonomy": "finance", "priority": "bulk"}`)
	if err != nil && !errors.Is(err, io.EOF) { // there need not be a body
		return err
	}
	u := &upload{fields: map[string][]string{"priority": {in.Priority}}}
	b.Name, b.Request = cleanName(in.Name), store.Request{Request: in.Request, Priority: store.Bulk}
	if in.Priority != "" {
		if err := when(&b.Request, u); err != nil {
			return err
		}
	}
	return a.check(c, b.Request)
}

// batchOfForm keeps the files of a form as they come in. The batch is closed when the form has
// come in whole, and canceled when it has not.
func (a *API) batchOfForm(w http.ResponseWriter, r *http.Request, c Caller, b *store.BatchInfo) (rejected []rejectedJSON, err error) {
	leave, err := a.uploads.take()
	if err != nil {
		return nil, err
	}
	defer leave()
	body := a.pace(w, r, 1<<62)
	r.Body = body
	form, err := r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Invalid, err, "send the documents as multipart/form-data, each in a field file")
	}
	u := &upload{fields: make(map[string][]string)}
	begun, left := false, int64(maxField)
	for err == nil {
		part, next := form.NextPart()
		if errors.Is(next, io.EOF) {
			break
		}
		if err = body.settle(next); err != nil {
			err = broken(err)
			break
		}
		if part.FormName() != "file" {
			if err = u.take(part, a.opts.Document, &left); err == nil && begun {
				err = fault.New(fault.Invalid, nil, "the field %.40q comes after the first file: the fields come first", part.FormName())
			}
			continue
		}
		if !begun {
			begun = true
			if err = a.beginBatch(r, c, u, b); err != nil {
				break
			}
		}
		name := cleanName(part.FileName())
		d, bad := document.Read(part, name, a.opts.Document)
		switch {
		case bad == nil:
			_, err = a.keep(r.Context(), nil, intake{c, d, b.Request, b.ID, nil})
		case fault.KindOf(bad) == fault.Internal:
			err = broken(bad)
		default:
			rejected = append(rejected, rejectedJSON{name, fault.KindOf(bad), fault.Message(bad)})
		}
	}
	if err == nil && !begun {
		return nil, a.beginBatch(r, c, u, b)
	}
	if !begun {
		return nil, err
	}
	return rejected, a.endBatch(r, c, *b, err)
}

func (a *API) beginBatch(r *http.Request, c Caller, u *upload, b *store.BatchInfo) (err error) {
	if names := u.fields["name"]; len(names) > 0 {
		b.Name = cleanName(names[0])
		delete(u.fields, "name")
	}
	if u.first("batch") != "" {
		return fault.New(fault.Invalid, nil, "a batch is no part of another")
	}
	if b.Request, err = request(u, r); err != nil {
		return err
	}
	if u.first("priority") == "" {
		b.Request.Priority = store.Bulk
	}
	if err := a.check(c, b.Request); err != nil {
		return err
	}
	return a.opts.Store.NewBatch(r.Context(), *b)
}

// asBatch fills in what the form of a document leaves out with what its batch was begun with. That
// there is no such batch shows when the document is kept.
func (a *API) asBatch(ctx context.Context, c Caller, id string, u *upload, req *store.Request) error {
	b, err := a.opts.Store.FindBatch(ctx, c.Tenant, id)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil
	case err != nil:
		return err
	}
	if req.Taxonomy == "" && len(req.Categories) == 0 {
		req.Taxonomy, req.Categories = b.Request.Taxonomy, b.Request.Categories
	}
	req.Policy = cmp.Or(req.Policy, b.Request.Policy)
	if u.first("priority") == "" {
		req.Priority = b.Request.Priority
	}
	if req.Deadline.IsZero() {
		req.Deadline = b.Request.Deadline
	}
	req.NoCache = req.NoCache || b.Request.NoCache
	return nil
}

// endBatch closes a batch that came in whole, or takes back one that did not.
func (a *API) endBatch(r *http.Request, c Caller, b store.BatchInfo, err error) error {
	if err == nil {
		return a.opts.Store.CloseBatch(r.Context(), c.Tenant, b.ID, store.BatchClosed)
	}
	return errors.Join(err, a.stopBatch(r, c, b.ID))
}

// stopBatch takes back what of a batch has no result yet. The caller may have left.
func (a *API) stopBatch(r *http.Request, c Caller, id string) error {
	ctx := context.WithoutCancel(r.Context())
	if err := a.opts.Store.CloseBatch(ctx, c.Tenant, id, store.BatchCanceled); err != nil {
		return err
	}
	n, err := a.opts.Store.Cancel(ctx, c.Tenant, store.Filter{Batch: id})
	a.opts.Recorder.Canceled(store.Batch, n)
	return err
}

// getBatch answers GET /v1/batches/{id}.
func (a *API) getBatch(w http.ResponseWriter, r *http.Request, c Caller) {
	a.answerBatch(w, r, c, r.PathValue("id"), http.StatusOK, nil)
}

func (a *API) answerBatch(w http.ResponseWriter, r *http.Request, c Caller, id string, status int, rejected []rejectedJSON) {
	b, err := a.opts.Store.FindBatch(r.Context(), c.Tenant, id)
	var p store.Progress
	if err == nil {
		p, err = a.opts.Store.Progress(r.Context(), c.Tenant, id)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	out := showBatch(b, &p)
	out.Rejected = rejected
	writeJSON(w, status, out)
}

// listBatches answers GET /v1/batches.
func (a *API) listBatches(w http.ResponseWriter, r *http.Request, c Caller) {
	before, limit := "", usualPage
	err := read(r.URL.Query(), map[string]func(string) error{"cursor": anID(&before), "limit": aLimit(&limit)})
	var all []store.BatchInfo
	if err == nil {
		all, err = a.opts.Store.Batches(r.Context(), c.Tenant, before, limit)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	out := struct {
		Batches []batchJSON `json:"batches"`
		page
	}{Batches: []batchJSON{}, page: nextPage(len(all), limit, func() string { return all[len(all)-1].ID })}
	for _, b := range all {
		out.Batches = append(out.Batches, showBatch(b, nil))
	}
	writeJSON(w, http.StatusOK, out)
}

// changeBatch answers a POST that does something to a batch that there is.
func (a *API) changeBatch(w http.ResponseWriter, r *http.Request, c Caller, change func(id string) error) {
	id := r.PathValue("id")
	_, err := a.opts.Store.FindBatch(r.Context(), c.Tenant, id)
	if err == nil {
		err = change(id)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	a.answerBatch(w, r, c, id, http.StatusOK, nil)
}

// closeBatch answers POST /v1/batches/{id}/close: no more documents come.
func (a *API) closeBatch(w http.ResponseWriter, r *http.Request, c Caller) {
	a.changeBatch(w, r, c, func(id string) error { return a.opts.Store.CloseBatch(r.Context(), c.Tenant, id, store.BatchClosed) })
}

// cancelBatch answers POST /v1/batches/{id}/cancel.
func (a *API) cancelBatch(w http.ResponseWriter, r *http.Request, c Caller) {
	a.changeBatch(w, r, c, func(id string) error { return a.stopBatch(r, c, id) })
}

// retryBatch answers POST /v1/batches/{id}/retry: those that failed are done again, and paid for again.
func (a *API) retryBatch(w http.ResponseWriter, r *http.Request, c Caller) {
	a.changeBatch(w, r, c, func(id string) error {
		n, err := a.opts.Store.Retry(r.Context(), c.Tenant, store.Filter{Batch: id})
		if n > 0 && a.opts.Wake != nil {
			a.opts.Wake()
		}
		return err
	})
}

// batchResults answers GET /v1/batches/{id}/results, in the order in which the documents came.
func (a *API) batchResults(w http.ResponseWriter, r *http.Request, c Caller) {
	format, id := "jsonl", r.PathValue("id")
	err := read(r.URL.Query(), map[string]func(string) error{"format": oneOf(&format, "jsonl", "csv")})
	if err == nil {
		_, err = a.opts.Store.FindBatch(r.Context(), c.Tenant, id)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	put, end := writeLines(w)
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	if format == "csv" {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
		w.Header().Set("Content-Disposition", "attachment; filename="+url.PathEscape(id)+".csv")
		put, end = writeTable(w)
	}
	a.eachRecord(w, r, c, store.Filter{Batch: id, Limit: mostPage, Ascending: true}, put)
	end()
}

// eachRecord hands over all records of a filter, some at a time.
func (a *API) eachRecord(w http.ResponseWriter, r *http.Request, c Caller, f store.Filter, put func(store.Record)) {
	for {
		p, err := a.opts.Store.Search(r.Context(), c.Tenant, f)
		if err != nil { // half an answer must not pass for a whole one
			a.trace(w, http.StatusInternalServerError, err)
			panic(http.ErrAbortHandler)
		}
		for _, rec := range p.Records {
			put(rec)
		}
		if p.Next == "" {
			return
		}
		f.Before = p.Next
	}
}

func writeLines(w io.Writer) (put func(store.Record), end func()) {
	enc := json.NewEncoder(w)
	return func(rec store.Record) { enc.Encode(show(rec)) }, func() {} // the caller is gone if this fails
}

// writeTable writes records as CSV that no spreadsheet takes for formulas.
func writeTable(w io.Writer) (put func(store.Record), end func()) {
	out := csv.NewWriter(w)
	out.Write([]string{"id", "filename", "status", "classification", "confidence", "review", "error", "provider", "model", "cost_usd", "cached", "sha256", "created_at", "finished_at"})
	return func(rec store.Record) {
		res, confidence, review, problem, cost := docsift.Result{}, "", "", "", ""
		if rec.Result != nil {
			res, cost = *rec.Result, strings.TrimPrefix(rec.Result.Cost.String(), "$")
		}
		if res.Confidence != nil {
			confidence = strconv.FormatFloat(*res.Confidence, 'f', 4, 64)
		}
		if res.Review.Needed {
			review = string(res.Review.Reason)
		}
		if res.Error != nil {
			problem = string(res.Error.Code)
		}
		line := []string{
			rec.ID, rec.Document.Filename, string(rec.State), res.Classification, confidence, review, problem, res.ProviderUsed, res.Model, cost,
			strconv.FormatBool(res.Cached), rec.Document.SHA256, stamp(rec.Created), stamp(rec.Finished),
		}
		for i := range line {
			line[i] = harmless(line[i])
		}
		out.Write(line)
	}, out.Flush
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// harmless keeps a spreadsheet from running a text as a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
