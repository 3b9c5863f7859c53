package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/internal/store"
)

// classify answers POST /v1/classifications: with the answer, or with where it will be for a caller
// who prefers not to wait.
func (a *API) classify(w http.ResponseWriter, r *http.Request, c Caller) {
	p, err := preferences(r)
	var u *upload
	if err == nil {
		u, err = a.receiveDocument(w, r, c)
	}
	var req store.Request
	if err == nil {
		req, err = request(u, r)
	}
	batch := u.first("batch")
	if err == nil {
		req.Explain, err = explain(r, c, p.async || batch != "")
		req.NoCache = req.NoCache || req.Explain != ""
	}
	if err == nil && a.opts.Store == nil && batch != "" {
		err = fault.New(fault.Invalid, nil, "this server keeps no batches")
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	a.once(w, r, work{caller: c, parts: u.parts, refuse: a.problem, do: func(w http.ResponseWriter, r *http.Request) {
		if batch != "" {
			if err := a.asBatch(r.Context(), c, batch, u, &req); err != nil {
				a.problem(w, err)
				return
			}
		}
		if a.opts.Store != nil && (p.async || batch != "") {
			a.accept(w, r, intake{caller: c, doc: u.doc, request: req, batch: batch}, p)
			return
		}
		res, err := a.ask(r, c, u, req)
		if err != nil {
			a.failed(w, res, err)
			return
		}
		writeJSON(w, http.StatusOK, res)
	}})
}

// receiveDocument reads the form of a request that must have a document, or name one that was uploaded.
func (a *API) receiveDocument(w http.ResponseWriter, r *http.Request, c Caller) (*upload, error) {
	u, err := a.receive(w, r)
	if err == nil {
		err = a.fetch(r.Context(), c, u)
	}
	if err == nil {
		err = u.docErr
	}
	return u, err
}

// ask has a document classified, if there is room for one more.
func (a *API) ask(r *http.Request, c Caller, u *upload, req store.Request) (docsift.Result, error) {
	leave, err := a.slots.take()
	if err != nil {
		return docsift.Result{}, err
	}
	defer leave()
	began := time.Now()
	req.Client = c.client()
	res, err := a.answer(r.Context(), c, u.doc, req)
	a.note(r.Context(), c, u, req, res, began)
	return res, err
}

func (a *API) answer(ctx context.Context, c Caller, d *document.Document, req store.Request) (docsift.Result, error) {
	if a.opts.Cache == nil {
		return a.opts.Classifier.Classify(ctx, d, req.Request)
	}
	return a.opts.Cache.Classify(ctx, d, req.Request, cache.Terms{Tenant: c.Tenant, NoCache: req.NoCache})
}

// cached answers GET /v1/cache.
func (a *API) cached(w http.ResponseWriter, _ *http.Request) {
	if a.opts.Cache == nil {
		a.problem(w, fault.New(fault.NotFound, nil, "there is no cache: DOCSIFT_CACHE is off"))
		return
	}
	writeJSON(w, http.StatusOK, a.opts.Cache.Stats())
}

// providers answers GET /v1/providers.
func (a *API) providers(w http.ResponseWriter, _ *http.Request) {
	policy, missing := a.opts.Classifier.Policy()
	if missing == nil {
		missing = []cascade.Missing{}
	}
	var sharing *share.Status
	if a.opts.Sharing != nil {
		sharing = new(a.opts.Sharing())
	}
	writeJSON(w, http.StatusOK, struct {
		Policy  string                `json:"policy"`
		Models  []docsift.ModelStatus `json:"models"`
		Missing []cascade.Missing     `json:"missing"`
		Sharing *share.Status         `json:"sharing"` // null: breakers are not shared
	}{policy.Name, a.opts.Classifier.Models(), missing, sharing})
}
