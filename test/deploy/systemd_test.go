package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// units writes the units with a program that is there, since verify asks for it.
func units(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd is not installed")
	}
	shipped, err := filepath.Glob(root + "/deploy/systemd/*.service")
	if err != nil || len(shipped) != 2 {
		t.Fatalf("%v, %v", shipped, err)
	}
	var paths []string
	for _, unit := range shipped {
		path := filepath.Join(t.TempDir(), filepath.Base(unit))
		text := strings.ReplaceAll(read(t, unit), "/usr/bin/docsift", "/bin/true")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func TestUnits(t *testing.T) {
	for _, unit := range units(t) {
		t.Run(filepath.Base(unit), func(t *testing.T) {
			if out, err := run(t, "systemd-analyze", "verify", "--man=no", unit); err != nil || strings.Contains(out, filepath.Base(unit)) {
				t.Errorf("%v: %s", err, out)
			}
			out, err := run(t, "systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			m := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`).FindStringSubmatch(out)
			if m == nil {
				t.Fatalf("%s", out)
			}
			if exposure, err := strconv.ParseFloat(m[1], 64); err != nil || exposure > 2 {
				t.Errorf("exposure %s of 10, want 2 at most\n%s", m[1], out)
			}
		})
	}
}

// Both units are the same but for what they run, and what is said of how that ends.
func TestUnitsAreAlike(t *testing.T) {
	differs := regexp.MustCompile(`(?m)^(Description=|ExecStart=|# (2 s|What is under way)).*\n`)
	server, worker := read(t, root+"/deploy/systemd/docsift.service"), read(t, root+"/deploy/systemd/docsift-worker.service")
	if differs.ReplaceAllString(server, "") != differs.ReplaceAllString(worker, "") {
		t.Error("they are not")
	}
}

// Commands that are given the file of settings look where the units keep things.
func TestSettingsNameTheUnitsFolder(t *testing.T) {
	unit, settings := read(t, root+"/deploy/systemd/docsift.service"), read(t, root+"/deploy/systemd/docsift.env")
	m := regexp.MustCompile(`DOCSIFT_DATA=\S+`).FindString(unit)
	if m == "" || !strings.Contains(settings, "\n"+m+"\n") {
		t.Errorf("docsift.env does not have the unit's %q", m)
	}
}
