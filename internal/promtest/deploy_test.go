package promtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/docsift/docsift/internal/promtest"
)

const deploy = "../../deploy/prometheus"

func promtool(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(promtest.Tool(t, "promtool"), args...)
	cmd.Dir = deploy
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// The files for Prometheus are as Prometheus wants them, and each alert fires when it should and not else.
func TestPromtool(t *testing.T) {
	promtool(t, "check", "config", "prometheus.yml")
	promtool(t, "check", "rules", "rules.yml")
	promtool(t, "test", "rules", "rules_test.yml")
}

// Each alert says how bad it is, what it means and what to do, and is tested both ways.
func TestAlertsAreWhole(t *testing.T) {
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert               string
				Labels, Annotations map[string]string
			}
		}
	}
	read(t, "rules.yml", &rules)
	var tests struct{ Tests []struct{ Name string } }
	read(t, "rules_test.yml", &tests)
	tested := make(map[string]bool)
	for _, tt := range tests.Tests {
		tested[tt.Name] = true
	}
	text, err := os.ReadFile("../../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := make(map[string]string)
	for _, part := range strings.Split(string(text), "\n## ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		sections[name] = body
	}
	alerts := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			alerts++
			a := r.Annotations
			if s := r.Labels["severity"]; s != "warning" && s != "critical" || a["summary"] == "" || a["description"] == "" {
				t.Errorf("%s: severity %q, %v", r.Alert, s, a)
			}
			if !strings.HasSuffix(a["runbook_url"], "/docs/runbook.md#"+strings.ToLower(r.Alert)) {
				t.Errorf("%s: runbook %q", r.Alert, a["runbook_url"])
			}
			for _, want := range []string{"**Means:**", "**Look at:**", "**Do:**"} {
				if !strings.Contains(sections[r.Alert], want) {
					t.Errorf("docs/runbook.md, %s: no %s", r.Alert, want)
				}
			}
			if !tested[r.Alert+" fires"] || !tested[r.Alert+" does not fire"] {
				t.Errorf("%s is not tested both ways", r.Alert)
			}
			delete(sections, r.Alert)
		}
	}
	if alerts < 15 {
		t.Errorf("%d alerts", alerts)
	}
	for name := range sections {
		t.Errorf("docs/runbook.md has a section for %s, which is no alert", name)
	}
	for _, m := range regexp.MustCompile(`\(#([a-z]+)\)`).FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(strings.ToLower(string(text)), "\n## "+m[1]+"\n") {
			t.Errorf("docs/runbook.md points to #%s, which there is not", m[1])
		}
	}
}

func read(t *testing.T, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(deploy, name))
	if err == nil {
		err = yaml.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}
