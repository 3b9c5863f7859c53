package docsift_test

import (
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// floors lists the rooms bottom up, as ARCHITECTURE.md does. A package imports only from
// floors below its own.
func floors() [][]string {
	return [][]string{
		{"fault", "internal/price", "internal/samplegen"},
		{"document", "taxonomy", "internal/sim"},
		{"extract", "model"},
		{"model/chat"},
		{"cascade", "extract/pdf", "extract/office", "extract/image", "extract/text",
			"model/local", "model/openai", "model/gemini", "model/anthropic", "model/breaker", "model/modeltest"},
		{".", "extract/all", "internal/config"},
		{},
		{"internal/httpapi"},
		{"internal/app"},
		{"cmd/docsift"},
	}
}

func TestImportsPointDown(t *testing.T) {
	const module = "github.com/docsift/docsift"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	room := func(pkg string) (string, bool) {
		if pkg == module {
			return ".", true
		}
		return strings.CutPrefix(pkg, module+"/")
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		from, _ := room(f[0])
		if floor(from) < 0 {
			t.Errorf("%s has no floor: add it to ARCHITECTURE.md, then to floors", from)
		}
		for _, imp := range f[1:] {
			if to, ours := room(imp); ours && floor(to) >= floor(from) {
				t.Errorf("%s (floor %d) imports %s (floor %d)", from, floor(from), to, floor(to))
			}
		}
	}
}

// The table that people read and the one that the test reads name the same rooms.
func TestArchitectureNamesEveryRoom(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(string(text), "Still to come")
	for _, rooms := range floors() {
		for _, r := range rooms {
			if r != "." && !strings.Contains(table, r) && !strings.Contains(table, path.Base(r)) {
				t.Errorf("ARCHITECTURE.md does not name %s", r)
			}
		}
	}
}

func floor(pkg string) int {
	for i, names := range floors() {
		for _, n := range names {
			if n == pkg {
				return i
			}
		}
	}
	return -1
}
