package taxonomy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

func choices(labels ...string) []taxonomy.Category {
	var list []taxonomy.Category
	for _, l := range labels {
		list = append(list, taxonomy.Category{Name: l})
	}
	return list
}

// Whatever the labels are, every choice has a name that a taxonomy takes, in its place.
func TestAskNames(t *testing.T) {
	long := strings.Repeat("résumé ", 20)
	tests := []struct {
		name   string
		labels []string
		want   []string
		tells  string // what the description of the last one begins with
	}{
		{"plain names stay", []string{"invoice", "Bank Statement"}, []string{"invoice", "Bank Statement"}, ""},
		{"case alone tells two apart", []string{"A", "a"}, []string{"A", "choice_2"}, `"a"`},
		{"a long one", []string{"invoice", long}, []string{"invoice", "choice_2"}, `"résumé résumé`},
		{"quotes and line breaks", []string{"invoice", "a \"b\"\nc"}, []string{"invoice", "choice_2"}, `"a \"b\"\nc"`},
		{"space around it", []string{"invoice", " receipt "}, []string{"invoice", "choice_2"}, `" receipt "`},
		{"the reserved word", []string{"invoice", "UNKNOWN"}, []string{"invoice", "choice_2"}, `"UNKNOWN"`},
		{"a stand-in that is taken", []string{"choice_2", "Choice_2_", " x"}, []string{"choice_2", "Choice_2_", "choice_3"}, `" x"`},
		{"a stand-in that a later choice is called", []string{"a", "A", "choice_2"}, []string{"a", "choice_2_", "choice_2"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q, err := taxonomy.Ask("Which one?", choices(tt.labels...), true)
			if err != nil {
				t.Fatal(err)
			}
			last := q.Categories[len(q.Categories)-1].Description
			if !slices.Equal(q.Names(), tt.want) || !strings.HasPrefix(last, tt.tells) {
				t.Errorf("names %q, the last one %q, want %q and %s", q.Names(), last, tt.want, tt.tells)
			}
		})
	}
}

func TestAskRefuses(t *testing.T) {
	tests := []struct {
		name, question string
		choices        []taxonomy.Category
		want           string
	}{
		{"no choices", "?", nil, "from 1 to 255"},
		{"too many", "?", make([]taxonomy.Category, 256), "from 1 to 255"},
		{"a blank label", "?", choices("a", " "), "choice 2 has no label"},
		{"a label twice", "?", choices("a", "b", "a"), "choice 3 is there twice"},
		{"a label like a book", "?", choices("a", strings.Repeat("b", 1001)), "choice 2 is longer than 1000"},
		{"a description like a book", "?", []taxonomy.Category{{Name: "a", Description: strings.Repeat("b", 4001)}}, "choice 1 is longer than 4000"},
		{"instructions like a book", strings.Repeat("?", 16<<10+1), choices("a", "b"), "longer than 16384"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := taxonomy.Ask(tt.question, tt.choices, true)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// Two questions about the same choices are two taxonomies: what one of them was answered is no
// answer to the other.
func TestAskVersion(t *testing.T) {
	version := func(question string, kinds bool) string {
		q, err := taxonomy.Ask(question, choices("invoice", "receipt"), kinds)
		if err != nil {
			t.Fatal(err)
		}
		if known := len(q.Categories[0].Cues) > 0; known != kinds {
			t.Errorf("cues of an invoice: %v, want %v", known, kinds)
		}
		return q.Version
	}
	a, b, bare := version("Which is it?", true), version("Which does it ask for?", true), version("Which is it?", false)
	if a == b || a == bare || a != version("Which is it?", true) {
		t.Errorf("versions %q, %q and %q, want three that stay", a, b, bare)
	}
	if plain, err := taxonomy.New("question", []string{"invoice", "receipt"}); err != nil || plain.Version != version("", true) {
		t.Errorf("without a question the version is %q, want that of the bare list", version("", true))
	}
}
