package httpapi

import (
	"context"
	"net/http"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/taxonomy"
)

// classify answers POST /v1/classifications.
func (a *API) classify(w http.ResponseWriter, r *http.Request, c Caller) {
	u, err := a.receive(w, r)
	if err == nil {
		err = a.fetch(r.Context(), c, u)
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
	res, err := a.ask(r.Context(), u, req)
	if err != nil {
		a.failed(w, res, err)
		return
	}
	writeJSON(w, http.StatusOK, res)
}

// ask has a document classified, if there is room for one more.
func (a *API) ask(ctx context.Context, u *upload, req docsift.Request) (docsift.Result, error) {
	leave, err := a.slots.take()
	if err != nil {
		return docsift.Result{}, err
	}
	defer leave()
	return a.opts.Classifier.Classify(ctx, u.doc, req)
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
