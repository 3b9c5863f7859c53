package eval

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed report.html
var page string

// WriteHTML writes r as a web page with its diagrams, which needs nothing beside itself.
func WriteHTML(w io.Writer, r Report) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"percent":  func(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) },
		"decimal":  func(v float64) string { return fmt.Sprintf("%.3f", v) },
		"interval": func(r Rate) string { return fmt.Sprintf("%.1f to %.1f", 100*r.Low, 100*r.High) },
		"across":   func(v float64) string { return fmt.Sprintf("%.1f", v*diagram) },
		"up":       func(v float64) string { return fmt.Sprintf("%.1f", (1-v)*diagram) },
		"curve":    curve,
		"parts":    parts,
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("read report template: %w", err)
	}
	return t.Execute(w, r)
}

// diagram is the side of a diagram, in the units of its drawing.
const diagram = 300.0

// part is a table of slices.
type part struct {
	Title string
	Rows  []Slice
}

func parts(r Report) []part {
	return []part{{"Text from", r.BySource}, {"Format", r.ByFormat}, {"Taxonomy", r.ByTaxonomy}, {"Category", r.ByCategory}}
}

// curve returns the coverage as the points of a line: share to the right, accuracy upwards from a
// half on.
func curve(points []Point) string {
	var b strings.Builder
	for _, p := range points {
		fmt.Fprintf(&b, "%.1f,%.1f ", p.Share*diagram, min(2*(1-p.Accuracy), 1)*diagram)
	}
	return strings.TrimSpace(b.String())
}
