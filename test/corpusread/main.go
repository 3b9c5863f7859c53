// Command corpusread sums up, by format, what `docsift classify --json` could read of a folder.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "corpusread:", err)
		os.Exit(1)
	}
}

// row sums up the documents of one media type.
type row struct {
	source map[docsift.TextSource]int
	failed []docsift.Result
	hiding []docsift.Result // with enough hidden text to be for review
	times  []float64        // of extraction, in milliseconds
}

func run(in io.Reader, out io.Writer) error {
	rows := map[string]*row{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r docsift.Result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("read result: %w", err)
		}
		add(rows, r)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return write(out, rows)
}

func add(rows map[string]*row, r docsift.Result) {
	format := cmp.Or(r.Document.MIME, "not known")
	of := rows[format]
	if of == nil {
		of = &row{source: map[docsift.TextSource]int{}}
		rows[format] = of
	}
	if r.Status == docsift.Failed {
		of.failed = append(of.failed, r)
		return
	}
	if r.Review.Reason == cascade.HiddenText {
		of.hiding = append(of.hiding, r)
	}
	of.source[r.Document.TextSource]++
	of.times = append(of.times, r.Timings.Extract)
}

func write(out io.Writer, rows map[string]*row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FORMAT\tFILES\tTEXT\tOCR\tNO TEXT\tHIDING\tFAILED\tMEAN ms\tP50\tP95\tMAX")
	for _, format := range slices.Sorted(maps.Keys(rows)) {
		r := rows[format]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", format, len(r.times)+len(r.failed), r.source[docsift.FromDocument],
			r.source[docsift.FromOCR], r.source[docsift.FromNowhere], len(r.hiding), len(r.failed), spread(r.times))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, format := range slices.Sorted(maps.Keys(rows)) {
		for _, h := range rows[format].hiding {
			fmt.Fprintf(out, "hiding: %s: %v\n", h.Document.Filename, h.Document.HiddenText)
		}
		for _, f := range rows[format].failed {
			fmt.Fprintf(out, "failed: %s: %s: %s\n", f.Document.Filename, f.Error.Code, f.Error.Message)
		}
	}
	return nil
}

// spread says how long documents took: mean, median, 95th percentile and longest.
func spread(ms []float64) string {
	if len(ms) == 0 {
		return "-\t-\t-\t-"
	}
	slices.Sort(ms)
	sum := 0.0
	for _, t := range ms {
		sum += t
	}
	n := len(ms)
	return fmt.Sprintf("%.1f\t%.1f\t%.1f\t%.1f", sum/float64(n), ms[n/2], ms[n*95/100], ms[n-1])
}
