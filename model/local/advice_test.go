package local_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

func TestAdvice(t *testing.T) {
	for _, tax := range taxonomy.Builtin() {
		if got := local.Advice(tax); got != "" {
			t.Errorf("%s: %s", tax.ID, got)
		}
	}
	tax, err := taxonomy.Parse("harbour.yaml", []byte(`id: harbour
categories:
  - invoice
  - kelp_note
  - name: mast_ticket
    description: A permission to step a mast.
  - name: tide_sheet
    cues: [high water]
`))
	if err != nil {
		t.Fatal(err)
	}
	got := local.Advice(tax)
	for _, want := range []string{"by its name alone: kelp_note;", "by its name and description: mast_ticket.", "docsift train"} {
		if !strings.Contains(got, want) {
			t.Errorf("advice %q lacks %q", got, want)
		}
	}
	for _, never := range []string{"invoice", "tide_sheet"} {
		if strings.Contains(got, never) {
			t.Errorf("advice %q names %s", got, never)
		}
	}
}
