package taxonomy

import (
	"fmt"
	"strings"
)

// readPhrases fills in the phrases of t's categories. The file has one in a line, which reads in a
// hundredth of the time that YAML takes: "[invoice]" begins a category, "= tax invoice" is a title,
// "~ remit" a word, "! opening balance" speaks against it, and any other line is a cue.
func (t *Taxonomy) readPhrases(name, text string) error {
	var c *Category
	line := 0
	for s := range strings.Lines(text) {
		line++
		s = strings.TrimSuffix(s, "\n")
		if category, ok := strings.CutPrefix(s, "["); ok {
			if c = t.category(strings.TrimSuffix(category, "]")); c == nil {
				return fmt.Errorf("%s:%d: no category %s", name, line, s)
			}
			continue
		}
		if c == nil || s == "" {
			return fmt.Errorf("%s:%d: %q stands in no category", name, line, s)
		}
		list := &c.Cues
		if mark, phrase, ok := strings.Cut(s, " "); ok {
			switch mark {
			case "=":
				list, s = &c.Titles, phrase
			case "~":
				list, s = &c.Words, phrase
			case "!":
				list, s = &c.Against, phrase
			}
		}
		*list = append(*list, s)
	}
	return nil
}

// category returns the category of that name, or nil.
func (t *Taxonomy) category(name string) *Category {
	for i := range t.Categories {
		if t.Categories[i].Name == name {
			return &t.Categories[i]
		}
	}
	return nil
}
