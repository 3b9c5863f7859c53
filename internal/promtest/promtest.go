// Package promtest runs Prometheus for tests, and reads what is told to it.
package promtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Tool returns the path of prometheus or promtool: those that test/prometheus.sh unpacked, or the
// machine's own. Without them the test fails.
func Tool(t testing.TB, name string) string {
	t.Helper()
	if cache, err := os.UserCacheDir(); err == nil {
		path := filepath.Join(cache, "docsift", "tools", "prometheus", "usr", "bin", name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not there: 'make tools' unpacks it", name)
	}
	return path
}

// Server is a Prometheus of a test's own. It ends with the test.
type Server struct {
	URL string
	t   testing.TB
}

// Start returns a Prometheus that scrapes targets (host:port) every second, with rules from files.
func Start(t testing.TB, targets []string, rules ...string) *Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") // to learn of a port that is free
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	dir := t.TempDir()
	config, err := json.Marshal(map[string]any{ // which is YAML too
		"global":         map[string]any{"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
		"rule_files":     rules,
		"scrape_configs": []any{map[string]any{"job_name": "docsift", "static_configs": []any{map[string]any{"targets": targets}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(path, config, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(Tool(t, "prometheus"), "--config.file="+path, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+addr, "--enable-feature=exemplar-storage", "--log.level=warn")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	s := &Server{"http://" + addr, t}
	for end := time.Now().Add(30 * time.Second); !s.ready(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("prometheus does not answer")
		}
	}
	return s
}

func (s *Server) ready() bool {
	resp, err := http.Get(s.URL + "/-/ready")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Query returns how many values an expression has now, or what is wrong with it.
func (s *Server) Query(expr string) (values int, err error) {
	var v struct {
		Error string
		Data  struct{ Result []json.RawMessage }
	}
	if err := s.get("/api/v1/query?query="+url.QueryEscape(expr), &v); err != nil {
		return 0, err
	}
	if v.Error != "" {
		return 0, fmt.Errorf("%s: %s", expr, v.Error)
	}
	return len(v.Data.Result), nil
}

// Get reads JSON from a path of Prometheus.
func (s *Server) get(path string, to any) error {
	resp, err := http.Get(s.URL + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// Exemplars returns how many exemplars Prometheus has of an expression.
func (s *Server) Exemplars(expr string) int {
	s.t.Helper()
	now := time.Now()
	var v struct {
		Data []struct{ Exemplars []json.RawMessage }
	}
	err := s.get(fmt.Sprintf("/api/v1/query_exemplars?query=%s&start=%d&end=%d", url.QueryEscape(expr), now.Add(-time.Hour).Unix(), now.Add(time.Minute).Unix()), &v)
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, d := range v.Data {
		n += len(d.Exemplars)
	}
	return n
}

// Samples is what a process tells in Prometheus's text format.
type Samples []Sample

// Sample is a line of it.
type Sample struct {
	Name   string
	Labels map[string]string
	Value  float64
}

// Scrape asks a process.
func Scrape(t testing.TB, address string) Samples {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %s", address, resp.StatusCode, err, data)
	}
	var all Samples
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		s := Sample{Labels: make(map[string]string)}
		i := strings.LastIndexByte(strings.TrimSpace(line), ' ')
		if _, err := fmt.Sscan(line[i+1:], &s.Value); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		name, labels, _ := strings.Cut(line[:i], "{")
		s.Name = name
		for part := range strings.SplitSeq(strings.TrimSuffix(labels, "}"), `",`) { // no value of a test holds that
			if k, v, ok := strings.Cut(part, `="`); ok {
				s.Labels[k] = strings.TrimSuffix(v, `"`)
			}
		}
		all = append(all, s)
	}
	return all
}

// Sum adds up a metric over those that have the labels, given as name, value, name, value.
func (all Samples) Sum(name string, labels ...string) (sum float64) {
	for _, s := range all {
		fits := s.Name == name
		for i := 0; i+1 < len(labels); i += 2 {
			fits = fits && s.Labels[labels[i]] == labels[i+1]
		}
		if fits {
			sum += s.Value
		}
	}
	return sum
}

// Values returns the values of a label of a metric.
func (all Samples) Values(name, label string) map[string]bool {
	values := make(map[string]bool)
	for _, s := range all {
		if s.Name == name {
			values[s.Labels[label]] = true
		}
	}
	return values
}
