package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
)

const passes = "id: tickets # of ours\nversion: 1\ncategories:\n- {name: boarding_pass, titles: [boarding pass], cues: [gate closes, boarding time], cost: 3}\n- invoice\n"

func inJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a tenant saves and uses is what its documents are sorted into, and nobody else's.
func TestTaxonomiesOfATenant(t *testing.T) {
	a := guarded(t)
	type version struct {
		ID, Version string
		Used        bool
	}
	save := func(yaml string, use bool, status int) (v version) {
		t.Helper()
		w := do(a, "POST", "/v1/taxonomies", inJSON(t, map[string]any{"yaml": yaml, "use": use}), "admin")
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != status {
			t.Fatalf("saved: %d %s", w.Code, w.Body)
		}
		if want := "/v1/taxonomies/" + v.ID + "@" + v.Version; status < 300 && w.Header().Get("Location") != want {
			t.Errorf("location %q, want %q", w.Header().Get("Location"), want)
		}
		return v
	}
	type whole struct {
		Taxonomy struct {
			ID, Version string
			Own         bool
			Categories  []categoryJSON
		}
		YAML     string
		Versions []version
	}
	get := func(name string, status int) (out whole) {
		t.Helper()
		w := do(a, "GET", "/v1/taxonomies/"+name, "", "read")
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != status {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		return out
	}
	one := save(passes, false, 201)
	save(passes, false, 200)
	get("tickets", 404)
	two := save(strings.Replace(passes, "version: 1", "version: 2", 1), true, 201)
	if out := get("tickets", 200); out.Taxonomy.Version != two.Version || !out.Taxonomy.Own || len(out.Versions) != 2 || !out.Versions[0].Used || out.Taxonomy.Categories[0].Cost != 3 {
		t.Errorf("in use: %+v", out)
	}
	if out := get("tickets@"+one.Version, 200); out.Taxonomy.Version != one.Version || out.YAML != passes {
		t.Errorf("the version before: %+v", out)
	}
	if out := get("finance", 200); out.Taxonomy.Own || !strings.HasPrefix(out.YAML, "id: finance\n") {
		t.Errorf("everybody's: %.200s", out.YAML)
	}
	if w := do(a, "GET", "/v1/taxonomies", "", "read"); !strings.Contains(w.Body.String(), `"id":"tickets"`) {
		t.Errorf("the list has none of it: %.200s", w.Body)
	}
	put := func(id, body string, want int) {
		t.Helper()
		if w := do(a, "PUT", "/v1/taxonomies/"+id+"/version", body, "admin"); w.Code != want {
			t.Errorf("%s %s: %d %s", id, body, w.Code, w.Body)
		}
	}
	put("tickets", inJSON(t, map[string]string{"version": one.Version}), 204)
	put("tickets", `{"version":"9"}`, 404)
	put("tickets", `{"version":""}`, 400)
	put("finance", `{}`, 404)
	if out := get("tickets", 200); out.Taxonomy.Version != one.Version {
		t.Errorf("used again: %+v", out.Taxonomy)
	}
	for _, want := range []int{204, 404} {
		if w := do(a, "DELETE", "/v1/taxonomies/tickets/version", "", "admin"); w.Code != want {
			t.Errorf("dropped: %d %s, want %d", w.Code, w.Body, want)
		}
	}
	get("tickets", 404)
	for _, body := range []string{`{"yaml":"id: X"}`, `{"yaml":""}`, `{"yaml":"id: a\ncategories: [b]","version":"1"}`, `x`} {
		if w := do(a, "POST", "/v1/taxonomies", body, "admin"); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

// A corrected answer may be any category of the version that it was chosen from.
func TestReviewsOfATenantsTaxonomy(t *testing.T) {
	a, _ := shown(t, "image/jpeg")
	if w := do(a, "POST", "/v1/taxonomies", inJSON(t, map[string]any{"yaml": strings.Replace(passes, "id: tickets", "id: finance", 1), "use": true}), "admin"); w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	d, err := document.Read(strings.NewReader("a pass"), "pass.txt", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id := answeredOf(t, a, d, 0.1)
	w := do(a, "POST", "/v1/reviews/claim", `{"by":"ann","n":5}`, "review")
	var got struct{ Reviews []reviewJSON }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Reviews) == 0 || !slices.Contains(got.Reviews[0].Categories, "boarding_pass") {
		t.Errorf("%v, %.300s", err, w.Body)
	}
	if w := do(a, "POST", "/v1/classifications/"+id+"/feedback", `{"category":"boarding_pass","by":"ann"}`, "review"); w.Code != 201 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
