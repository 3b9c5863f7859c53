package taxonomy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/docsift/docsift/fault"
)

// file is the YAML form of a taxonomy.
type file struct {
	ID          string         `yaml:"id"`
	Version     string         `yaml:"version"`
	Title       string         `yaml:"title"`
	Description string         `yaml:"description"`
	Categories  []fileCategory `yaml:"categories"`
}

type fileCategory struct {
	Name        string   `yaml:"name"`
	Description string   `yaml:"description"`
	Titles      []string `yaml:"titles"`
	Cues        []string `yaml:"cues"`
	Against     []string `yaml:"against"`

	line int
}

// UnmarshalYAML takes a category written as a mapping or as its bare name.
func (c *fileCategory) UnmarshalYAML(n *yaml.Node) error {
	c.line = n.Line
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&c.Name)
	}
	if err := onlyFields(n, "name", "description", "titles", "cues", "against"); err != nil {
		return err
	}
	type plain fileCategory
	line := c.line
	err := n.Decode((*plain)(c))
	c.line = line
	return err
}

// onlyFields refuses misspelt keys: a custom decoder does not inherit KnownFields.
func onlyFields(n *yaml.Node, names ...string) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+key.Value+" ") {
			return fmt.Errorf("line %d: unknown field %q; a category has %s", key.Line, key.Value, strings.Join(names, ", "))
		}
	}
	return nil
}

// Parse reads a taxonomy in YAML. The name is used in messages, such as "claims.yaml:12: …".
// Anything wrong is fault.Config, with the line and the reason.
func Parse(name string, data []byte) (*Taxonomy, error) {
	t, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	t.inherit(knowledge())
	t.Version = strings.TrimPrefix(t.Version+"+"+t.digest(), "+")
	return t, nil
}

func parse(name string, data []byte) (*Taxonomy, error) {
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	switch err := dec.Decode(&f); {
	case errors.Is(err, io.EOF):
		return nil, fault.New(fault.Config, nil, "%s: the file is empty", name)
	case err != nil:
		return nil, fault.New(fault.Config, nil, "%s: %s", name, yamlReason(err))
	}
	t := &Taxonomy{ID: f.ID, Version: f.Version, Title: f.Title, Description: f.Description}
	for _, c := range f.Categories {
		t.Categories = append(t.Categories, Category{
			Name: c.Name, Description: c.Description, Titles: c.Titles, Cues: c.Cues, Against: c.Against,
		})
	}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`).MatchString(t.ID) {
		return nil, fault.New(fault.Config, nil, "%s: id %q: use lower-case letters, digits, - and _", name, t.ID)
	}
	if at, err := t.check(); err != nil {
		where := name
		if at >= 0 {
			where = fmt.Sprintf("%s:%d", name, f.Categories[at].line)
		}
		return nil, fault.New(fault.Config, nil, "%s: %v", where, err)
	}
	return t, nil
}

// yamlReason strips the library's prefix, so that a message reads "claims.yaml: line 3: …".
func yamlReason(err error) string {
	if e, ok := errors.AsType[*yaml.TypeError](err); ok {
		return strings.Join(e.Errors, "; ")
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}
