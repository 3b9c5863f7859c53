package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// verdict is what a check came to.
type verdict string

const (
	fine    verdict = "ok"
	warned  verdict = "warn"    // it works, and will not for long, or not as well as it could
	failed  verdict = "fail"    // it does not work
	skipped verdict = "skipped" // there is nothing to check
)

// check is one line of doctor: what was looked at, what was measured, and what to do.
type check struct {
	Name   string  `json:"name"`
	Result verdict `json:"result"`
	Found  string  `json:"found"`
	Remedy string  `json:"remedy"` // "" where there is nothing to do
}

func ok(name, format string, args ...any) check {
	return check{Name: name, Result: fine, Found: fmt.Sprintf(format, args...)}
}

func skip(name, format string, args ...any) check {
	return check{Name: name, Result: skipped, Found: fmt.Sprintf(format, args...)}
}

// but turns a check into one that asks for something to be done.
func (c check) but(v verdict, remedy string) check {
	c.Result, c.Remedy = v, remedy
	return c
}

// healthy reports whether no check failed.
func healthy(all []check) bool {
	return !slices.ContainsFunc(all, func(c check) bool { return c.Result == failed })
}

// printChecks writes a line for each check.
func printChecks(out io.Writer, all []check) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CHECK\t\tFOUND")
	for _, c := range all {
		line := printable(strings.Join(strings.Fields(c.Found), " "))
		if c.Remedy != "" {
			line += " → " + printable(c.Remedy)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.Name, c.Result, line)
	}
	return w.Flush()
}

// size writes a number of bytes for people.
func size(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	v, unit := float64(n), 0
	for v >= 1000 && unit < len(units)-1 {
		v, unit = v/1000, unit+1
	}
	return fmt.Sprintf("%.3g %s", v, units[unit])
}
