package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/openapi"
)

var update = flag.Bool("update", false, "write docs/reference anew")

const generated = "<!-- Written by: go test ./cmd/docsift -run Reference -update -->\n\n"

// The reference is what the code says.
func TestReference(t *testing.T) {
	for name, text := range map[string]string{
		"configuration.md": configurationPage(t), "cli.md": commandsPage(), "api.md": routesPage(), "errors.md": errorsPage(t),
	} {
		path := filepath.Join("..", "..", "docs", "reference", name)
		if *update {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(path)
		if err != nil || string(have) != text {
			t.Errorf("docs/reference/%s is not what the code says (%v): run go test ./cmd/docsift -run Reference -update", name, err)
		}
	}
}

// cell fits a text into a cell of a table.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }

func configurationPage(t *testing.T) string {
	var b bytes.Buffer
	b.WriteString("# Settings\n\n" + generated)
	b.WriteString("Environment variables, and below them `NAME=value` lines of a file `.env` (`--env-file`). Flags of commands go before both.\n" +
		"`docsift doctor` shows which are set, and finds misspelt ones. [.env.example](../../.env.example) is a file to start from.\n\n| setting | default | what it says |\n|---|---|---|\n")
	means := meanings()
	c := config.Config{Getenv: func(string) string { return "" }}
	for _, s := range settings(c) {
		of := map[string]string{"DOCSIFT_DATA": "`docsift` in the user's folder of state", "DOCSIFT_LEDGER": "`ledger` in the folder of `DOCSIFT_DATA`"}[s.Name]
		if of == "" {
			of = cmp.Or(s.Default, "–")
		}
		if means[s.Name] == "" {
			t.Errorf("meanings_test.go does not say what %s means", s.Name)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, cell(of), cell(means[s.Name]))
		delete(means, s.Name)
	}
	for name := range means {
		t.Errorf("meanings_test.go has %s, which is no setting", name)
	}
	return b.String()
}

func commandsPage() string {
	var b bytes.Buffer
	b.WriteString("# Commands\n\n" + generated + "Exit status of all: 0 done, 1 failed, 2 wrong usage, 3 wrong configuration, 4 a budget is spent, 5 no model could answer, 130 interrupted.\n")
	root := process{getenv: func(string) string { return "" }}.root()
	var each func(c *cobra.Command)
	each = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			return
		}
		describeCommand(&b, c)
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(root)
	return b.String()
}

func describeCommand(b *bytes.Buffer, c *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n%s.\n\n```\n%s\n```\n", c.CommandPath(), c.Short, c.UseLine())
	if c.Long != "" {
		fmt.Fprintf(b, "\n```text\n%s\n```\n", c.Long)
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimSpace(c.Example), "\n  ", "\n"))
	}
	header := "\n| flag | default | |\n|---|---|---|\n"
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		short := ""
		if f.Shorthand != "" {
			short = "`-" + f.Shorthand + "`, "
		}
		fmt.Fprintf(b, "%s| %s`--%s` %s | %s | %s |\n", header, short, f.Name, name, cell(portable(f.DefValue)), cell(portable(usage)))
		header = ""
	})
}

// portable leaves out what is different on each machine.
func portable(s string) string {
	if s == "[]" || s == "0s" || s == "false" {
		return ""
	}
	return s
}

func routesPage() string {
	var b bytes.Buffer
	b.WriteString("# HTTP API\n\n" + generated)
	b.WriteString("A running server has all of it at `/docs`, and as OpenAPI 3.1 at `/openapi.json`. Who has which scope: [access.md](../access.md).\n" +
		"Errors: [errors.md](errors.md). Routes marked ° are there only where the server keeps something.\n")
	for _, tag := range openapi.Document().List("tags") {
		t := tag.(openapi.Object)
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| route | scope | |\n|---|---|---|\n", t.Text("name"), t.Text("description"))
		for _, r := range openapi.Routes() {
			if r.Tag != t.Text("name") {
				continue
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | %s |\n", r.Pattern, map[bool]string{true: " °"}[r.Kept], cmp.Or(r.Scope, "none"), r.Summary)
		}
	}
	return b.String()
}

// kindsOf returns the kinds of faults that a folder's code names, in their order.
func kindsOf(t *testing.T, dir string) (kinds []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) == 0 || !isKind(spec.Type, dir) {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				s, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				kinds = append(kinds, s)
			}
			return true
		})
	}
	return kinds
}

func isKind(of ast.Expr, dir string) bool {
	switch of := of.(type) {
	case *ast.Ident:
		return of.Name == "Kind" && dir == "fault"
	case *ast.SelectorExpr:
		from, ok := of.X.(*ast.Ident)
		return ok && from.Name == "fault" && of.Sel.Name == "Kind"
	}
	return false
}

func errorsPage(t *testing.T) string {
	var b bytes.Buffer
	b.WriteString("# Errors\n\n" + generated)
	b.WriteString("`code` is the same in a problem of the API, in `error.code` of a result, in logs and in metrics. HTTP is the status that a server answers with, exit that of a command.\n" +
		"What a person should do is in the last column; what a program should do follows from the status: 4xx, change the request (429: come back after `Retry-After`); 5xx, try again later.\n\n" +
		"| code | HTTP | exit | what it means, and what to do |\n|---|---|---|---|\n")
	told := remedies()
	var all []string
	for _, dir := range []string{"fault", "internal/access", "internal/httpapi", "internal/store", "internal/job", "internal/blob", "internal/bulk"} {
		all = append(all, kindsOf(t, dir)...)
	}
	all = slices.Compact(all)
	for _, k := range all {
		r, ok := told[k]
		delete(told, k)
		if !ok {
			t.Errorf("meanings_test.go does not say what to do about %s", k)
		}
		if r.text == "" {
			continue // nobody outside sees it
		}
		fmt.Fprintf(&b, "| `%s` | %d | %d | %s |\n", k, cmp.Or(r.status, fault.Kind(k).HTTPStatus()), fault.Kind(k).ExitStatus(), cell(r.text))
	}
	for k := range told {
		t.Errorf("meanings_test.go has %s, which is no kind of fault", k)
	}
	return b.String()
}
