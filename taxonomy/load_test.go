package taxonomy_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

const pets = `id: pets
version: 3
title: Pets
description: Papers of animals.
categories:
  - invoice
  - name: dog_licence
    description: A town's permission to keep a dog.
    titles: [dog licence]
    cues: [rabies tag, breed]
    words: [remit]
    against: [amount due]
`

func TestParse(t *testing.T) {
	tax, err := taxonomy.Parse("pets.yaml", []byte(pets))
	if err != nil {
		t.Fatal(err)
	}
	if tax.ID != "pets" || tax.Title != "Pets" || tax.Description != "Papers of animals." || !strings.HasPrefix(tax.Version, "3+") {
		t.Errorf("head: %q %q %q %q", tax.ID, tax.Title, tax.Description, tax.Version)
	}
	if c := tax.Categories[0]; c.Name != "invoice" || c.Description == "" || len(c.Cues) == 0 {
		t.Errorf("a bare known name took nothing from the built-in library: %+v", c)
	}
	if c := tax.Categories[1]; c.Description != "A town's permission to keep a dog." || len(c.Titles) != 1 || len(c.Cues) != 2 || len(c.Words) != 1 || len(c.Against) != 1 {
		t.Errorf("a category in full: %+v", c)
	}
}

func TestParseKeepsWhatAFileSays(t *testing.T) {
	tax, err := taxonomy.Parse("own.yaml", []byte("id: own\ncategories:\n- name: invoice\n  description: Mine.\n- name: receipt\n  cues: [till slip]"))
	if err != nil {
		t.Fatal(err)
	}
	if c := tax.Categories[0]; c.Description != "Mine." || len(c.Cues) == 0 {
		t.Errorf("own description, cues of the library: %+v", c)
	}
	if c := tax.Categories[1]; c.Description == "" || len(c.Titles) != 0 || len(c.Cues) != 1 {
		t.Errorf("own cues, description of the library: %+v", c)
	}
}

func TestParseRefuses(t *testing.T) {
	const head = "id: a\ncategories:\n"
	tests := []struct {
		name, file, want string
	}{
		{"an empty file", "", "t.yaml: the file is empty"},
		{"a file of comments", "# nothing\n", "t.yaml: the file is empty"},
		{"a list", "- a", "t.yaml:1: a list cannot stand here"},
		{"no id", "categories: [a]", `t.yaml: id "": use up to 63 lower-case letters, digits, - and _`},
		{"an id with a blank", "id: My Pets\ncategories: [a]", `t.yaml: id "My Pets": use up to 63 lower-case letters, digits, - and _`},
		{"a path as id", "id: ../a\ncategories: [a]", `t.yaml: id "../a": use up to 63 lower-case letters, digits, - and _`},
		{"no categories", "id: a", "t.yaml: a taxonomy needs at least one category"},
		{"an empty list", "id: a\ncategories: []", "t.yaml: a taxonomy needs at least one category"},
		{"too many", head + strings.Join(dashed(numbered(256)), ""), "t.yaml:258: there are 256 categories, and at most 255 are possible"},
		{"a name twice", head + "- a\n- name: A\n", `t.yaml:4: "A" is listed twice`},
		{"the reserved name", head + "- a\n- Unknown\n", `t.yaml:4: "Unknown" is reserved: every taxonomy has it already`},
		{"an empty entry", head + "- a\n-\n- b\n", "t.yaml:4: a category needs a name"},
		{"a cost below nothing", head + "- name: a\n  cost: -1\n", `t.yaml:3: the cost of "a" is no number from 0 to 1000`},
		{"a cost that is no number", head + "- name: a\n  cost: .nan\n", `t.yaml:3: the cost of "a" is no number from 0 to 1000`},
		{"an entry without a name", head + "- a\n- cues: [x]\n", "t.yaml:4: a category needs a name"},
		{"an unknown field", "id: a\nnam: b\ncategories: [a]", `t.yaml:2: unknown field "nam"`},
		{"an unknown field of a category", head + "- name: a\n  cue: [x]\n", `t.yaml:4: unknown field "cue"; a category has name, description, titles, cues, words, against, shape, broader, cost`},
		{"a shape that there is not", head + "- name: a\n  shape: round\n", `t.yaml:3: "a": shape "round": use one of ["slip" "card" "ledger" "bill" "form" "prose" "letter" "notes" "outline" "certificate"], or leave it out`},
		{"two field names in one", head + "- name: a\n  titles cues: [x]\n", `t.yaml:4: unknown field "titles cues"; a category has name, description, titles, cues, words, against, shape, broader, cost`},
		{"a field twice", head + "- name: a\n  name: b\n", `t.yaml:4: mapping key "name" already defined at line 3`},
		{"a list as name", head + "- [a, b]\n", "t.yaml:3: a category is a name, or a mapping that begins with one"},
		{"text for a list", head + "- name: a\n  cues: x\n", "t.yaml:4: text `x` cannot stand here"},
		{"a mapping for categories", "id: a\ncategories:\n  a: b\n", "t.yaml:3: a mapping cannot stand here"},
		{"two documents", "id: a\ncategories: [a]\n---\nid: b\n", "t.yaml:3: a second document begins; a file holds one taxonomy"},
		{"broken YAML", "id: [", "t.yaml:1: did not find expected node content"},
		{"a huge file", "id: a\ncategories: [a]\n#" + strings.Repeat("x", 1<<20), "t.yaml: larger than the limit of 1 MiB"},
		{"a bomb of lists", bomb(), "t.yaml:5: a list cannot stand here"},
		{"a bomb of phrases", "id: a\ncategories:\n- name: a\n  titles: &x [" + strings.Repeat("x, ", 2500) + "x]\n  cues: *x\n", `t.yaml:3: "a" has more than 2000 phrases`},
		{"a long phrase", head + "- name: a\n  cues: [" + strings.Repeat("words ", 20) + "]\n", "t.yaml:3: the phrase \"words words words wo\"… of \"a\" is longer than 100 bytes"},
		{"a long description", head + "- name: a\n  description: " + strings.Repeat("words ", 200), `t.yaml:3: the description of "a" is longer than 1000 bytes`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := taxonomy.Parse("t.yaml", []byte(tt.file))
			if fault.KindOf(err) != fault.Config || fault.Message(err) != tt.want {
				t.Errorf("%s: %v\nwant %s: %s", fault.KindOf(err), err, fault.Config, tt.want)
			}
		})
	}
}

