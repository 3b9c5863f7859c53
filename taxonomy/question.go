package taxonomy

import (
	"fmt"
	"strings"

	"github.com/docsift/docsift/fault"
)

// The sizes that a question may have, in bytes.
const (
	maxQuestion = 16 << 10
	maxLabel    = 1000
	maxCriteria = 4000 // of what is said of one choice
)

// Ask returns the choices of a question as a taxonomy, in their order. A label may be any text:
// one that cannot be the name of a category goes by a stand-in, and begins its description. Choices
// that are kinds of documents take what a built-in taxonomy knows of them, if kinds says so. A
// question or a list that is broken is fault.Invalid.
func Ask(question string, choices []Category, kinds bool) (*Taxonomy, error) {
	t := &Taxonomy{ID: "question", Question: strings.TrimSpace(question), Categories: make([]Category, len(choices))}
	if err := checkQuestion(t.Question, choices); err != nil {
		return nil, fault.New(fault.Invalid, nil, "%v", err)
	}
	taken := make(map[string]bool, len(choices))
	for i, c := range choices {
		label := c.Name
		c.Description = strings.Join(strings.Fields(c.Description), " ")
		if checkName(label) != nil || label != strings.TrimSpace(label) || taken[strings.ToLower(label)] {
			c.Name = standIn(i, choices)
			c.Description = strings.TrimSuffix(fmt.Sprintf("%q: %s", label, c.Description), ": ")
		}
		taken[strings.ToLower(c.Name)] = true
		t.Categories[i] = c
	}
	if kinds {
		t.inherit(knowledge())
	}
	t.Version = t.digest()
	return t, nil
}

// standIn returns a name for the choice at i that no choice has.
func standIn(i int, choices []Category) string {
	name := fmt.Sprintf("choice_%d", i+1)
	for {
		free := true
		for _, c := range choices {
			free = free && !strings.EqualFold(c.Name, name)
		}
		if free {
			return name
		}
		name += "_"
	}
}

func checkQuestion(question string, choices []Category) error {
	switch n := len(choices); {
	case len(question) > maxQuestion:
		return fmt.Errorf("the instructions are longer than %d bytes", maxQuestion)
	case n == 0 || n > MaxCategories:
		return fmt.Errorf("there are %d choices, and from 1 to %d are possible", n, MaxCategories)
	}
	seen := make(map[string]bool, len(choices))
	for i, c := range choices {
		switch {
		case strings.TrimSpace(c.Name) == "":
			return fmt.Errorf("choice %d has no label", i+1)
		case len(c.Name) > maxLabel:
			return fmt.Errorf("the label of choice %d is longer than %d bytes", i+1, maxLabel)
		case len(c.Description) > maxCriteria:
			return fmt.Errorf("the description of choice %d is longer than %d bytes", i+1, maxCriteria)
		case seen[c.Name]:
			return fmt.Errorf("choice %d is there twice", i+1)
		}
		seen[c.Name] = true
	}
	return nil
}
