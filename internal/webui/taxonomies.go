package webui

import (
	"net/http"
	"slices"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// taxonomiesOf returns what a viewer's documents can be sorted into.
func (u *UI) taxonomiesOf(v Viewer) []*taxonomy.Taxonomy {
	all, err := u.opts.Classifier.TaxonomiesOf(v.Tenant)
	if err != nil {
		u.opts.Log.Warn("the taxonomies of a tenant cannot be read", "tenant", v.Tenant, "error", err)
		return u.opts.Classifier.Taxonomies()
	}
	return all
}

// own reports whether a taxonomy is one that its tenant made.
func (u *UI) own(t *taxonomy.Taxonomy) bool {
	return !slices.Contains(u.opts.Classifier.Taxonomies(), t)
}

// versions returns what a viewer's tenant saved of a taxonomy, or of all where the id is "".
func (u *UI) versions(r *http.Request, v Viewer, id string) ([]store.TaxonomyVersion, error) {
	if u.opts.Store == nil {
		return nil, nil
	}
	return u.opts.Store.TaxonomyVersions(r.Context(), v.Tenant, id)
}

type taxonomyRow struct {
	*taxonomy.Taxonomy
	Own bool
}

// taxonomies answers GET /taxonomies.
func (u *UI) taxonomies(w http.ResponseWriter, r *http.Request, v Viewer) {
	p := struct {
		Usual string
		All   []taxonomyRow
		Idle  []store.TaxonomyVersion // the latest of those that nobody uses
	}{Usual: u.opts.Classifier.Taxonomy().ID}
	listed := make(map[string]bool)
	for _, t := range u.taxonomiesOf(v) {
		p.All, listed[t.ID] = append(p.All, taxonomyRow{t, u.own(t)}), true
	}
	saved, err := u.versions(r, v, "")
	if err != nil {
		u.Deny(w, r, v, fault.KindOf(err).HTTPStatus(), fault.Message(err))
		return
	}
	for _, s := range saved {
		if !listed[s.ID] {
			p.Idle, listed[s.ID] = append(p.Idle, s), true
		}
	}
	u.show(w, r, v, page{file: "taxonomies.html", title: "Taxonomies", main: p})
}

type taxonomyPage struct {
	taxonomyRow
	Draft    string // YAML, to begin a new version with
	MayEdit  bool
	Versions []store.TaxonomyVersion
	Used     bool // one of them is
}

// taxonomy answers GET /taxonomies/{id}, which may have a version behind it.
func (u *UI) taxonomy(w http.ResponseWriter, r *http.Request, v Viewer) {
	p := taxonomyPage{MayEdit: v.May(access.Admin) && u.opts.Store != nil}
	t, err := u.opts.Classifier.Choices(docsift.Request{Taxonomy: r.PathValue("id"), Client: model.Client{Tenant: v.Tenant}})
	if err == nil {
		p.taxonomyRow = taxonomyRow{t, u.own(t)}
		p.Versions, err = u.versions(r, v, t.ID)
	}
	if err == nil {
		p.Used = slices.ContainsFunc(p.Versions, func(v store.TaxonomyVersion) bool { return v.Used })
	}
	if err == nil && p.MayEdit {
		p.Draft, err = u.opts.Store.TaxonomySource(r.Context(), v.Tenant, t)
	}
	if err != nil {
		u.Deny(w, r, v, fault.KindOf(err).HTTPStatus(), fault.Message(err))
		return
	}
	u.show(w, r, v, page{file: "taxonomy.html", title: t.ID, main: p})
}