func dashed(names []string) []string {
	for i, n := range names {
		names[i] = "- " + n + "\n"
	}
	return names
}

// bomb is a small file that would be some 10^9 phrases long if its aliases were written out.
func bomb() string {
	var b strings.Builder
	b.WriteString("id: a\ncategories:\n- name: a\n  cues:\n  - &l0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i, last := range strings.Split("012345678", "") {
		b.WriteString("  - &l" + string(rune('1'+i)) + " [" + strings.Repeat("*l"+last+", ", 9) + "*l" + last + "]\n")
	}
	return b.String()
}

func TestVersionChangesWithContentAlone(t *testing.T) {
	version := func(file string) string {
		t.Helper()
		tax, err := taxonomy.Parse("pets.yaml", []byte(file))
		if err != nil {
			t.Fatal(err)
		}
		return tax.Version
	}
	tests := []struct {
		name, old, new string
		same           bool
	}{
		{"a comment", "id: pets", "id: pets # mine", true},
		{"another way to write a list", "[rabies tag, breed]", "\n    - rabies tag\n    - breed", true},
		{"another stated version", "version: 3", "version: 4", false},
		{"a title", "title: Pets", "title: Animals", false},
		{"a description of the whole", "Papers of", "The papers of", false},
		{"a name", "dog_licence", "dog_license", false},
		{"a description", "a dog.", "dogs.", false},
		{"a title phrase", "[dog licence]", "[dog permit]", false},
		{"a cue", "breed", "colour", false},
		{"where two cues part", "rabies tag, breed", "rabies, tag breed", false},
		{"a counter-cue", "amount due", "balance due", false},
		{"a cost", "breed]", "breed]\n    cost: 5", false},
		{"a cue that moves to another list", "cues: [rabies tag, breed]", "cues: [rabies tag]", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			edited := strings.Replace(pets, tt.old, tt.new, 1)
			if edited == pets {
				t.Fatalf("%q is not in the file", tt.old)
			}
			if got := version(edited) == version(pets); got != tt.same {
				t.Errorf("version is the same: %v, want %v", got, tt.same)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{pets, bomb(), "", "id: a\ncategories: [a, &b c, *b]", "a: &a [*a]", "id: a\ncategories:\n- &x {name: a}\n- *x"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tax, err := taxonomy.Parse("f.yaml", data)
		if err != nil {
			if fault.KindOf(err) != fault.Config || !strings.HasPrefix(fault.Message(err), "f.yaml:") {
				t.Errorf("%s: %v", fault.KindOf(err), err)
			}
			return
		}
		if len(tax.Categories) == 0 || len(tax.Categories) > taxonomy.MaxCategories || tax.Version == "" {
			t.Errorf("accepted %+v", tax)
		}
		if _, err := taxonomy.New(tax.ID, tax.Names()); err != nil {
			t.Errorf("names that Parse accepts and New does not: %v", err)
		}
	})
}
