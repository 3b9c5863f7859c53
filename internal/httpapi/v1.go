package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/taxonomy"
)

// classify answers POST /v1/classifications: with the answer, or with where it will be for a caller
// who prefers not to wait.
func (a *API) classify(w http.ResponseWriter, r *http.Request, c Caller) {
	p, err := preferences(r)
	var u *upload
	if err == nil {
		u, err = a.receiveDocument(w, r)
	}
	var req store.Request
	if err == nil {
		req, err = request(u, r.URL.Query())
	}
	switch batch := u.first("batch"); {
	case err != nil:
	case a.opts.Store == nil && batch != "":
		err = fault.New(fault.Invalid, nil, "this server keeps no batches")
	case a.opts.Store != nil && (p.async || batch != ""):
		a.accept(w, r, c, u.doc, req, batch, p)
		return
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	res, err := a.ask(r.Context(), c, u, req)
	if err != nil {
		a.failed(w, res, err)
		return
	}
	writeJSON(w, http.StatusOK, res)
}

// receiveDocument reads the upload of a request that must have a document.
func (a *API) receiveDocument(w http.ResponseWriter, r *http.Request) (*upload, error) {
	u, err := a.receive(w, r)
	if err == nil && !u.hasFile {
		err = fault.New(fault.Invalid, nil, "the field file is missing")
	}
	if err == nil {
		err = u.docErr
	}
	return u, err
}

// ask has a document classified, if there is room for one more.
func (a *API) ask(ctx context.Context, c Caller, u *upload, req store.Request) (docsift.Result, error) {
	leave, err := a.slots.take()
	if err != nil {
		return docsift.Result{}, err
	}
	defer leave()
	began := time.Now()
	res, err := a.opts.Classifier.Classify(ctx, u.doc, req.Request)
	a.note(ctx, c, u, req, res, began)
	return res, err
}

// taxonomyJSON is a taxonomy without the cues that the local model goes by.
type taxonomyJSON struct {
	*taxonomy.Taxonomy

	Categories []categoryJSON `json:"categories"` // instead of the embedded ones
}

type categoryJSON struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// taxonomies answers GET /v1/taxonomies.
func (a *API) taxonomies(w http.ResponseWriter, _ *http.Request) {
	var out struct {
		Taxonomies []taxonomyJSON `json:"taxonomies"`
	}
	for _, t := range a.opts.Classifier.Taxonomies() {
		j := taxonomyJSON{Taxonomy: t}
		for _, c := range t.Categories {
			j.Categories = append(j.Categories, categoryJSON{c.Name, c.Description})
		}
		out.Taxonomies = append(out.Taxonomies, j)
	}
	writeJSON(w, http.StatusOK, out)
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
