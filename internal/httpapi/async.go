package httpapi

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/telemetry"
)

// preference is what a caller would rather have, after RFC 7240.
type preference struct {
	async bool
	wait  time.Duration // for how long the answer is waited for first
}

// longest is for how long an answer may be waited for.
const longest = 60 * time.Second

// preferences reads the header Prefer. What is not known there is passed over, as the RFC has it.
func preferences(r *http.Request) (p preference, err error) {
	for _, line := range r.Header.Values("Prefer") {
		for item := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "respond-async":
				p.async = true
			case "wait":
				seconds, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
				if err != nil || seconds < 0 {
					return p, fault.New(fault.Invalid, nil, "Prefer: wait=%.20s: give whole seconds", value)
				}
				p.wait = min(time.Duration(seconds)*time.Second, longest)
			}
		}
	}
	return p, nil
}

// intake is a document that is to be kept and classified.
type intake struct {
	caller  Caller
	doc     *document.Document
	request store.Request
	batch   string // the id of the one it is part of, or ""

	// say answers who sent it. Nil: somebody else does.
	say func(http.ResponseWriter, store.Record)
}

// accept keeps a document to be classified, says so with 202, and only then lets the caller go.
func (a *API) accept(w http.ResponseWriter, r *http.Request, in intake, p preference) {
	in.say = accepted
	rec, err := a.keep(r.Context(), w, in)
	if err != nil {
		a.problem(w, err)
		return
	}
	if p.async {
		w.Header().Set("Preference-Applied", "respond-async")
	}
	if p.wait > 0 {
		rec = a.await(r.Context(), rec, p.wait)
	}
	accepted(w, rec)
}

// accepted says where what was accepted will be found, or has it at hand already.
func accepted(w http.ResponseWriter, rec store.Record) {
	status := http.StatusAccepted
	if rec.Result != nil {
		status = http.StatusOK
	}
	w.Header().Set("Location", "/v1/classifications/"+rec.ID)
	writeJSON(w, status, show(rec))
}

// keep keeps a document and that it is to be classified, and, where w holds the answer to a request
// that is to be carried out once, that answer with it. When it returns without an error, all of
// that outlives whatever happens to this machine's power.
func (a *API) keep(ctx context.Context, w http.ResponseWriter, in intake) (store.Record, error) {
	in.request.Client = in.caller.client()
	rec := record(in.caller, in.doc, in.request)
	rec.Source, rec.State, rec.Trace = store.Async, store.Queued, telemetry.Parent(ctx)
	if err := a.check(in.caller, in.request); err != nil {
		return rec, err
	}
	leave, err := a.keeping.take(ctx, in.caller.Tenant)
	if err != nil {
		return rec, err
	}
	defer leave()
	if err := a.keepBytes(ctx, in.caller, in.doc, blob.PutOptions{SHA256: in.doc.SHA256}); err != nil {
		return rec, err
	}
	if in.batch != "" {
		rec.Source, rec.Batch = store.Batch, in.batch
	}
	held, _ := w.(*reply)
	if err := a.submit(ctx, rec, held, in.say); err != nil {
		return rec, err
	}
	if a.opts.Wake != nil {
		a.opts.Wake()
	}
	return rec, nil
}

func (a *API) submit(ctx context.Context, rec store.Record, held *reply, say func(http.ResponseWriter, store.Record)) error {
	switch {
	case held != nil:
		said := reply{header: make(http.Header)}
		say(&said, rec)
		err := a.opts.Store.SubmitOnce(ctx, held.once, said.kept(), a.opts.IdempotencyTTL, rec)
		held.settled = err == nil
		return err
	case rec.Batch != "":
		return a.opts.Store.SubmitTo(ctx, rec.Tenant, rec.Batch, rec)
	}
	return a.opts.Store.Submit(ctx, rec)
}

func (a *API) keepBytes(ctx context.Context, c Caller, d *document.Document, o blob.PutOptions) error {
	_, err := a.opts.Blobs.Put(ctx, c.Tenant, bytes.NewReader(d.Bytes), o)
	return err
}

// check refuses at once what no worker could do.
func (a *API) check(c Caller, req store.Request) error {
	req.Client = c.client()
	return a.opts.Classifier.Check(req.Request)
}

