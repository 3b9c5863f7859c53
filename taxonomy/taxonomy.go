// Package taxonomy names the categories that a document can be sorted into, and what is
// known of each: a description for models that read, cues for the local one.
package taxonomy

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/docsift/docsift/fault"
)

// Unknown is the answer for a document that belongs to no category. Every taxonomy has
// it and none may name it.
const Unknown = "unknown"

// MaxCategories is the largest number of categories: what decision endpoints take in one question.
const MaxCategories = 255

// Taxonomy is a closed set of categories. It is immutable.
type Taxonomy struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Categories  []Category `json:"categories"`

	// Question is what is asked of a document instead of what kind it is; usually "". It is the
	// words of whoever asks, never the document's.
	Question string `json:"question,omitempty"`

	// Version is the version that the file states and a digest of its content, such as
	// "1+9f3a2c1b07de", so that an edited file is never taken for the old one.
	Version string `json:"version"`
}

// Category is one answer that a classifier may give.
type Category struct {
	Name        string `json:"name"`
	Description string `json:"description"` // one sentence

	// Titles are phrases that stand in such a document's heading, Cues anywhere in its text,
	// Against in its near neighbours. Words are what it speaks with: each proves little, ten of
	// them much. All are lower case, without punctuation. A 0 in them stands for any number:
	// "case 0 cv 0".
	Titles  []string `json:"titles"`
	Cues    []string `json:"cues"`
	Words   []string `json:"words"`
	Against []string `json:"against"`

	// Shape is how such a document looks, or "" where that is not known.
	Shape Shape `json:"shape"`

	// Broader names the categories that such a document is of where a taxonomy has these and not
	// this one: a lease_agreement is a contract.
	Broader []string `json:"broader"`

	// Cost is how many times as bad as usual it is when such a document is taken for another, or
	// another for it; 0 stands for 1. People look first at what would cost most.
	Cost float64 `json:"cost,omitempty"`
}

// MaxCost is the largest Cost of a category.
const MaxCost = 1000

// New returns a taxonomy of bare category names. Those that a built-in taxonomy knows
// take its description and cues; the others are known by the words of their name.
// A broken list is fault.Invalid.
func New(id string, names []string) (*Taxonomy, error) {
	t := &Taxonomy{ID: id}
	for _, name := range names {
		t.Categories = append(t.Categories, Category{Name: strings.TrimSpace(name)})
	}
	if at, err := t.check(); at >= 0 && err != nil {
		return nil, fault.New(fault.Invalid, nil, "category %d: %v", at+1, err)
	} else if err != nil {
		return nil, fault.New(fault.Invalid, nil, "%v", err)
	}
	t.inherit(knowledge())
	t.Version = t.digest()
	return t, nil
}

// Names returns the names of the categories, in order, without Unknown.
func (t *Taxonomy) Names() []string {
	names := make([]string, len(t.Categories))
	for i, c := range t.Categories {
		names[i] = c.Name
	}
	return names
}

// Has reports whether name is one of the categories. Unknown is not.
func (t *Taxonomy) Has(name string) bool {
	for _, c := range t.Categories {
		if c.Name == name {
			return true
		}
	}
	return false
}

// Cost returns the highest Cost of those that are named. A name that is no category costs 1.
func (t *Taxonomy) Cost(names ...string) (most float64) {
	for _, name := range names {
		cost := 1.0
		if i := slices.IndexFunc(t.Categories, func(c Category) bool { return c.Name == name }); i >= 0 && t.Categories[i].Cost != 0 {
			cost = t.Categories[i].Cost
		}
		most = max(most, cost)
	}
	return most
}

// check returns the first category that breaks a rule, or an index of -1 for the whole.
func (t *Taxonomy) check() (at int, err error) {
	switch n := len(t.Categories); {
	case n == 0:
		return -1, errors.New("a taxonomy needs at least one category")
	case n > MaxCategories:
		return MaxCategories, fmt.Errorf("there are %d categories, and at most %d are possible", n, MaxCategories)
	}
	seen := make(map[string]bool)
	for i, c := range t.Categories {
		if err := c.check(); err != nil {
			return i, err
		}
		if seen[strings.ToLower(c.Name)] {
			return i, fmt.Errorf("%q is listed twice", c.Name)
		}
		seen[strings.ToLower(c.Name)] = true
	}
	return -1, nil
}

