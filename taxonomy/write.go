package taxonomy

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAML returns a file that Parse reads as a taxonomy like t. What t took over from what is known of its
// categories is written out.
func (t *Taxonomy) YAML() ([]byte, error) {
	type category struct {
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
	f := struct {
		ID          string     `yaml:"id"`
		Version     string     `yaml:"version"`
		Title       string     `yaml:"title,omitempty"`
		Description string     `yaml:"description,omitempty"`
		Categories  []category `yaml:"categories"`
	}{ID: t.ID, Title: t.Title, Description: t.Description}
	f.Version, _, _ = strings.Cut(t.Version, "+")
	for _, c := range t.Categories {
		f.Categories = append(f.Categories, category(c))
	}
	return yaml.Marshal(f)
}
