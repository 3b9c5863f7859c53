package metrics

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Table returns the metrics as a table in Markdown, by name.
func Table(all []Spec) string {
	all = slices.SortedFunc(slices.Values(all), func(a, b Spec) int { return cmp.Compare(a.Name, b.Name) })
	var b strings.Builder
	b.WriteString("| metric | type | labels | |\n|---|---|---|---|\n")
	for _, s := range all {
		labels := ""
		if len(s.Labels) > 0 {
			labels = "`" + strings.Join(s.Labels, "` `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, s.Type, labels, s.Help)
	}
	return b.String()
}
