package httpapi_test

import (
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/extract/all"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/taxonomy"
)

// The API spells a taxonomy as package taxonomy does, without what only the local model needs.
func TestTaxonomiesAreSpeltAlike(t *testing.T) {
	srv, _, _ := server(t, "", nil)
	_, body := get(t, srv.URL+"/v1/taxonomies")
	var want []map[string]any
	if err := json.Unmarshal([]byte(toJSON(t, taxonomy.Builtin())), &want); err != nil {
		t.Fatal(err)
	}
	for _, tax := range want {
		for _, c := range tax["categories"].([]any) {
			for _, name := range []string{"titles", "cues", "words", "against", "shape", "broader"} {
				delete(c.(map[string]any), name)
			}
		}
	}
	got := body["taxonomies"].([]any)
	for _, tax := range want {
		tax["own"] = false
	}
	if len(got) != len(want) {
		t.Fatalf("%d taxonomies, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], any(want[i])) {
			t.Errorf("taxonomy %d is %.300s, want %.300s", i, toJSON(t, got[i]), toJSON(t, want[i]))
		}
	}
}

// Taxonomies of one's own stand beside the built-in ones, or instead of them.
func TestOwnIndustries(t *testing.T) {
	var own []*taxonomy.Taxonomy
	for _, id := range []string{"Shipping", "finance"} {
		tax, err := taxonomy.New(id, []string{"invoice", "waybill"})
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, tax)
	}
	extractor := all.New(all.Options{})
	t.Cleanup(func() { extractor.Close() })
	c, err := docsift.New(docsift.Options{Extractor: extractor, Policy: "local", Taxonomies: own})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{Classifier: c, Log: slog.New(slog.DiscardHandler)}))
	defer srv.Close()

	_, body := get(t, srv.URL+"/industries")
	if got := toJSON(t, body["industries"]); got != `["finance","legal","healthcare","real_estate","insurance","hr","Shipping"]` {
		t.Errorf("industries %s", got)
	}
	for _, industry := range []string{"finance", "shipping"} {
		_, body = get(t, srv.URL+"/categories/"+industry)
		if got := toJSON(t, body["categories"]); got != `["invoice","waybill","unknown"]` {
			t.Errorf("categories of %s: %s", industry, got)
		}
	}
	status, body, _ := send(t, srv.URL+"/classify_file", file("a.pdf", invoicePDF), field("industry", "shipping"))
	if status != 200 || body["classification"] != "invoice" || body["industry"] != "Shipping" {
		t.Errorf("a document of an industry of one's own: %d %v", status, body)
	}
	if status, body, _ = send(t, srv.URL+"/classify_file", file("a.pdf", invoicePDF), field("industry", "all")); status != 400 {
		t.Errorf("the union of all is no industry: %d %v", status, body)
	}
}
