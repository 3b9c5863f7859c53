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
	"github.com/docsift/docsift/fault"
)

// printer writes results as they come: JSON lines, or a table.
type printer struct {
	out    *bufio.Writer
	json   bool
	width  int  // of the table's first column
	cut    bool // a longer file name to that width: a line of a terminal has an end
	headed bool // the table has its heading
}

func newPrinter(w io.Writer, asJSON bool) *printer {
	n := columns(w)
	return &printer{out: bufio.NewWriter(w), json: asJSON, width: fileWidth(n), cut: n > 0}
}

// row is a line of the table. Rows are printed as they come, so that the widths cannot be
// fitted to them. The last column has none: what is too long for the line, the terminal wraps.
const row = "%-*s  %-24s  %5s  %-20s  %10s  %s"

// fileWidth shares a line of the terminal between the file and the note, once the other
// columns have theirs. 0 columns means no terminal.
func fileWidth(columns int) int {
	const others, note = 69, 24
	if columns == 0 {
		return 44
	}
	return min(max(columns-others-note, 20), 120)
}

// fit widens the first column of a table that cuts no name to the longest of the first names that paths lead to.
func (p *printer) fit(paths []string) {
	const most, widest = 1000, 120
	if p.cut || p.json {
		return
	}
	left := most
	for s := range walk(paths) {
		if left--; left < 0 {
			return
		}
		p.width = max(p.width, min(utf8.RuneCountInString(printable(s.path)), widest))
	}
}

// print writes one result.
func (p *printer) print(res docsift.Result) error {
	if p.json {
		if err := json.NewEncoder(p.out).Encode(res); err != nil {
			return err
		}
		return p.out.Flush()
	}
	if !p.headed {
		p.headed = true
		p.line("FILE", "CATEGORY", "SURE", "BY", "COST", "NOTE")
	}
	name := printable(res.Document.Filename)
	if p.cut {
		name = tail(name, p.width)
	}
	switch {
	case res.Error == nil:
		p.line(name, res.Classification, sure(res), by(res), cost(res.Cost), note(res))
	case res.Error.Code == fault.Canceled:
		p.line(name, "-", "-", "-", cost(res.Cost), "interrupted")
	default:
		p.line(name, "-", "-", "-", cost(res.Cost), "failed: "+printable(res.Error.Message))
	}
	p.explain(res)
	return p.out.Flush()
}

// line writes one line of the table. An error shows when it is flushed.
func (p *printer) line(file, category, sure, by, cost, note string) {
	line := fmt.Sprintf(row, p.width, file, category, sure, by, cost, note)
	fmt.Fprintln(p.out, strings.TrimRight(line, " "))
}

func sure(res docsift.Result) string {
	if res.Confidence == nil {
		return "-"
	}
	return percent(*res.Confidence)
}

// percent rounds down, so that only what is certain is called so.
func percent(p float64) string {
	n := int(p*100 + 1e-9) // 0.29 is a little less than 29 hundredths
	if p < 1 {
		n = min(n, 99)
	}
	return strconv.Itoa(n) + "%"
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
	fmt.Fprintln(p.log, t)
	if t.over {
		fmt.Fprintf(p.log, "The budget of $%s is spent. With -o FILE a run goes on where it stopped.\n", f.budget.Amount)
	}
	if _, missing := c.Policy(); len(missing) > 0 && t.review+t.failed > 0 {
		fmt.Fprintln(p.log, "Hosted models were left out for want of a key; 'docsift doctor' says which.")
	}
}
