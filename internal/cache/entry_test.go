package cache

import (
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/taxonomy"
)

// entry is a cache, a question and its answer.
func entry(t testing.TB) (*Cache, question, docsift.Result) {
	t.Helper()
	tax, err := taxonomy.New("mine", []string{"invoice", "receipt"})
	if err != nil {
		t.Fatal(err)
	}
	d := &document.Document{SHA256: strings.Repeat("ab", 32)}
	res := docsift.Result{Status: docsift.Completed, Document: docsift.DocumentRef{SHA256: d.SHA256}}
	res.Classification = "invoice"
	return &Cache{opts: Options{}.withDefaults()}, question{key: "k", doc: d, id: docsift.Identity{Taxonomy: tax}}, res
}

func TestKeepable(t *testing.T) {
	tests := []struct {
		name   string
		change func(*docsift.Result)
		want   bool
	}{
		{"a category", func(*docsift.Result) {}, true},
		{"one that is none", func(r *docsift.Result) { r.Classification = "contract" }, false},
		{"a failure", func(r *docsift.Result) { r.Status = docsift.Failed }, false},
		{"degraded", func(r *docsift.Result) { r.Degraded = true }, false},
		{"for review, as models did not answer", func(r *docsift.Result) { r.Review = cascade.Review{Needed: true, Reason: cascade.Degraded} }, false},
		{"for review, as a model was unsure", func(r *docsift.Result) { r.Review = cascade.Review{Needed: true, Reason: cascade.LowConfidence} }, true},
		{"a category after a failure", func(r *docsift.Result) { r.Attempts = []cascade.Attempt{{Outcome: cascade.Failed}} }, true},
		{"unknown", func(r *docsift.Result) { r.Classification = "unknown" }, true},
		{"unknown after a failure", func(r *docsift.Result) {
			r.Classification, r.Attempts = "unknown", []cascade.Attempt{{Outcome: cascade.Failed}}
		}, false},
		{"unknown, without letters", func(r *docsift.Result) {
			r.Classification, r.Document.Metadata = "unknown", map[string]string{"ocr": "no text"}
		}, true},
		{"unknown, as letters took too long", func(r *docsift.Result) {
			r.Classification, r.Document.Metadata = "unknown", map[string]string{"ocr": "timeout"}
		}, false},
		{"unknown, as letters could not be read", func(r *docsift.Result) {
			r.Classification, r.Document.Metadata = "unknown", map[string]string{"ocr": "failed: x"}
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, q, res := entry(t)
			tt.change(&res)
			if got := keepable(res, q.id.Taxonomy); got != tt.want {
				t.Errorf("kept: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTooLargeIsNotKept(t *testing.T) {
	c, q, res := entry(t)
	res.Document.Metadata = map[string]string{"title": strings.Repeat("x", maxEntry)}
	if raw := c.encode(q.key, res); raw != "" {
		t.Errorf("%d bytes were kept", len(raw))
	}
}

// Whatever stands where an entry should be, it is an answer to the question or nothing.
func FuzzDecode(f *testing.F) {
	c, q, res := entry(f)
	good := c.encode(q.key, res)
	if c.decode(q, good) == nil {
		f.Fatal("an entry is not read")
	}
	for _, s := range []string{good, "", " ", "docsift1", "docsift1 x", "docsift1 x y z", good[:len(good)-1], strings.Replace(good, "invoice", "receipt", 1)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		// The process that fuzzes may have made its entry at another moment.
		if got := c.decode(q, raw); got != nil && strings.SplitN(raw, " ", 4)[3] != strings.SplitN(good, " ", 4)[3] {
			t.Errorf("%q is taken for an entry", raw)
		}
	})
}
