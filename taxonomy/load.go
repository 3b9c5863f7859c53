package taxonomy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/docsift/docsift/fault"
)

// fileCategory is a Category as a file has it.
type fileCategory struct {
	Name        string   `yaml:"name"`
	Description string   `yaml:"description,omitempty"`
	Titles      []string `yaml:"titles,omitempty,flow"`
	Cues        []string `yaml:"cues,omitempty,flow"`
	Words       []string `yaml:"words,omitempty,flow"`
	Against     []string `yaml:"against,omitempty,flow"`
	Shape       Shape    `yaml:"shape,omitempty"`
	Broader     []string `yaml:"broader,omitempty,flow"`
	Cost        float64  `yaml:"cost,omitempty"`
}

// maxFile is the largest taxonomy file read: 255 categories with as many cues as ours have.
const maxFile = 1 << 20

// file is the YAML form of a taxonomy. Its categories are kept as nodes, which know their lines.
type file struct {
	ID          string      `yaml:"id"`
	Version     string      `yaml:"version"`
	Title       string      `yaml:"title"`
	Description string      `yaml:"description"`
	Categories  []yaml.Node `yaml:"categories"`
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
	f, err := decode(data)
	if err != nil {
		return nil, fault.New(fault.Config, nil, "%s", place(name, reason(err)))
	}
	t := &Taxonomy{ID: f.ID, Version: f.Version, Title: f.Title, Description: f.Description}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`).MatchString(t.ID) {
		return nil, fault.New(fault.Config, nil, "%s: id %q: use up to 63 lower-case letters, digits, - and _", name, t.ID)
	}
	for i := range f.Categories {
		c, err := category(&f.Categories[i])
		if err != nil {
			return nil, fault.New(fault.Config, nil, "%s", place(name, reason(err)))
		}
		t.Categories = append(t.Categories, c)
	}
	if at, err := t.check(); err != nil {
		if at >= 0 {
			name = fmt.Sprintf("%s:%d", name, f.Categories[at].Line)
		}
		return nil, fault.New(fault.Config, nil, "%s: %v", name, err)
	}
	return t, nil
}

// decode reads the one YAML document that data holds.
func decode(data []byte) (file, error) {
	var f file
	if len(data) > maxFile {
		return f, fmt.Errorf("larger than the limit of %d MiB", maxFile>>20)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); errors.Is(err, io.EOF) {
		return f, errors.New("the file is empty")
	} else if err != nil {
		return f, err
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		return f, fmt.Errorf("line %d: a second document begins; a file holds one taxonomy", next.Line)
	} else if !errors.Is(err, io.EOF) {
		return f, err
	}
	return f, nil
}

// category reads a category written as a mapping or as its bare name.
func category(n *yaml.Node) (Category, error) {
	line := n.Line
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	var c fileCategory
	var err error
	switch n.Kind {
	case yaml.ScalarNode:
		err = n.Decode(&c.Name)
	case yaml.MappingNode:
		if err = onlyFields(n, "name", "description", "titles", "cues", "words", "against", "shape", "broader", "cost"); err == nil {
			err = n.Decode(&c)
		}
	default:
		err = fmt.Errorf("line %d: a category is a name, or a mapping that begins with one", line)
	}
	c.Name = strings.TrimSpace(c.Name)
	return Category(c), err
}

// onlyFields refuses misspelt keys: a decoder of nodes has no KnownFields.
func onlyFields(n *yaml.Node, names ...string) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !slices.Contains(names, key.Value) {
			return fmt.Errorf("line %d: unknown field %q; a category has %s", key.Line, key.Value, strings.Join(names, ", "))
		}
	}
	return nil
}

// reason turns the YAML library's words into ours: its first complaint, without Go types.
func reason(err error) string {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if e, ok := errors.AsType[*yaml.TypeError](err); ok {
		msg = e.Errors[0]
	}
	msg = regexp.MustCompile(`field (\S+) not found in type \S+`).ReplaceAllString(msg, `unknown field "$1"`)
	msg = strings.NewReplacer("!!seq", "a list", "!!map", "a mapping", "!!str", "text").Replace(msg)
	return regexp.MustCompile(`cannot unmarshal (.+) into .*`).ReplaceAllString(msg, "$1 cannot stand here")
}

// place joins a file's name with a reason that may begin with "line 3: ".
func place(name, reason string) string {
	if m := regexp.MustCompile(`^line (\d+): (?s)(.*)$`).FindStringSubmatch(reason); m != nil {
		return name + ":" + m[1] + ": " + m[2]
	}
	return name + ": " + reason
}
