//go:build linux

package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// report prints one line for each way; the first one is what the others are held against.
func report(w io.Writer, ways []way, results []result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "WAY\tANSWERED\tERRORS\tp50 ms\tp99 ms\tADDED p50 ms\tCPU ms EACH\t")
	direct := results[0].at(0.5)
	for i := range results {
		r, added, each := &results[i], "-", "-"
		if i > 0 {
			added, each = milliseconds(r.at(0.5)-direct), milliseconds(r.each())
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t\n", ways[i].name, len(r.took), r.failed, milliseconds(r.at(0.5)), milliseconds(r.at(0.99)), added, each)
	}
	t.Flush()
	for i, r := range results {
		if r.why != "" {
			fmt.Fprintf(w, "%s: an error was %s\n", ways[i].name, r.why)
		}
	}
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()*1000) }
