// Package eval measures answers against labels: how many are right, how far a confidence keeps
// its promise, and how many documents can be accepted at a known accuracy.
package eval

import (
	"bufio"
	"io"
	"slices"
	"strings"

	"github.com/docsift/docsift/fault"
)

// Label is what a person says of one document.
type Label struct {
	Line         int      // of the file of labels, counted from 1
	File         string   // below the folder of the documents, with slashes
	Category     string   // the best one
	Alternatives []string // that are right as well
	Industries   []string // taxonomies that it is judged under, the first one first
	Group        string   // of documents of one origin, which never stand on both sides of a test
}

// maxLine is longer than any line of labels, in bytes.
const maxLine = 1 << 20

// ReadLabels reads a table with tabs between its columns and their names in the first line:
// file and label, and if there are any alt_labels, industry (several of either with semicolons
// between) and group; other columns are passed over. A file without group is a group of its own.
// What is wrong with a line is fault.Invalid and names it.
func ReadLabels(r io.Reader) ([]Label, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	var columns []string
	var labels []Label
	seen := make(map[string]int) // lines by file
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSuffix(strings.TrimPrefix(lines.Text(), "\uFEFF"), "\r")
		if strings.TrimSpace(text) == "" {
			continue
		}
		cells := strings.Split(text, "\t")
		if columns == nil {
			columns = cells
			if err := checkColumns(columns); err != nil {
				return nil, err
			}
			continue
		}
		l, err := parseLabel(columns, cells, n)
		if err != nil {
			return nil, err
		}
		if before := seen[l.File]; before > 0 {
			return nil, fault.New(fault.Invalid, nil, "line %d of the labels: %s stands in line %d already; keep one of them", n, l.File, before)
		}
		seen[l.File] = n
		labels = append(labels, l)
	}
	if err := lines.Err(); err != nil {
		return nil, fault.New(fault.Invalid, err, "the labels cannot be read")
	}
	if len(labels) == 0 {
		return nil, fault.New(fault.Invalid, nil, "there are no labels: give a table with the columns file and label, tabs between")
	}
	return labels, nil
}

func checkColumns(columns []string) error {
	for _, name := range []string{"file", "label"} {
		if !slices.Contains(columns, name) {
			return fault.New(fault.Invalid, nil, "line 1 of the labels names no column %q: the first line gives the columns, tabs between; file and label are needed", name)
		}
	}
	return nil
}

func parseLabel(columns, cells []string, n int) (Label, error) {
	cell := func(name string) string {
		if i := slices.Index(columns, name); i >= 0 && i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	l := Label{
		Line: n, File: cell("file"), Category: cell("label"),
		Alternatives: list(cell("alt_labels")), Industries: list(cell("industry")), Group: cell("group"),
	}
	switch {
	case l.File == "":
		return Label{}, fault.New(fault.Invalid, nil, "line %d of the labels names no file", n)
	case l.Category == "":
		return Label{}, fault.New(fault.Invalid, nil, "line %d of the labels gives %s no label; write unknown for a document of no category", n, l.File)
	}
	if l.Group == "" {
		l.Group = l.File
	}
	return l, nil
}

// list splits what has semicolons between.
func list(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
