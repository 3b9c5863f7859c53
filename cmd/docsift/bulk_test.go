package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/bulk"
	"github.com/docsift/docsift/model"
)

// answers reads an output: the lines by the path of their file.
func answers(t *testing.T, path string) map[string]bulk.Line {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := make(map[string]bulk.Line)
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var l bulk.Line
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%q: %v", s.Text(), err)
		}
		if _, twice := all[l.File.Path]; twice {
			t.Errorf("%s is answered twice", l.File.Path)
		}
		all[l.File.Path] = l
	}
	return all
}

// What was under way when the user pressed ^C is asked about again; what it had cost is not forgotten.
func TestInterruptedRunsGoOn(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	_, getenv := provider(t, "receipt", "0.4", interrupt) // the stronger model never answers
	dir := filepath.Dir(documents(t, 5)[0])
	out := filepath.Join(t.TempDir(), "out.jsonl")
	run := func(ctx context.Context, getenv func(string) string, args ...string) (int, string) {
		var log bytes.Buffer
		p := process{getenv: getenv, in: strings.NewReader(""), out: io.Discard, log: &log}
		return p.run(ctx, append([]string{"classify", "--policy", "guide", "-t", "finance", "-j", "2", "-o", out, dir}, args...)), log.String()
	}
	status, log := run(ctx, getenv)
	if status != 130 || !strings.Contains(log, "The same command goes on from here") {
		t.Fatalf("status %d, %s", status, log)
	}
	if n := len(answers(t, out)); n != 0 {
		t.Errorf("%d answers that were broken off are kept", n)
	}
	note, err := os.ReadFile(bulk.NotePath(out))
	if err != nil {
		t.Fatal(err)
	}
	var told struct{ Lost model.Cost }
	if err := json.Unmarshal(note, &told); err != nil || told.Lost.Estimated() == 0 {
		t.Errorf("what it had cost is forgotten: %s, %v", note, err)
	}
	_, sure := provider(t, "receipt", "0.9", func() {}) // at another address: an output without answers takes new settings
	status, log = run(t.Context(), sure)
	if all := answers(t, out); status != 0 || len(all) != 5 || !strings.Contains(log, "which cost at least $0.0004") {
		t.Errorf("status %d, %d answers: %s", status, len(all), log)
	}
	status, log = run(t.Context(), getenv)
	if status != 1 || !strings.Contains(log, "other settings") {
		t.Errorf("status %d: %s", status, log)
	}
}

// However often the process dies, each document is answered once in the end, and the provider is
// asked again only about what was under way.
func TestKilledRunsGoOn(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	const documents, jobs = 60, 4
	dir := t.TempDir()
	for i := range documents {
		text := fmt.Sprintf("Letter number %d, which says next to nothing of what it is meant to be.", i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.txt", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := provider(t, "receipt", "0.9", func() {})
	var killed atomic.Pointer[os.Process]
	var calls atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := calls.Add(1); n%13 == 0 {
			if p := killed.Load(); p != nil {
				p.Kill()
			}
		}
		s.ServeHTTP(w, r)
	}))
	defer srv.Close()
	out := filepath.Join(t.TempDir(), "out.jsonl")
	kills := 0
	for {
		cmd := exec.CommandContext(t.Context(), "docsift", "classify", dir, "-q", "-p", "guide", "-j", fmt.Sprint(jobs), "-o", out)
		cmd.Env = []string{"OPENAI_API_KEY=sk-canary", "OPENAI_BASE_URL=" + srv.URL + "/v1", "MAX_RETRIES=0", "DOCSIFT_LEDGER=off", "DOCSIFT_CHILDREN=0", "PATH=" + os.Getenv("PATH"), "DOCSIFT_OCR=off"}
		var log bytes.Buffer
		cmd.Stderr = &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed.Store(cmd.Process)
		if err := cmd.Wait(); err == nil {
			break
		}
		if kills++; kills > documents || log.Len() > 0 {
			t.Fatalf("killed %d times: %s", kills, log.String())
		}
	}
	if n := len(answers(t, out)); n != documents {
		t.Errorf("%d documents have an answer, want %d", n, documents)
	}
	if n := int(calls.Load()); kills == 0 || n > documents+kills*jobs {
		t.Errorf("%d calls for %d documents and %d kills with %d under way", n, documents, kills, jobs)
	}
}

func TestProgressSaysHowLongItTakes(t *testing.T) {
	var log bytes.Buffer
	p := process{log: &log, out: io.Discard}.newProgress(classifyFlags{quiet: true})
	if p.preparing(); log.Len() > 0 {
		t.Errorf("who wants no progress reads %q", log.String())
	}
	begun := time.Now()
	p.begun = begun
	if got := p.pace(begun.Add(time.Second)); got != "0 failed" {
		t.Errorf("at first: %q", got)
	}
	p.total.Store(1010)
	p.counted.Store(true)
	p.known.Store(10)
	p.ended.Store(110)
	p.paid(model.Cost{NanoUSD: 123_400_000, Known: true})
	if got, want := p.pace(begun.Add(10*time.Second)), "0 failed  $0.1234  10/s  1m30s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for seconds, want := range map[float64]string{59: "59s", 5400: "1h30m", 86400 * 3.5: "3.5 days", 1e9: "years"} {
		if got := span(seconds); got != want {
			t.Errorf("%v seconds: %q, want %q", seconds, got, want)
		}
	}
}
