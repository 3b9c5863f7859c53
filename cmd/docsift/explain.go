package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
)

// explain tells how an answer came about, where that was asked for.
func (p *printer) explain(res docsift.Result) {
	for i, at := range res.Attempts {
		if at.Explained == nil && at.Outcome != cascade.Skipped {
			continue
		}
		fmt.Fprintf(p.out, "\n  %d. stage %s, %s, %s%s\n", i+1, printable(at.Stage), cmp.Or(printable(at.Model), "no model"), cmp.Or(string(at.View), "not asked"), took(at))
		for _, note := range at.Notes {
			p.indent("note", note)
		}
		if e := at.Explained; e != nil {
			p.indent("decision", e.Decision)
			p.indent("probabilities", likely(e.Probabilities))
			p.indent("why", at.Reason)
			if e.Exchange != nil {
				p.indent("sent", pretty(e.Request))
				p.indent("came back", pretty([]byte(e.Reply)))
			}
		}
	}
	if len(res.Attempts) > 0 && slices.ContainsFunc(res.Attempts, func(at cascade.Attempt) bool { return at.Explained != nil }) {
		fmt.Fprintln(p.out)
	}
}

func took(at cascade.Attempt) string {
	if at.Outcome == cascade.Skipped {
		return ""
	}
	s := fmt.Sprintf(", %.0f ms, %s", at.LatencyMS, cost(at.Cost))
	if at.Usage.Known && at.Usage.Input > 0 {
		s += fmt.Sprintf(", %d tokens in, %d out", at.Usage.Input, at.Usage.Output)
	}
	return s
}

// indent prints a text of one line or more under a name; nothing where there is none.
func (p *printer) indent(name, text string) {
	if text == "" {
		return
	}
	for line := range strings.Lines(text) {
		fmt.Fprintf(p.out, "     %-14s %s\n", name, printable(strings.TrimRight(line, "\n")))
		name = ""
	}
}

// likely lists the five likeliest categories.
func likely(p map[string]float64) string {
	names := slices.SortedFunc(maps.Keys(p), func(a, b string) int { return cmp.Or(cmp.Compare(p[b], p[a]), cmp.Compare(a, b)) })
	var all []string
	for _, name := range names[:min(5, len(names))] {
		all = append(all, fmt.Sprintf("%s %.3f", name, p[name]))
	}
	return strings.Join(all, ", ")
}

// pretty indents JSON, and leaves alone what is none.
func pretty(raw []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}
