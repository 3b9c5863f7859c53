package taxonomy_test

import (
	"testing"

	"github.com/docsift/docsift/taxonomy"
)

// What is written is read as the same, to the last digit of its version.
func TestYAML(t *testing.T) {
	own, err := taxonomy.Parse("own.yaml", []byte(pets))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range append(taxonomy.Builtin(), own) {
		if want.ID == taxonomy.All { // whose categories count as no broader ones, since it has those: that cannot be written
			continue
		}
		b, err := want.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := taxonomy.Parse("again.yaml", b); err != nil || got.Version != want.Version {
			t.Errorf("%s %s is read as another, %v", want.ID, want.Version, err)
		}
	}
}