func record(c Caller, d *document.Document, req store.Request) store.Record {
	return store.Record{
		ID: store.NewID(), Tenant: c.Tenant, Source: store.Sync, Request: req, Created: time.Now().UTC().Truncate(time.Microsecond),
		Document: docsift.DocumentRef{SHA256: d.SHA256, Filename: d.Name, MIME: d.Type.MIME(), Bytes: len(d.Bytes)},
	}
}

// await waits for the result of what was accepted.
func (a *API) await(ctx context.Context, rec store.Record, patience time.Duration) store.Record {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := 20 * time.Millisecond; rec.Result == nil; pause = min(pause*3/2, 500*time.Millisecond) {
		select {
		case <-ctx.Done():
			return rec
		case <-time.After(pause):
		}
		if now, err := a.opts.Store.Find(ctx, rec.Tenant, rec.ID); err == nil {
			rec = now
		}
	}
	return rec
}

// note keeps what was answered while the caller waited, and the document beside it. When that
// cannot be done the answer counts more than its record: the log says so once for each time that
// it goes wrong.
func (a *API) note(ctx context.Context, c Caller, u *upload, req store.Request, res docsift.Result, began time.Time) {
	if req.Explain != "" {
		res = unexplained(res)
	}
	rec := record(c, u.doc, req)
	rec.ID, rec.Created, rec.Started, rec.Finished, rec.Result = res.ID, began.UTC(), began.UTC(), time.Now().UTC(), &res
	rec.State = store.Completed
	if res.Error != nil {
		rec.State = store.Failed
	}
	a.opts.Recorder.Answered(ctx, rec)
	if a.opts.Store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second) // it is answered and paid for, whoever left
	defer cancel()
	err := a.opts.Store.Note(ctx, rec)
	if err == nil && a.opts.KeepAnswered {
		err = a.keepBytes(ctx, c, u.doc, blob.PutOptions{SHA256: u.doc.SHA256, Lazy: true})
	}
	if was := a.unnoted.Swap(err != nil); err != nil && !was {
		a.opts.Log.Error("answers are given that cannot be kept", "error", err)
	} else if err == nil && was {
		a.opts.Log.Info("answers can be kept again")
	}
}

// classifyFileAsync answers POST /classify_file_async, as the scaling guide names it.
func (a *API) classifyFileAsync(w http.ResponseWriter, r *http.Request, c Caller) {
	u, industry, err := a.receiveOriginal(w, r)
	if err != nil {
		a.originalError(w, err)
		return
	}
	a.once(w, r, work{caller: c, parts: u.parts, refuse: a.originalError, do: func(w http.ResponseWriter, r *http.Request) {
		req := store.Request{Request: docsift.Request{Taxonomy: industry}, Priority: store.Normal, NoCache: u.fresh(r)}
		rec, err := a.keep(r.Context(), w, intake{c, u.doc, req, "", acceptedFile})
		if err != nil {
			a.originalError(w, err)
			return
		}
		acceptedFile(w, rec)
	}})
}

// acceptedFile says under which number the original's clients ask again.
func acceptedFile(w http.ResponseWriter, rec store.Record) {
	w.Header().Set("Location", "/classify_file_async/"+rec.ID)
	writeJSON(w, http.StatusAccepted, map[string]string{"task_id": rec.ID, "status": "processing"})
}

// asyncStatus answers GET /classify_file_async/{id}.
func (a *API) asyncStatus(w http.ResponseWriter, r *http.Request, c Caller) {
	rec, err := a.opts.Store.Find(r.Context(), c.Tenant, r.PathValue("id"))
	if err != nil {
		a.originalError(w, err)
		return
	}
	out := struct {
		Task   string          `json:"task_id"`
		Status string          `json:"status"` // processing, completed or failed
		Result *originalAnswer `json:"result,omitempty"`
		Error  string          `json:"error,omitempty"`
	}{Task: rec.ID, Status: "processing"}
	switch {
	case rec.Result == nil:
		w.Header().Set("Retry-After", "1")
	case rec.Result.Error != nil:
		out.Status, out.Error = "failed", rec.Result.Error.Message
	default:
		out.Status, out.Result = "completed", new(original(*rec.Result))
	}
	writeJSON(w, http.StatusOK, out)
}
