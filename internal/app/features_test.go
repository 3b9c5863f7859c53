package app_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model/chat"
)

// policyOfLuna asks one model, of which nobody knows by its name whether it takes a temperature.
const policyOfLuna = `{name: luna, version: "1", stages: [{name: text, views: [text], models: [{model: openai/gpt-6-luna, temperature: 0.1}]}]}`

// settingsFor are those of a process whose caches are in dir and whose provider is at url.
func settingsFor(t *testing.T, dir, url string) config.Config {
	t.Helper()
	policy := filepath.Join(t.TempDir(), "luna.yaml")
	if err := os.WriteFile(policy, []byte(policyOfLuna), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": url, "DOCSIFT_CACHE_DIR": dir,
		"DOCSIFT_POLICY": policy, "DOCSIFT_LEDGER": "off",
	}
	t.Chdir(t.TempDir())
	c, err := config.Load(func(name string) string { return env[name] }, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func probe(t *testing.T, c config.Config) docsift.Probe {
	t.Helper()
	classifier, err := app.OpenClassifier(c, app.Parts{Reader: text.New(text.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	return classifier.Probe(t.Context())[0]
}

// What was found once is known in the next run, at the same address, while it is fresh.
func TestFeaturesAreKept(t *testing.T) {
	s, err := sim.New(sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	dir, url := t.TempDir(), strings.Replace(server.URL, "http://", "http://user:secret@", 1)+"/v1"
	c := settingsFor(t, dir, url)
	first := probe(t, c)
	if first.Error != nil || first.Features.Logprobs != chat.No || first.Features.Temperature != chat.Yes || s.Count("", "") != 2 {
		t.Fatalf("first %+v, %+v after %d calls", first, first.Features, s.Count("", ""))
	}
	if first.Usage.Input == 0 || first.Cost.NanoUSD == 0 || !first.Cost.Known {
		t.Errorf("it took %+v, %+v", first.Usage, first.Cost)
	}
	file, err := app.KeepFeatures(c, []docsift.Probe{first})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(data), "secret") || !strings.Contains(string(data), "openai/gpt-6-luna") {
		t.Errorf("file %s, %v", data, err)
	}
	tests := []struct {
		name   string
		change func(text string) string
		url    string
		calls  int // of a probe: 2 when nothing is known
	}{
		{"as it is", func(s string) string { return s }, url, 1},
		{"of another address", func(s string) string { return s }, server.URL + "/v1", 2},
		{"a month old", func(s string) string { return aged(t, s, -31*24*time.Hour) }, url, 2},
		{"of tomorrow", func(s string) string { return aged(t, s, 24*time.Hour) }, url, 2},
		{"of another version", func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 2`, 1) }, url, 2},
		{"with what cannot be", func(s string) string { return strings.ReplaceAll(s, `"no"`, `"maybe"`) }, url, 2},
		{"cut off", func(s string) string { return s[:len(s)/2] }, url, 2},
		{"empty", func(string) string { return "" }, url, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(tt.change(string(data))), 0o600); err != nil {
				t.Fatal(err)
			}
			before := s.Count("", "")
			if again := probe(t, settingsFor(t, dir, tt.url)); again.Error != nil || s.Count("", "")-before != tt.calls {
				t.Errorf("%d calls, %+v; want %d", s.Count("", "")-before, again.Error, tt.calls)
			}
		})
	}
}

// aged returns the file with everything found that much later.
func aged(t *testing.T, text string, by time.Duration) string {
	t.Helper()
	var f map[string]any
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	for _, m := range f["models"].(map[string]any) {
		m.(map[string]any)["at"] = time.Now().Add(by).Format(time.RFC3339)
	}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestKeepFeaturesKeepsTheOthers(t *testing.T) {
	c := config.Config{CacheDir: filepath.Join(t.TempDir(), "not", "there", "yet")}
	can := &chat.Features{Schema: chat.Yes}
	broken := docsift.Probe{Model: "openai/c", BaseURL: "http://x", Features: can, Error: &cascade.Problem{}}
	for _, p := range []docsift.Probe{{Model: "openai/a", BaseURL: "http://x", Features: can}, {Model: "openai/b", BaseURL: "http://x", Features: can}, broken, {Model: "local"}} {
		if _, err := app.KeepFeatures(c, []docsift.Probe{p}); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(c.CacheDir, "features.json"))
	if err != nil || !strings.Contains(string(data), "openai/a") || !strings.Contains(string(data), "openai/b") || strings.Contains(string(data), "openai/c") {
		t.Errorf("file %s, %v", data, err)
	}
	if entries, err := os.ReadDir(c.CacheDir); err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v; want one", len(entries), err)
	}
	if _, err := app.KeepFeatures(config.Config{}, nil); err == nil {
		t.Error("no folder is no error")
	}
}
