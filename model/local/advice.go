package local

import (
	"fmt"
	"strings"

	"github.com/docsift/docsift/taxonomy"
)

// Advice says what it costs that little is written of some categories, and what to do about it; ""
// where nothing is amiss. The shares were measured on the documents that the built-in model is
// measured on, with as much taken away from their categories.
func Advice(t *taxonomy.Taxonomy) string {
	var bare, described []string
	for _, c := range t.Categories {
		switch {
		case len(c.Titles)+len(c.Cues)+len(c.Words) > 0:
		case c.Description == "":
			bare = append(bare, c.Name)
		default:
			described = append(described, c.Name)
		}
	}
	var known []string
	if len(bare) > 0 {
		known = append(known, "by its name alone: "+list(bare))
	}
	if len(described) > 0 {
		known = append(known, "by its name and description: "+list(described))
	}
	if len(known) == 0 {
		return ""
	}
	return fmt.Sprintf("the local model knows %s. Of categories known by name it finds 3 in 10 documents, with a description 4, with three titles and seven cues 6, with as many phrases as the built-in ones 9. "+
		"Write titles, cues and words of them into a file for --taxonomy, or learn from labelled documents (docsift train)", strings.Join(known, "; "))
}

// list names a few.
func list(names []string) string {
	const most = 5
	if rest := len(names) - most; rest > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", rest)
	}
	return strings.Join(names, ", ")
}
