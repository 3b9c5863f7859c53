package httpapi

import (
	"net/http"
	"slices"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/taxonomy"
)

// maxDraft is how large a request with a taxonomy may be, in bytes: JSON writes each line break as two.
const maxDraft = 4 << 20

// taxonomyJSON is a taxonomy without the cues that the local model goes by.
type taxonomyJSON struct {
	*taxonomy.Taxonomy

	Own        bool           `json:"own"` // the tenant made it
	Categories []categoryJSON `json:"categories"`
}

type categoryJSON struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Cost        float64 `json:"cost,omitempty"`
}

// taxonomies answers GET /v1/taxonomies.
func (a *API) taxonomies(w http.ResponseWriter, _ *http.Request, c Caller) {
	all, err := a.opts.Classifier.TaxonomiesOf(c.Tenant)
	if err != nil {
		a.problem(w, err)
		return
	}
	var out struct {
		Taxonomies []taxonomyJSON `json:"taxonomies"`
	}
	public := a.opts.Classifier.Taxonomies()
	for _, t := range all {
		out.Taxonomies = append(out.Taxonomies, shownTaxonomy(t, public))
	}
	writeJSON(w, http.StatusOK, out)
}

func shownTaxonomy(t *taxonomy.Taxonomy, public []*taxonomy.Taxonomy) taxonomyJSON {
	j := taxonomyJSON{Taxonomy: t, Own: !slices.Contains(public, t)}
	for _, c := range t.Categories {
		j.Categories = append(j.Categories, categoryJSON{c.Name, c.Description, c.Cost})
	}
	return j
}

// getTaxonomy answers GET /v1/taxonomies/{id}, which may have a version behind it.
func (a *API) getTaxonomy(w http.ResponseWriter, r *http.Request, c Caller) {
	t, err := a.opts.Classifier.Choices(docsift.Request{Taxonomy: r.PathValue("id"), Client: c.client()})
	out := struct {
		Taxonomy taxonomyJSON            `json:"taxonomy"`
		YAML     string                  `json:"yaml"`
		Versions []store.TaxonomyVersion `json:"versions"` // those that the tenant made, the latest first
	}{Versions: []store.TaxonomyVersion{}}
	if err == nil {
		out.Taxonomy = shownTaxonomy(t, a.opts.Classifier.Taxonomies())
		out.YAML, err = a.opts.Store.TaxonomySource(r.Context(), c.Tenant, t)
	}
	if err == nil && a.opts.Store != nil {
		var all []store.TaxonomyVersion
		all, err = a.opts.Store.TaxonomyVersions(r.Context(), c.Tenant, t.ID)
		out.Versions = append(out.Versions, all...)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

// draft reads the taxonomy in a request.
func draft(yaml string) (*taxonomy.Taxonomy, error) {
	t, err := taxonomy.Parse("line", []byte(yaml))
	if err != nil {
		return nil, fault.New(fault.Invalid, err, "%s", fault.Message(err))
	}
	return t, nil
}

// saveTaxonomy answers POST /v1/taxonomies: it keeps a version, which never changes from then on.
func (a *API) saveTaxonomy(w http.ResponseWriter, r *http.Request, c Caller) {
	var want struct {
		YAML string `json:"yaml"`
		Use  bool   `json:"use"`
	}
	err := decode(http.MaxBytesReader(w, r.Body, maxDraft), &want, `{"yaml": "id: tickets\n…", "use": true}`)
	var t *taxonomy.Taxonomy
	if err == nil {
		t, err = draft(want.YAML)
	}
	fresh := false
	if err == nil {
		fresh, err = a.opts.Store.SaveTaxonomy(r.Context(), c.Tenant, c.actor(), t, want.YAML)
	}
	if err == nil && want.Use {
		err = a.opts.Shelf.Use(r.Context(), c.Tenant, c.actor(), t.ID, t.Version)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	a.opts.Log.Info("taxonomy saved", "taxonomy", t.ID, "version", t.Version, "used", want.Use, "tenant", c.Tenant, "by", c.actor())
	code := http.StatusOK
	if fresh {
		code = http.StatusCreated
	}
	w.Header().Set("Location", "/v1/taxonomies/"+t.ID+"@"+t.Version)
	writeJSON(w, code, struct {
		docsift.TaxonomyRef
		Used bool `json:"used"`
	}{docsift.TaxonomyRef{ID: t.ID, Version: t.Version}, want.Use})
}

// useTaxonomy answers PUT /v1/taxonomies/{id}/version: which version the id means from now on.
func (a *API) useTaxonomy(w http.ResponseWriter, r *http.Request, c Caller) {
	var want struct {
		Version string `json:"version"`
	}
	err := decode(http.MaxBytesReader(w, r.Body, smallBody), &want, `{"version": "2+9f3a2c1b07de"}`)
	if err == nil && want.Version == "" {
		err = fault.New(fault.Invalid, nil, "version is missing")
	}
	if err != nil { // what is another's is not there, whatever is said of it
		if all, _ := a.opts.Store.TaxonomyVersions(r.Context(), c.Tenant, r.PathValue("id")); len(all) == 0 {
			err = fault.New(fault.NotFound, nil, "no version of the taxonomy %.64q is kept", r.PathValue("id"))
		}
	}
	a.use(w, r, c, want.Version, err)
}

// dropTaxonomy answers DELETE /v1/taxonomies/{id}/version: the id means again what it means to everybody.
func (a *API) dropTaxonomy(w http.ResponseWriter, r *http.Request, c Caller) { a.use(w, r, c, "", nil) }

func (a *API) use(w http.ResponseWriter, r *http.Request, c Caller, version string, err error) {
	id := r.PathValue("id")
	if err == nil {
		err = a.opts.Shelf.Use(r.Context(), c.Tenant, c.actor(), id, version)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	a.opts.Log.Info("another version of a taxonomy is used", "taxonomy", id, "version", version, "tenant", c.Tenant, "by", c.actor())
	w.WriteHeader(http.StatusNoContent)
}
