package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
)

// printer writes results as they come: JSON lines, or a table.
type printer struct {
	out  *bufio.Writer
	json bool
	any  bool
}

func newPrinter(w io.Writer, asJSON bool) *printer {
	return &printer{out: bufio.NewWriter(w), json: asJSON}
}

// The widths of the table's columns, the last one aside. Rows are printed as they come, so
// that the widths cannot be fitted to them.
const row = "%-44s  %-24s  %5s  %-20s  %10s  %s\n"

// print writes one result. An error of the writer shows in close.
func (p *printer) print(res docsift.Result) {
	defer p.out.Flush()
	if p.json {
		json.NewEncoder(p.out).Encode(res)
		return
	}
	if !p.any {
		p.any = true
		fmt.Fprintf(p.out, row, "FILE", "CATEGORY", "SURE", "BY", "COST", "NOTE")
	}
	name := tail(printable(res.Document.Filename), 44)
	if res.Error != nil {
		fmt.Fprintf(p.out, row, name, "-", "-", "-", cost(res.Cost), "failed: "+printable(res.Error.Message))
		return
	}
	line := fmt.Sprintf(row, name, res.Classification, sure(res), by(res), cost(res.Cost), note(res))
	fmt.Fprintln(p.out, strings.TrimRight(line, " \n"))
}

func (p *printer) close() error { return p.out.Flush() }

func sure(res docsift.Result) string {
	if res.Confidence == nil {
		return "-"
	}
	return strconv.Itoa(int(*res.Confidence*100)) + "%"
}

func by(res docsift.Result) string {
	if res.Model == "" {
		return "-"
	}
	return res.Model
}

func cost(c cascade.Cost) string {
	switch {
	case c.Known && c.NanoUSD == 0:
		return "free"
	case c.Known:
		return "$" + strconv.FormatFloat(float64(c.NanoUSD)/1e9, 'f', 6, 64)
	}
	return "unknown"
}

// note says in words why a person should look.
func note(res docsift.Result) string {
	switch res.Review.Reason {
	case "low_confidence":
		if len(res.Alternatives) > 0 {
			return "look: or " + res.Alternatives[0].Classification + "?"
		}
		return "look: not sure"
	case "unknown":
		return "look: none of the categories fits"
	case "nothing_to_read":
		if len(res.Policy.Dropped) > 0 {
			return "look: too little text to judge by, and no key for a model that sees the page"
		}
		return "look: no model could make anything of it"
	case "degraded":
		return "look: models that should have answered are down"
	}
	return ""
}

// printable replaces what would upset a terminal: a file name may hold anything.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, s)
}

// tail keeps the end of a long path: that is where files differ.
func tail(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return "…" + string(runes[len(runes)-n+1:])
}

// summarise ends a run on standard error: how many, what it cost, what could be better.
func (p process) summarise(t tally, c *docsift.Classifier, f classifyFlags) {
	if f.quiet {
		return
	}
	sum := cascade.Cost{NanoUSD: t.cost, Known: true}.String()
	if t.costUnknown {
		sum = "at least " + sum
	}
	fmt.Fprintf(p.log, "%d classified, %d of them to look at, %d failed; cost %s\n", t.done, t.review, t.failed, sum)
	if _, missing := c.Policy(); len(missing) > 0 && t.review+t.failed > 0 {
		fmt.Fprintln(p.log, "Hosted models were left out for want of a key; 'docsift doctor' says which.")
	}
}
