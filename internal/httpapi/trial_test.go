package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/text"
)

func TestTriesATaxonomy(t *testing.T) {
	a, _ := shown(t, "image/jpeg")
	a.opts.Extractor = text.New(text.Options{})
	d, err := document.Read(strings.NewReader("BOARDING PASS\nPassenger: A. Example\nFlight 12, seat 4C, gate closes at 10:20, boarding time 10:00, terminal 2"), "pass.txt", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id := answeredOf(t, a, d, 0.9)
	body, err := json.Marshal(map[string]any{"documents": 5, "yaml": `id: tickets
categories:
  - name: boarding_pass
    description: A passenger's pass to board one flight.
    titles: [boarding pass]
    cues: [gate closes, seat, boarding time, flight 0]
  - name: invoice
`})
	if err != nil {
		t.Fatal(err)
	}
	w := do(a, "POST", "/v1/taxonomies/try", string(body), "admin")
	var got trialJSON
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Tried != 2 || got.Taxonomy.ID != "tickets" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if one := got.Documents[0]; one.ID != id || one.After.Classification != "boarding_pass" || one.Before.Classification == "boarding_pass" || got.Changed < 1 {
		t.Errorf("%+v", got)
	}
	for _, body := range []string{`{"yaml":"id: X"}`, `{"yaml":"id: a\ncategories: [b, b]"}`, `{"documents":0}`, `{"documents":101,"yaml":"id: a"}`, `x`} {
		if w := do(a, "POST", "/v1/taxonomies/try", body, "admin"); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}
