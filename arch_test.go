package docsift_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// floors reads the table of ARCHITECTURE.md: the floor of each room, such as "extract/pdf" or
// "." for the root.
func floors(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	floor := make(map[string]int)
	row := regexp.MustCompile(`(?m)^\| (\d+) \| ([^|]+) \|`)
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, room := range rooms(m[2]) {
			if _, twice := floor[room]; twice {
				t.Errorf("ARCHITECTURE.md puts %s on two floors", room)
			}
			floor[room] = n
		}
	}
	return floor
}

// rooms reads a cell such as "`cascade` `extract/{pdf,office}`".
func rooms(cell string) []string {
	var names []string
	for _, m := range regexp.MustCompile("`([^`{]+)(?:{([^}]+)})?`").FindAllStringSubmatch(cell, -1) {
		for part := range strings.SplitSeq(m[2], ",") {
			if name := m[1] + part; name == "docsift" {
				names = append(names, ".")
			} else {
				names = append(names, name)
			}
		}
	}
	return names
}

// A package imports only from floors below its own, and every package has a floor.
func TestImportsPointDown(t *testing.T) {
	const module = "github.com/docsift/docsift"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	floor, seen := floors(t), make(map[string]bool)
	room := func(pkg string) (string, bool) {
		if pkg == module {
			return ".", true
		}
		return strings.CutPrefix(pkg, module+"/")
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		from, _ := room(f[0])
		seen[from] = true
		if _, ok := floor[from]; !ok {
			t.Errorf("%s has no floor: add it to ARCHITECTURE.md", from)
		}
		for _, imp := range f[1:] {
			if to, ours := room(imp); ours && floor[to] >= floor[from] {
				t.Errorf("%s (floor %d) imports %s (floor %d)", from, floor[from], to, floor[to])
			}
		}
	}
	for r := range floor {
		if !seen[r] {
			t.Errorf("ARCHITECTURE.md names %s, which there is not", r)
		}
	}
}
