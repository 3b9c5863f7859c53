package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
)

// kept says where doctor has written down what models were found to do.
type kept struct {
	File  string `json:"file"`  // "" when nothing was
	Error string `json:"error"` // why nothing was
}

// keep writes down what models were found to do. That it cannot be is no failure: it is found
// out again.
func keep(c config.Config, models []docsift.Probe) kept {
	file, err := app.KeepFeatures(c, models)
	if err != nil {
		return kept{Error: err.Error()}
	}
	return kept{File: file}
}

func costOf(models []docsift.Probe) model.Cost {
	sum := model.Cost{Known: true}
	for _, m := range models {
		sum = sum.Plus(m.Cost)
	}
	return sum
}

// printFeatures writes what each hosted model was found to do, and what asking took.
func printFeatures(w io.Writer, r report) {
	tokens, any := 0, false
	for _, m := range r.Models {
		tokens += m.Usage.Input + m.Usage.Output
		if m.Features == nil || m.Error != nil {
			continue
		}
		if !any {
			fmt.Fprintln(w, "\t\nMODEL\tCAN DO")
		}
		any = true
		fmt.Fprintf(w, "%s\t%s\n", m.Model, abilities(*m.Features))
	}
	if tokens > 0 {
		fmt.Fprintf(w, "asking took\t%d tokens, %s\n", tokens, r.Cost)
	}
	switch {
	case r.Kept.File != "":
		fmt.Fprintf(w, "kept in\t%s, for %d days\n", printable(r.Kept.File), int(app.FeaturesLast.Hours()/24))
	case r.Kept.Error != "" && any:
		fmt.Fprintf(w, "not kept\t%s\n", printable(r.Kept.Error))
	}
}

// abilities tells what a model can do, what it cannot, and what nobody knows.
func abilities(f chat.Features) string {
	all := []struct {
		name string
		is   chat.Found
	}{
		{"schema", f.Schema}, {"logprobs", f.Logprobs}, {"temperature", f.Temperature}, {"effort", f.Effort},
		{"caching", f.Caching}, {"images", f.Images}, {"pdf", f.PDF}, {"decisions", f.Decisions},
	}
	said := []string{}
	for _, kind := range []struct {
		is    chat.Found
		words string
	}{{chat.Yes, ""}, {chat.No, "not "}, {"", "not known: "}} {
		var names []string
		for _, a := range all {
			if a.is == kind.is {
				names = append(names, a.name)
			}
		}
		if len(names) > 0 {
			said = append(said, kind.words+strings.Join(names, ", "))
		}
	}
	return strings.Join(said, "; ")
}
