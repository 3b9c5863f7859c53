package chaos_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/chaos"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/taxonomy"
)

// The test's own binary is the service under test, as it is or with a promise broken.
func TestMain(m *testing.M) {
	if i := slices.Index(os.Args, "serve"); i > 0 {
		if err := serve(os.Args[1:i]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serve(broken []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	getenv := os.Getenv
	for _, how := range broken {
		getenv = without(how, getenv)
	}
	c, err := config.Load(getenv, os.DevNull)
	if err != nil {
		return err
	}
	c.Addr = "127.0.0.1:0"
	a, err := app.New(app.Options{Config: c, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Run(ctx)
}

// without returns settings with which a service cannot keep one of its promises.
func without(what string, getenv func(string) string) func(string) string {
	if what == "secrecy" {
		fmt.Fprintln(os.Stderr, "time=2026-11-27T00:00:00Z key", getenv("OPENAI_API_KEY"))
	}
	return func(name string) string {
		switch {
		case what == "ledger" && name == "DOCSIFT_DATA":
			return getenv(name) + "-elsewhere"
		case what == "budget" && name == "DOCSIFT_BUDGET_DAY":
			return ""
		case what == "fallback" && name == "DOCSIFT_POLICY":
			return firstAlone(getenv(name))
		}
		return getenv(name)
	}
}

// firstAlone returns a policy of the first model of another one's.
func firstAlone(policy string) string {
	data, err := os.ReadFile(policy)
	if err != nil {
		return ""
	}
	lines := strings.SplitAfter(string(data), "\n")
	first := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "- {model:") })
	alone := filepath.Join(filepath.Dir(policy), "alone.yaml")
	if os.WriteFile(alone, []byte(strings.Join(lines[:first+1], "")), 0o600) != nil {
		return ""
	}
	return alone
}

func run(t *testing.T, broken string, only ...string) map[string]chaos.Line {
	t.Helper()
	command := []string{os.Args[0]}
	if broken != "" {
		command = append(command, broken)
	}
	r, err := chaos.Run(t.Context(), chaos.Options{Command: command, Seed: 7, Requests: 40, Only: only, Keep: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	lines := make(map[string]chaos.Line)
	for _, l := range r.Lines {
		lines[l.ID] = l
	}
	return lines
}

func TestRun(t *testing.T) {
	lines := run(t, "", "revoked", "C3", "F1")
	for _, id := range []string{"A1", "C3", "F1", "G1"} { // A2 is about time
		if l := lines[id]; l.Result != chaos.Pass {
			t.Errorf("%s: %s %s; %q", id, l.Result, l.Measured, l.Notes)
		}
	}
	if len(lines) != 5 || lines["A1"].Figures["failed revoked"] != 0 || lines["F1"].Figures["answers"] == 0 {
		t.Errorf("lines %+v", lines)
	}
}

func TestRunRefuses(t *testing.T) {
	_, err := chaos.Run(t.Context(), chaos.Options{Only: []string{"A7"}})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), `no mode "A7"; there are A1,`) {
		t.Errorf("a line that there is not: %v", err)
	}
	_, err = chaos.Run(t.Context(), chaos.Options{Command: []string{"/bin/false"}, Only: []string{"C3"}, Log: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "the service ended at once") {
		t.Errorf("a service that does not start: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	_, err = chaos.Run(ctx, chaos.Options{Command: []string{os.Args[0]}, Only: []string{"A4"}})
	if fault.KindOf(err) != fault.Canceled {
		t.Errorf("a run that is interrupted: %v", err)
	}
}

func TestReportPasses(t *testing.T) {
	pass, fail, absent := chaos.Line{Result: chaos.Pass}, chaos.Line{Result: chaos.Fail}, chaos.Line{Result: chaos.Absent}
	tests := []struct {
		name  string
		lines []chaos.Line
		want  bool
	}{
		{"what is absent counts for nothing", []chaos.Line{pass, absent}, true},
		{"one failure is enough", []chaos.Line{pass, fail, pass}, false},
		{"nothing was held to anything", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (chaos.Report{Lines: tt.lines}).Passed(); got != tt.want {
				t.Errorf("passed %v, want %v", got, tt.want)
			}
		})
	}
}

// The local model is sure of easy sheets alone, and the answer key knows the others.
func TestSheets(t *testing.T) {
	set, err := taxonomy.New("chaos", chaos.Categories())
	if err != nil {
		t.Fatal(err)
	}
	c, err := docsift.New(docsift.Options{Policy: "local", Taxonomy: set.ID, Taxonomies: []*taxonomy.Taxonomy{set}})
	if err != nil {
		t.Fatal(err)
	}
	classify := func(sh chaos.Sheet) docsift.Result {
		d, err := document.Read(strings.NewReader(sh.Text), sh.Name, document.Options{})
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Classify(t.Context(), d, docsift.Request{})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	if res := classify(chaos.Easy(3)); res.Classification != "invoice" || res.Review.Needed {
		t.Errorf("an easy sheet: %s, review %+v", res.Classification, res.Review)
	}
	seen, labels := make(map[string]bool), make(map[string]int)
	for _, sh := range chaos.Hard(3, 300) {
		if res := classify(sh); !res.Review.Needed {
			t.Errorf("the local model is sure that %s is %s", sh.Name, res.Classification)
		}
		if got := chaos.Key("the document:\n" + sh.Text + "\nends"); got != sh.Label {
			t.Errorf("the key says %q of %s, which is %q", got, sh.Name, sh.Label)
		}
		if seen[sh.Text] {
			t.Errorf("%s is there twice", sh.Name)
		}
		seen[sh.Text] = true
		labels[sh.Label]++
	}
	if len(labels) != len(chaos.Categories()) {
		t.Errorf("labels %v, want some of each", labels)
	}
}

func TestBackAfter(t *testing.T) {
	stream := func(parts ...string) []string { // a letter a second
		var by []string
		for _, p := range parts {
			by = append(by, slices.Repeat([]string{p}, 10)...)
		}
		return by
	}
	tests := []struct {
		name string
		by   []string
		want time.Duration
	}{
		{"at once", stream("b", "a", "a", "a"), time.Second},
		{"after two seconds", stream("b", "b", "b", "a", "a"), 3 * time.Second},
		{"never", stream("b", "b", "b", "b"), -1},
		{"for a second alone", stream("b", "b", "a", "b", "b", "b"), 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := chaos.BackAfter(tt.by, "a", time.Second); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
	if got := chaos.BackAfter(slices.Repeat([]string{"a", "b"}, 40), "a", 0); got != -1 {
		t.Errorf("every other sheet: %v, want never", got)
	}
}

func TestMostInAMinute(t *testing.T) {
	s := time.Second
	for want, at := range map[int][]time.Duration{0: nil, 2: {0, 59 * s, 61 * s, 121 * s}, 3: {0, 50 * s, 70 * s, 100 * s}} {
		if got := chaos.MostInAMinute(at...); got != want {
			t.Errorf("%v: %d, want %d", at, got, want)
		}
	}
}
