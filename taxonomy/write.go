package taxonomy

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAML returns a file that Parse reads as a taxonomy like t. What t took over from what is known of its
// categories is written out.
func (t *Taxonomy) YAML() ([]byte, error) {
	f := struct {
		ID          string         `yaml:"id"`
		Version     string         `yaml:"version"`
		Title       string         `yaml:"title,omitempty"`
		Description string         `yaml:"description,omitempty"`
		Categories  []fileCategory `yaml:"categories"`
	}{ID: t.ID, Title: t.Title, Description: t.Description}
	f.Version, _, _ = strings.Cut(t.Version, "+")
	for _, c := range t.Categories {
		f.Categories = append(f.Categories, fileCategory(c))
	}
	return yaml.Marshal(f)
}
