package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

// classify answers POST /v1/classifications.
func (a *API) classify(w http.ResponseWriter, r *http.Request) {
	u, err := a.receive(w, r)
	if err == nil && !u.hasFile {
		err = fault.New(fault.Invalid, nil, "the field file is missing")
	}
	if err == nil {
		err = u.docErr
	}
	var req docsift.Request
	if err == nil {
		req, err = request(u)
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

// request reads the fields taxonomy (or industry, its other name), categories and policy.
func request(u *upload) (docsift.Request, error) {
	req := docsift.Request{Taxonomy: u.first("taxonomy"), Policy: u.first("policy")}
	if industry := u.first("industry"); req.Taxonomy == "" {
		req.Taxonomy = strings.ToLower(industry)
	} else if industry != "" {
		return req, fault.New(fault.Invalid, nil, "give taxonomy or industry, not both")
	}
	for _, v := range u.fields["categories"] {
		names, err := list(v)
		if err != nil {
			return req, err
		}
		req.Categories = append(req.Categories, names...)
	}
	return req, nil
}

// list reads one field of categories: a JSON array, or names between commas.
func list(s string) ([]string, error) {
	if s = strings.TrimSpace(s); !strings.HasPrefix(s, "[") {
		return strings.Split(s, ","), nil
	}
	var names []string
	if err := json.Unmarshal([]byte(s), &names); err != nil {
		return nil, fault.New(fault.Invalid, err, "categories is not a JSON array of strings")
	}
	return names, nil
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
	writeJSON(w, http.StatusOK, struct {
		Policy  string                `json:"policy"`
		Models  []docsift.ModelStatus `json:"models"`
		Missing []cascade.Missing     `json:"missing"`
	}{policy.Name, a.opts.Classifier.Models(), missing})
}
