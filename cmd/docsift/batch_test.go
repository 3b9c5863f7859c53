package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
)

// provider simulates a provider whose larger model never answers: it calls hung instead.
func provider(t *testing.T, label, confidence string, hung func()) (*sim.Server, func(string) string) {
	t.Helper()
	s, err := sim.New(sim.Options{Script: sim.Script{Steps: []sim.Step{
		{Effect: sim.Effect{Label: label, Confidence: sim.Raw(confidence)}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if bytes.Contains(body, []byte(`"gpt-4o"`)) {
			hung()
			<-r.Context().Done()
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	env := map[string]string{"OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": srv.URL + "/v1", "MAX_RETRIES": "0"}
	return s, func(name string) string { return env[name] }
}

// documents writes n documents and returns their paths.
func documents(t *testing.T, n int) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i := range n {
		path := filepath.Join(dir, fmt.Sprintf("%02d.txt", i))
		text := fmt.Sprintf("Letter number %d, which says next to nothing of what it is meant to be.", i)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// What was under way when the user pressed ^C may have been paid for: it is told and counted.
func TestInterruptedCallsAreCounted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	_, getenv := provider(t, "receipt", "0.4", interrupt)
	for _, format := range []string{"--json", "--json=false"} {
		t.Run(format, func(t *testing.T) {
			var out, log bytes.Buffer
			p := process{getenv: getenv, in: strings.NewReader(""), out: &out, log: &log}
			args := append([]string{"classify", "--policy", "guide", "-t", "finance", "-j", "1", format}, documents(t, 5)...)
			if status := p.run(ctx, args); status != 130 {
				t.Errorf("status %d, want 130: %s", status, log.String())
			}
			if format == "--json" {
				checkInterruptedJSON(t, out.Bytes())
			} else if !regexp.MustCompile(`^FILE .*\n\S*00.txt .* interrupted\n$`).MatchString(out.String()) {
				t.Errorf("table %q, want the one document that was begun", out.String())
			}
			if !regexp.MustCompile(`(?m)^0 classified, 0 failed, 1 interrupted, cost at least \$0\.0*[1-9]`).MatchString(log.String()) {
				t.Errorf("summary %q, want one interrupted and what it cost at least", log.String())
			}
		})
		ctx, interrupt = context.WithCancel(t.Context())
		_, getenv = provider(t, "receipt", "0.4", interrupt)
	}
}

func checkInterruptedJSON(t *testing.T, out []byte) {
	t.Helper()
	var res docsift.Result
	if err := json.Unmarshal(out, &res); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if res.Error == nil || res.Error.Code != fault.Canceled || len(res.Attempts) < 2 {
		t.Errorf("result %s, want the interrupted one with its attempts", out)
	}
}

// fullDisk takes nothing.
type fullDisk struct{ err error }

func (d fullDisk) Write([]byte) (int, error) { return 0, d.err }

// Nothing more is sent once the answers have nowhere to go.
func TestWriteErrorEndsTheWork(t *testing.T) {
	tests := []struct {
		name    string
		err     error
		wantLog string // "" for no word of it
	}{
		{"a full disk is named", syscall.ENOSPC, "docsift: write the results: no space left on device"},
		{"a closed pipe is no mistake", syscall.EPIPE, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, getenv := provider(t, "receipt", "0.95", func() {})
			var log bytes.Buffer
			p := process{getenv: getenv, in: strings.NewReader(""), out: fullDisk{tt.err}, log: &log}
			args := append([]string{"classify", "--policy", "guide", "-q", "--json", "-j", "1"}, documents(t, 10)...)
			if status := p.run(t.Context(), args); status != 1 {
				t.Errorf("status %d, want 1", status)
			}
			if got := strings.TrimSpace(log.String()); got != tt.wantLog {
				t.Errorf("log %q, want %q", got, tt.wantLog)
			}
			// One that failed to be written, and one that was under way meanwhile.
			if n := len(s.Requests()); n < 1 || n > 2 {
				t.Errorf("%d documents were sent, want 1 or 2 of 10", n)
			}
		})
	}
}

// A read of standard input that does not end gives way to ^C.
func TestInterruptWhileReadingInput(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	in, hold := io.Pipe()
	defer hold.Close()
	go func() {
		io.WriteString(hold, "the first words of a letter") // returns once they are read
		interrupt()
	}()
	var out, log bytes.Buffer
	p := process{getenv: func(string) string { return "" }, in: in, out: &out, log: &log}
	if status := p.run(ctx, []string{"classify", "-"}); status != 130 {
		t.Errorf("status %d, want 130: %s", status, log.String())
	}
	if !strings.Contains(out.String(), "interrupted") {
		t.Errorf("table %q", out.String())
	}
}
