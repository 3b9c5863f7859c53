package httpapi

import (
	"net/http"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/taxonomy"
)

// classify answers POST /v1/classifications.
func (a *API) classify(w http.ResponseWriter, r *http.Request, c Caller) {
	u, err := a.receive(w, r)
	if err == nil && !u.hasFile {
		err = fault.New(fault.Invalid, nil, "the field file is missing")
	}
	if err == nil {
		err = u.docErr
	}
	var req docsift.Request
	if err == nil {
		req, err = request(u, r.URL.Query())
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	a.once(w, r, work{caller: c, parts: u.parts, refuse: a.problem, do: func(w http.ResponseWriter, r *http.Request) {
		res, err := a.ask(r, u, req, c)
		if err != nil {
			a.failed(w, res, err)
			return
		}
		writeJSON(w, http.StatusOK, res)
	}})
}

// ask has a document classified, if there is room for one more.
func (a *API) ask(r *http.Request, u *upload, req docsift.Request, c Caller) (docsift.Result, error) {
	leave, err := a.slots.take()
	if err != nil {
		return docsift.Result{}, err
	}
	defer leave()
	if a.opts.Cache == nil {
		return a.opts.Classifier.Classify(r.Context(), u.doc, req)
	}
	return a.opts.Cache.Classify(r.Context(), u.doc, req, cache.Terms{Tenant: c.Tenant, NoCache: u.fresh(r)})
}

// cached answers GET /v1/cache.
func (a *API) cached(w http.ResponseWriter, _ *http.Request) {
	if a.opts.Cache == nil {
		a.problem(w, fault.New(fault.NotFound, nil, "there is no cache: DOCSIFT_CACHE is off"))
		return
	}
	writeJSON(w, http.StatusOK, a.opts.Cache.Stats())
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
