package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/redistest"
	"github.com/docsift/docsift/internal/share"
)

func TestShared(t *testing.T) {
	since := time.Now()
	tests := []struct {
		name   string
		status share.Status
		want   string
	}{
		{"it answers", share.Status{Redis: "redis://h:6379/0", Up: true, Since: &since}, "shared through redis://h:6379/0"},
		{"it was not asked yet", share.Status{Redis: "redis://h:6379/0"}, "to be shared through redis://h:6379/0, which has not answered yet"},
		{"it does not answer", share.Status{Redis: "redis://h:6379/0", Since: &since, Error: "connection\nrefused"}, "shared with nobody: redis://h:6379/0 does not answer: connection refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := shared(tt.status); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// The doctor says whether the Redis that is named answers. Its password is told to nobody.
func TestDoctorAsksRedis(t *testing.T) {
	up, down := redistest.Start(t), redistest.New(t)
	tests := []struct {
		name   string
		url    string
		status int
		table  string // "" for none
		up     any    // in JSON; nil: nothing is shared
	}{
		{"none is named", "", 0, "", nil},
		{"it answers", up.URL, 0, "all breakers +shared through " + up.URL, true},
		{"it does not", strings.Replace(down.URL, "//", "//:s3cret@", 1), 0, "shared with nobody: " + down.URL + " does not answer", false},
		{"it is none", "127.0.0.1:s3cret@6379", 3, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := map[string]string{"REDIS_URL": tt.url, "DOCSIFT_POLICY": "local", "DOCSIFT_CHILDREN": "0", "DOCSIFT_OCR": "off", "DOCSIFT_LEDGER": "off"}
			ask := func(args ...string) (int, string) {
				var out, log bytes.Buffer
				p := process{getenv: func(name string) string { return env[name] }, in: strings.NewReader(""), out: &out, log: &log}
				status := p.run(t.Context(), append([]string{"doctor"}, args...))
				if all := out.String() + log.String(); strings.Contains(all, "s3cret") || tt.status != 0 && !strings.Contains(all, "REDIS_URL is no address") {
					t.Errorf("it says %s", all)
				}
				return status, out.String()
			}
			status, table := ask()
			if status != tt.status || strings.Contains(table, "all breakers") != (tt.table != "") {
				t.Errorf("status %d and table %s", status, table)
			}
			if tt.status != 0 {
				return
			}
			if line := squeeze(table); tt.table != "" && !strings.Contains(line, strings.ReplaceAll(tt.table, " +", " ")) {
				t.Errorf("no %q in %s", tt.table, table)
			}
			_, text := ask("--json")
			var r struct{ Sharing map[string]any }
			if err := json.Unmarshal([]byte(text), &r); err != nil || r.Sharing["up"] != tt.up {
				t.Errorf("sharing %v, %v; want up %v", r.Sharing, err, tt.up)
			}
		})
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestWithoutPassword(t *testing.T) {
	for value, want := range map[string]string{
		"redis://:s3cret@h:6379/0":   "redis://:xxxxx@h:6379/0",
		"redis://:s3c%ret@h:6379/0":  "xxxxx@h:6379/0",
		"ann:s3cret@h:6379":          "xxxxx@h:6379",
		":s3cret@h:6379":             "xxxxx@h:6379",
		"http://127.0.0.1:9090":      "http://127.0.0.1:9090",
		"folder/ann@example.yaml":    "folder/ann@example.yaml",
		"OPENAI_API_KEY=20, OTHER=5": "OPENAI_API_KEY=20, OTHER=5",
	} {
		if got := withoutPassword(value); got != want {
			t.Errorf("%q becomes %q, want %q", value, got, want)
		}
	}
}

func TestSettingsHideThePasswordOfRedis(t *testing.T) {
	var out bytes.Buffer
	c := config.Config{Getenv: func(name string) string { return map[string]string{"REDIS_URL": "redis://:s3cret@h"}[name] }}
	if err := (process{out: &out, log: io.Discard}).printReport(report{Settings: settings(c)}); err != nil || strings.Contains(out.String(), "s3cret") || !strings.Contains(out.String(), "redis://:xxxxx@h") {
		t.Errorf("%v, %s", err, &out)
	}
}
