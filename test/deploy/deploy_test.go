package deploy_test

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// root is the folder of the repository.
const root = "../.."

// run runs a command and returns what it says.
func run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	return string(out), err
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// module returns the folder of a module that is wanted for its files and not for its code.
func module(t *testing.T, at string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", at)
	cmd.Dir = t.TempDir() // so that no go.sum hears of it
	out, err := cmd.Output()
	var m struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &m); err != nil || jsonErr != nil {
		t.Fatalf("download %s: %v %v %s", at, err, jsonErr, m.Error)
	}
	return m.Dir
}

// helm is the path of Helm, of the version that go.mod names.
var helm = sync.OnceValues(func() (string, error) {
	cmd := exec.Command("go", "tool", "-n", "helm")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // one build of it is enough, and that takes minutes
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
})

// known are the settings that docsift knows. A test of cmd/docsift holds .env.example to them.
func known(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^(?:# )?([A-Z0-9_]+)=`).FindAllStringSubmatch(read(t, filepath.Join(root, ".env.example")), -1) {
		names[m[1]] = true
	}
	return names
}

// Whatever is deployed says only things that docsift listens to.
func TestSettingsAreKnown(t *testing.T) {
	names := known(t)
	files := []string{"Dockerfile", "compose.yaml", ".goreleaser.yaml", "docs/deploy.md"}
	err := filepath.WalkDir(filepath.Join(root, "deploy"), func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == "secrets" {
			return fs.SkipDir
		}
		if rel, relErr := filepath.Rel(root, path); err == nil && relErr == nil && d.Type().IsRegular() {
			files = append(files, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// Some are variables of compose.yaml or of its own, and no settings.
	own := []string{"DOCSIFT_IMAGE", "DOCSIFT_PORT"}
	for _, file := range files {
		for _, name := range regexp.MustCompile(`\bDOCSIFT_[A-Z0-9_]*[A-Z0-9]`).FindAllString(read(t, filepath.Join(root, file)), -1) {
			if !names[name] && !slices.Contains(own, name) {
				t.Errorf("%s has %s, which is no setting", file, name)
			}
		}
	}
}
