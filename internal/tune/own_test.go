package tune_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/internal/eval"
	"github.com/docsift/docsift/internal/tune"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

// harbour is a taxonomy of which nobody has written anything down but names.
func harbour(t *testing.T) *taxonomy.Taxonomy {
	t.Helper()
	tax, err := taxonomy.Parse("harbour.yaml", []byte("id: harbour\ncategories: [kelp_note, mast_ticket, gull_ledger, rope_oath]\n"))
	if err != nil {
		t.Fatal(err)
	}
	return tax
}

// written makes documents of those categories, by senders who each have words and habits of
// their own beside what all documents of a category say, and who leave out some of that.
func written(tax *taxonomy.Taxonomy, senders int) []tune.Document {
	said := map[string][]string{
		"kelp_note":   {"fronds gathered at ebb", "blades dried on racks", "holdfast intact", "baskets weighed wet", "tide table consulted", "salinity fair"},
		"mast_ticket": {"spar inspected aloft", "rigging slack taken up", "halyard replaced", "boom squeaks", "crosstrees sound", "stays tensioned"},
		"gull_ledger": {"nests counted on the quay", "ringed birds seen", "fledglings left", "eggs abandoned", "herring stolen", "roost noisy"},
		"rope_oath":   {"splice sworn before witnesses", "hemp honestly twisted", "strand unbroken", "knot masters present", "bitter end shown", "whipping neat"},
	}
	common := strings.Fields("the harbour master of the day wrote this with care and put it away in the tall cupboard by the window where all papers of the season are kept for those who come after")
	r := rand.New(rand.NewPCG(7, 7))
	var docs []tune.Document
	for s := range senders {
		habit := fmt.Sprintf("Keeper %c%c of pier %d", 'A'+s%26, 'K'+s%7, s)
		for i, c := range tax.Categories {
			lines := []string{habit}
			for _, phrase := range said[c.Name] {
				if r.IntN(3) > 0 {
					lines = append(lines, phrase)
				}
				r.Shuffle(len(common), func(i, j int) { common[i], common[j] = common[j], common[i] })
				lines = append(lines, strings.Join(common[:8], " "))
			}
			r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			docs = append(docs, tune.Document{
				View: eval.View{
					Label:    eval.Label{File: fmt.Sprint(s, "-", i), Category: c.Name, Group: fmt.Sprint("sender ", s)},
					Taxonomy: tax, Original: eval.Label{Category: c.Name},
				},
				Text: strings.Join(lines, "\n"), Facts: model.Facts{Type: document.Text, Pages: 1}, Source: "document",
			})
		}
	}
	return docs
}

// A model that learned from documents of a made-up set of categories beats the built-in one on
// senders that neither has seen.
func TestOwnCategoriesAreLearned(t *testing.T) {
	tax := harbour(t)
	docs := written(tax, 20)
	known := append(taxonomy.Builtin(), tax)
	seen, unseen := docs[:48], docs[48:]
	trained, err := local.Train(tune.Examples(seen, known, 1), local.TrainOptions{From: local.Builtin(), Phrases: true})
	if err != nil {
		t.Fatal(err)
	}
	right := func(m *local.Model) (n int) {
		for _, d := range unseen {
			resp, err := m.Score(t.Context(), model.Request{Taxonomy: tax, Text: d.Text, Document: d.Facts})
			if err != nil {
				t.Fatal(err)
			}
			if resp.Label == d.Category {
				n++
			}
		}
		return n
	}
	before, after := right(local.New(local.Options{})), right(local.New(local.Options{Trained: trained}))
	if after < len(unseen)*9/10 || after <= before {
		t.Errorf("%d of %d right after training, %d before; want nine of ten at least", after, len(unseen), before)
	}
	resp, err := local.New(local.Options{Trained: trained}).Score(t.Context(), model.Request{Taxonomy: tax, Text: unseen[0].Text, Document: unseen[0].Facts})
	if err != nil || !strings.Contains(resp.Reason, "found ") || strings.Contains(strings.ToLower(resp.Reason), "pier") {
		t.Errorf("reason %q, %v; want what was learned, and nothing of the sender", resp.Reason, err)
	}
}

// A model with phrases is for the taxonomies that it was trained for, as they were.
func TestAModelIsForItsTaxonomies(t *testing.T) {
	tax := harbour(t)
	trained, err := local.Train(tune.Examples(written(tax, 6), append(taxonomy.Builtin(), tax), 1), local.TrainOptions{Phrases: true})
	if err != nil {
		t.Fatal(err)
	}
	less, err := taxonomy.Parse("harbour.yaml", []byte("id: harbour\ncategories: [kelp_note, mast_ticket]\n"))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := taxonomy.New("strangers", []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if !trained.Knows(tax) || trained.Knows(less) || trained.Knows(stranger) || !local.Builtin().Knows(stranger) {
		t.Error("it takes another taxonomy for its own, or its own for another")
	}
	if !slices.Contains(trained.Taxonomies(), "harbour") {
		t.Errorf("it is for %q", trained.Taxonomies())
	}
	resp, err := local.New(local.Options{Trained: trained}).Score(t.Context(), model.Request{Taxonomy: stranger, Text: strings.Repeat("kelp gathered at ebb ", 5)})
	if err != nil || resp.Label != "" || !strings.Contains(resp.Reason, "was trained for ") || !strings.HasSuffix(resp.Reason, "not for strangers as it is") {
		t.Errorf("%q: %q, %v", resp.Label, resp.Reason, err)
	}
}