// The sizes that a category may have: ample for people, too small for a bomb of aliases.
const (
	maxDescription = 1000 // bytes
	maxPhrases     = 2000
	maxPhrase      = 100 // bytes
)

func (c Category) check() error {
	if err := checkName(c.Name); err != nil {
		return err
	}
	if err := c.Shape.check(); err != nil {
		return fmt.Errorf("%q: %w", c.Name, err)
	}
	if len(c.Description) > maxDescription {
		return fmt.Errorf("the description of %q is longer than %d bytes", c.Name, maxDescription)
	}
	if !(c.Cost >= 0 && c.Cost <= MaxCost) {
		return fmt.Errorf("the cost of %q is no number from 0 to %d", c.Name, MaxCost)
	}
	phrases := slices.Concat(c.Titles, c.Cues, c.Words, c.Against)
	if len(phrases) > maxPhrases {
		return fmt.Errorf("%q has more than %d phrases", c.Name, maxPhrases)
	}
	for _, phrase := range phrases {
		if len(phrase) > maxPhrase {
			return fmt.Errorf("the phrase %.20q… of %q is longer than %d bytes", phrase, c.Name, maxPhrase)
		}
	}
	return nil
}

func checkName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errors.New("a category needs a name")
	case strings.EqualFold(name, Unknown):
		return fmt.Errorf("%q is reserved: every taxonomy has it already", name)
	case len(name) > 64:
		return fmt.Errorf("the name %.20q… is longer than 64 bytes", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("the name %q is not UTF-8", name)
	case strings.ContainsFunc(name, func(r rune) bool { return r == '"' || r == '\\' || !unicode.IsPrint(r) }):
		return fmt.Errorf("the name %q has a quote, a backslash or an invisible character in it", name)
	}
	return nil
}

// inherit fills in what t does not say of categories that known describes. Two categories
// that known takes for one, such as "balance sheet" beside "income statement", stay apart:
// neither takes anything.
func (t *Taxonomy) inherit(known map[string]Category) {
	claims := make(map[string]int)
	for _, c := range t.Categories {
		claims[known[key(c.Name)].Name]++
	}
	for i := range t.Categories {
		c := &t.Categories[i]
		k, ok := known[key(c.Name)]
		if !ok || claims[k.Name] > 1 && key(k.Name) != key(c.Name) {
			continue
		}
		if c.Description == "" {
			c.Description = k.Description
		}
		if len(c.Cues) == 0 && len(c.Titles) == 0 {
			c.Titles, c.Cues, c.Words, c.Against = k.Titles, k.Cues, slices.Concat(k.Words, c.Words), slices.Concat(k.Against, c.Against)
		}
		c.Shape = cmp.Or(c.Shape, k.Shape)
		if len(c.Broader) == 0 {
			c.Broader = k.Broader
		}
	}
}

// key is what names of one category have in common: "Bank Statements" means bank_statement.
func key(name string) string {
	if !strings.Contains(name, "  ") && !strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && r != ' ' }) {
		return strings.TrimSuffix(strings.ReplaceAll(name, " ", "_"), "s") // phrases of ours are spelt so
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.TrimSuffix(strings.Join(words, "_"), "s")
}

// digest returns twelve hex digits over everything that can change an answer. The length of each
// list and text goes before it, so that no two taxonomies read alike.
func (t *Taxonomy) digest() string {
	b := make([]byte, 0, 64<<10)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(t.Title)
	text(t.Description)
	if t.Question != "" {
		text(t.Question)
	}
	for _, c := range t.Categories {
		text(c.Name)
		text(c.Description)
		text(string(c.Shape))
		for _, list := range [][]string{c.Titles, c.Cues, c.Words, c.Against, c.Broader} {
			b = binary.AppendUvarint(b, uint64(len(list)))
			for _, phrase := range list {
				text(phrase)
			}
		}
		if c.Cost != 0 {
			text(strconv.FormatFloat(c.Cost, 'g', -1, 64))
		}
	}
	return hash(b)
}

// hash returns twelve hex digits.
func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])[:12]
}
