package storetest

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/taxonomy"
)

// tickets returns a taxonomy and its source.
func tickets(t *testing.T, version int) (*taxonomy.Taxonomy, string) {
	t.Helper()
	source := fmt.Sprintf("id: tickets # ours\nversion: %d\ncategories: [invoice, {name: \"läter & <x>\", description: later, cost: 2.5}]", version)
	tax, err := taxonomy.Parse("t.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return tax, source
}

func saves(t *testing.T, s *store.Store) {
	one, source := tickets(t, 1)
	two, _ := tickets(t, 2)
	for _, tt := range []struct {
		tenant string
		tax    *taxonomy.Taxonomy
		source string
		fresh  bool
	}{{"a", one, source, true}, {"a", one, "something else", false}, {"a", two, "", true}, {"b", one, "b's", true}} {
		if fresh, err := s.SaveTaxonomy(t.Context(), tt.tenant, "ann", tt.tax, tt.source); err != nil || fresh != tt.fresh {
			t.Errorf("%s saves %s: %v, %v", tt.tenant, tt.tax.Version, fresh, err)
		}
	}
	got, text, err := s.ReadTaxonomy(t.Context(), "a", one.ID, one.Version)
	if err != nil || text != source || !reflect.DeepEqual(got, one) {
		t.Errorf("read %+v, %q, %v", got, text, err)
	}
	if _, _, err := s.ReadTaxonomy(t.Context(), "b", two.ID, two.Version); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another tenant's: %v", err)
	}
	versions, err := s.TaxonomyVersions(t.Context(), "a", "tickets")
	if err != nil || len(versions) != 2 || versions[0].Version != two.Version || versions[0].Used || versions[0].By != "ann" || versions[0].Created.IsZero() {
		t.Errorf("versions %+v, %v", versions, err)
	}
	if none, err := s.TaxonomyVersions(t.Context(), "a", "x\x00' --"); err != nil || len(none) != 0 {
		t.Errorf("versions of none: %+v, %v", none, err)
	}
}

func shelved(t *testing.T, s *store.Store) {
	one, _ := tickets(t, 1)
	two, _ := tickets(t, 2)
	for _, tax := range []*taxonomy.Taxonomy{one, two} {
		if _, err := s.SaveTaxonomy(t.Context(), "a", "ann", tax, "x"); err != nil {
			t.Fatal(err)
		}
	}
	shelf := s.Shelf()
	found := 0
	shelf.Found = func(...*taxonomy.Taxonomy) { found++ }
	c, err := docsift.New(docsift.Options{Policy: "local", Shelf: shelf})
	if err != nil {
		t.Fatal(err)
	}
	use := func(tenant, id, version string, want fault.Kind) {
		t.Helper()
		if err := shelf.Use(t.Context(), tenant, "bob", id, version); fault.KindOf(err) != want {
			t.Errorf("%s uses %s@%s: %v, want kind %q", tenant, id, version, err, want)
		}
	}
	means := func(tenant, name, want string) {
		t.Helper()
		req := docsift.Request{Taxonomy: name}
		req.Client.Tenant = tenant
		got, err := c.Choices(req)
		switch {
		case want == "" && fault.KindOf(err) != fault.NotFound:
			t.Errorf("%s of %s: %+v, %v; want none", name, tenant, got, err)
		case want != "" && (err != nil || got.Version != want):
			t.Errorf("%s of %s: %+v, %v; want %s", name, tenant, got, err, want)
		}
	}
	finance, err := taxonomy.Find("finance")
	if err != nil {
		t.Fatal(err)
	}
	means("a", "tickets", "")
	means("a", one.ID+"@"+one.Version, one.Version)
	use("a", "tickets", one.Version, "")
	means("a", "tickets", one.Version)
	use("a", "tickets", two.Version, "")
	means("a", "tickets", two.Version)
	means("a", one.ID+"@"+one.Version, one.Version)
	means("b", "tickets", "")
	means("b", one.ID+"@"+one.Version, "")
	means("a", "finance", finance.Version)
	means("a", "finance@"+finance.Version, finance.Version)
	means("a", "finance@0", "")
	means("a", "tickets@", "")
	use("b", "tickets", one.Version, fault.NotFound)
	use("a", "tickets", "0", fault.NotFound)
	if of, err := c.TaxonomiesOf("a"); err != nil || len(of) != len(c.Taxonomies())+1 || of[0].Version != two.Version {
		t.Errorf("taxonomies of a: %d, %v", len(of), err)
	}
	use("a", "tickets", "", "")
	use("a", "tickets", "", fault.NotFound)
	means("a", "tickets", "")
	if found != 2 {
		t.Errorf("told of %d", found)
	}
	acts, err := s.Acts(t.Context(), "a", "", 10)
	if err != nil || len(acts) != 5 || acts[0].What != "taxonomy.drop" || acts[1].What != "taxonomy.use" || acts[4].What != "taxonomy.save" {
		t.Errorf("acts %+v, %v", acts, err)
	}
}

// An answer's categories are those of the version that it was chosen from, as long as that can be found.
func choices(t *testing.T, s *store.Store) {
	one, _ := tickets(t, 1)
	two, _ := tickets(t, 2)
	shelf := s.Shelf()
	for _, tax := range []*taxonomy.Taxonomy{one, two} {
		if _, err := s.SaveTaxonomy(t.Context(), "a", "ann", tax, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := shelf.Use(t.Context(), "a", "ann", two.ID, two.Version); err != nil {
		t.Fatal(err)
	}
	c, err := docsift.New(docsift.Options{Policy: "local", Shelf: shelf})
	if err != nil {
		t.Fatal(err)
	}
	r := Record("a")
	r.Request.Taxonomy = "tickets"
	res := r.Failure(fault.Internal, "")
	r.Result = &res
	for _, tt := range []struct{ answered, want string }{{one.Version, one.Version}, {two.Version, two.Version}, {"gone", two.Version}, {"", two.Version}} {
		res.Taxonomy = docsift.TaxonomyRef{ID: "tickets", Version: tt.answered}
		if got, err := r.Choices(c); err != nil || got.Version != tt.want {
			t.Errorf("answered by %q: %+v, %v; want %s", tt.answered, got, err, tt.want)
		}
	}
	r.Request.Taxonomy, r.Request.Categories = "", []string{"yes", "no"}
	if got, err := r.Choices(c); err != nil || len(got.Categories) != 2 {
		t.Errorf("a bare list: %+v, %v", got, err)
	}
}
