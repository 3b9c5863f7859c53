package httpapi

import (
	"context"
	"net/http"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/taxonomy"
)

const (
	usualTrial = 20 // documents
	mostTrial  = 100
)

// trialJSON is what a taxonomy would change.
type trialJSON struct {
	Taxonomy  docsift.TaxonomyRef `json:"taxonomy"`
	Tried     int                 `json:"tried"`
	Changed   int                 `json:"changed"`
	Gone      int                 `json:"gone"` // recent documents that are no longer kept, or cannot be read
	Documents []triedJSON         `json:"documents"`
}

// triedJSON is a document under the taxonomy that it was classified by, and under the one that is tried.
type triedJSON struct {
	ID       string `json:"id"`
	Filename string `json:"filename"`
	Before   saying `json:"before"`
	After    saying `json:"after"`
}

type saying struct {
	Classification string   `json:"classification"`
	Confidence     *float64 `json:"confidence"`
}

// tryTaxonomy answers POST /v1/taxonomies/try: what the local model says of recent documents with a taxonomy
// beside what it says with the one that they were classified by. Nothing is kept and nothing leaves the machine.
func (a *API) tryTaxonomy(w http.ResponseWriter, r *http.Request, c Caller) {
	want := struct {
		YAML      string `json:"yaml"`
		Documents int    `json:"documents"`
	}{Documents: usualTrial}
	err := decode(http.MaxBytesReader(w, r.Body, maxDraft), &want, `{"yaml": "id: tickets\n…", "documents": 20}`)
	if err == nil && (want.Documents < 1 || want.Documents > mostTrial) {
		err = fault.New(fault.Invalid, nil, "documents is a number from 1 to %d", mostTrial)
	}
	var t *taxonomy.Taxonomy
	if err == nil {
		t, err = draft(want.YAML)
	}
	var out trialJSON
	if err == nil {
		out, err = a.try(r.Context(), c, t, want.Documents)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (a *API) try(ctx context.Context, c Caller, t *taxonomy.Taxonomy, n int) (out trialJSON, err error) {
	out.Taxonomy, out.Documents = docsift.TaxonomyRef{ID: t.ID, Version: t.Version}, []triedJSON{}
	o := docsift.Options{Extractor: a.opts.Extractor, Policy: "local", Taxonomies: a.opts.Classifier.Taxonomies(), Taxonomy: a.opts.Classifier.Taxonomy().ID}
	if a.opts.Shelf != nil {
		o.Shelf = a.opts.Shelf
	}
	before, err := docsift.New(o)
	if err != nil {
		return out, err
	}
	o.Shelf, o.Taxonomies, o.Taxonomy = nil, []*taxonomy.Taxonomy{t}, t.ID
	after, err := docsift.New(o)
	if err != nil {
		return out, err
	}
	all, err := a.opts.Store.List(ctx, c.Tenant, store.Filter{State: store.Completed, Limit: n})
	for _, rec := range all {
		if err != nil {
			break
		}
		var one triedJSON
		one, err = a.tried(ctx, c, rec, before, after)
		switch {
		case ctx.Err() != nil:
			return out, ctx.Err()
		case fault.KindOf(err) == fault.Busy, fault.KindOf(err) == fault.Storage:
			return out, err
		case err != nil:
			out.Gone, err = out.Gone+1, nil
			continue
		}
		out.Tried++
		if one.Before.Classification != one.After.Classification {
			out.Changed++
		}
		out.Documents = append(out.Documents, one)
	}
	return out, err
}

// tried asks about one document twice.
func (a *API) tried(ctx context.Context, c Caller, rec store.Record, before, after *docsift.Classifier) (triedJSON, error) {
	out := triedJSON{ID: rec.ID, Filename: rec.Document.Filename}
	_, d, err := a.reopen(ctx, c, rec.ID)
	if err != nil {
		return out, err
	}
	leave, err := a.slots.take()
	if err != nil {
		return out, err
	}
	defer leave()
	old := docsift.Request{Taxonomy: rec.Request.Taxonomy, Categories: rec.Request.Categories, Client: c.client()}
	if out.Before, err = said(ctx, before, d, old); err != nil {
		return out, err
	}
	out.After, err = said(ctx, after, d, docsift.Request{})
	return out, err
}

func said(ctx context.Context, by *docsift.Classifier, d *document.Document, req docsift.Request) (saying, error) {
	res, err := by.Classify(ctx, d, req)
	return saying{res.Classification, res.Confidence}, err
}
