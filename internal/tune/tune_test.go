package tune_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/internal/eval"
	"github.com/docsift/docsift/internal/tune"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

const (
	invoice   = "TAX INVOICE\nInvoice number %d\nBill to: Example Traders Ltd\nUnit price\nAmount due 480.00\nPayment terms: net 30"
	statement = "Bank statement %d\nStatement period 1 May to 31 May\nSort code\nOpening balance 310.20\nClosing balance 255.20"
	resume    = "CURRICULUM VITAE %d\nWork experience\nCarpenter, Example Ltd\nEducation\nSkills\nReferences available on request"
)

// folder writes labelled documents of some senders and returns where they are, and their labels.
func folder(t *testing.T) (string, []eval.Label) {
	t.Helper()
	dir, table := t.TempDir(), "file\tlabel\tindustry\tgroup\n"
	for i := range 36 {
		kind := []struct{ text, label, industry string }{
			{invoice, "invoice", "finance;default"}, {statement, "bank_statement", "finance"}, {resume, "resume", "hr"},
		}[i%3]
		name := fmt.Sprintf("%d.txt", i)
		if err := os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, kind.text, i), 0o600); err != nil {
			t.Fatal(err)
		}
		table += fmt.Sprintf("%s\t%s\t%s\tsender %d\n", name, kind.label, kind.industry, i/3)
	}
	labels, err := eval.ReadLabels(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	return dir, labels
}

// broken is an extractor that one document is too much for.
type broken struct{ extract.Extractor }

func (b broken) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	if strings.Contains(string(d.Bytes), " 35\n") {
		return nil, errors.New("too much")
	}
	return b.Extractor.Extract(ctx, d)
}

func read(t *testing.T) []tune.Document {
	t.Helper()
	dir, labels := folder(t)
	o := eval.Options{Folder: dir, Taxonomy: eval.ByIndustry, Jobs: 3}
	views, err := eval.Prepare(taxonomy.Builtin(), labels, o)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := tune.Read(t.Context(), broken{text.New(text.Options{})}, views, o)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func TestRead(t *testing.T) {
	docs := read(t)
	if d := docs[1]; d.Facts.Type != document.Text || d.Facts.Name != "" || d.Source != docsift.FromDocument || !strings.HasPrefix(d.Text, "Bank statement 1") {
		t.Errorf("read %+v", d)
	}
	if d := docs[35]; d.Failed != "internal: internal error" || d.Source != docsift.FromNowhere {
		t.Errorf("a document that cannot be read: %+v", d)
	}
}

func TestExamples(t *testing.T) {
	docs := read(t)
	var views []string
	for _, x := range tune.Examples(docs[:1], taxonomy.Builtin(), 1) {
		views = append(views, fmt.Sprintf("%s %v %v", x.Taxonomy.ID, x.Right, x.Weight))
	}
	want := []string{
		"finance [invoice] 0.5", "default [invoice] 0.5", "all [invoice] 0.02",
		"legal [unknown] 0.1", "healthcare [unknown] 0.1", "real_estate [unknown] 0.1",
	}
	if !slices.Equal(views, want) {
		t.Errorf("an invoice is shown as %q, want %q", views, want)
	}
	if n := len(tune.Examples(docs[35:], taxonomy.Builtin(), 1)); n != 0 {
		t.Errorf("%d examples of a document that could not be read", n)
	}
}

// learn is how models learn here.
func learn(docs, also []tune.Document) (*local.Trained, error) {
	examples := append(tune.Examples(docs, taxonomy.Builtin(), 1), tune.Examples(also, taxonomy.Builtin(), tune.Besides)...)
	return local.Train(examples, local.TrainOptions{})
}

func TestLeaveOut(t *testing.T) {
	docs := read(t)
	cases, err := tune.LeaveOut(t.Context(), docs, nil, tune.ByGroup, learn, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, c := range cases {
		if c.File != docs[i].File {
			t.Fatalf("case %d is %s", i, c.File)
		}
		if c.Right() {
			right++
		}
		if c.Confidence != nil && c.Accepted != (*c.Confidence >= 0.5) {
			t.Errorf("%s: accepted %v at %v", c.File, c.Accepted, *c.Confidence)
		}
	}
	if right < 30 || cases[35].Failed == "" {
		t.Errorf("%d of 35 right, the last failed with %q", right, cases[35].Failed)
	}
	// A document is judged as by a model that never saw its group.
	rest := slices.DeleteFunc(slices.Clone(docs), func(d tune.Document) bool { return tune.ByGroup(d) == tune.ByGroup(docs[0]) })
	if len(rest) == len(docs) || len(rest) == 0 {
		t.Fatalf("%d of %d documents are of other parts", len(rest), len(docs))
	}
	trained, err := learn(rest, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := local.New(local.Options{Trained: trained}).Score(t.Context(), model.Request{Taxonomy: docs[0].Taxonomy, Text: docs[0].Text, Document: docs[0].Facts})
	if err != nil || resp.Confidence != *cases[0].Confidence {
		t.Errorf("judged with confidence %v, by such a model with %v: %v", *cases[0].Confidence, resp.Confidence, err)
	}
}

// A category of which no document was seen works from what is written of it.
func TestLeaveCategoriesOut(t *testing.T) {
	docs := read(t)
	categories := func(docs []tune.Document) []string {
		var names []string
		for _, d := range docs {
			names = append(names, d.Category)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	strict := func(rest, also []tune.Document) (*local.Trained, error) {
		if !slices.Equal(categories(rest), categories(also)) {
			t.Errorf("learned from %v, and besides from %v", categories(rest), categories(also))
		}
		return learn(rest, also)
	}
	cases, err := tune.LeaveOut(t.Context(), docs, docs, tune.ByCategory, strict, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases[:35] {
		if !c.Right() {
			t.Errorf("%s: %s without training, want %s", docs[i].File, c.Answer, c.Category)
		}
	}
}
