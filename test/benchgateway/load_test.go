//go:build linux

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Texts are as long as they should be and differ, so that no cache can help.
func TestTexts(t *testing.T) {
	seen := make(map[string]bool)
	for n := range 2000 {
		seen[textOf(n)] = true
		if len(textOf(n)) != textBytes {
			t.Fatalf("text %d has %d bytes", n, len(textOf(n)))
		}
	}
	if len(seen) != 2000 {
		t.Errorf("%d texts of 2000 are different", len(seen))
	}
}

// Every request is sent when it is due, with its own text, and a bad answer is an error.
func TestDrive(t *testing.T) {
	var mu sync.Mutex
	bodies := make(map[string]bool)
	url, stop, err := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		b.ReadFrom(r.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies[b.String()] = true
		if len(bodies)%5 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprint(w, "fine")
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	w := way{url: url, body: []byte("<" + mark + ">"), wants: "fine", client: client(), pid: os.Getpid()}
	r := drive(t.Context(), w, 200, 500*time.Millisecond)
	if len(r.took) != 80 || r.failed != 20 || len(bodies) != 100 || !strings.Contains(r.why, "503") {
		t.Errorf("%d answers, %d errors (%s), %d bodies; want 80, 20 and 100", len(r.took), r.failed, r.why, len(bodies))
	}
	for b := range bodies {
		if len(b) != textBytes+2 {
			t.Fatalf("a body of %d bytes: %.40q", len(b), b)
		}
	}
}

func TestResult(t *testing.T) {
	var r result
	for i := 100; i > 0; i-- {
		r.add(result{took: []time.Duration{time.Duration(i) * time.Millisecond}, span: 10 * time.Millisecond, cpu: time.Millisecond})
	}
	if r.at(0.5) != 51*time.Millisecond || r.at(0.99) != 100*time.Millisecond || r.each() != time.Millisecond {
		t.Errorf("median %v, 99th %v, CPU %v each", r.at(0.5), r.at(0.99), r.each())
	}
	if !r.keepsUp(100, 30*time.Millisecond) || r.keepsUp(100, 20*time.Millisecond) || r.keepsUp(110, 30*time.Millisecond) {
		t.Error("what keeps up is not what answered nearly all in time")
	}
	var out bytes.Buffer
	report(&out, []way{{name: "direct"}, {name: "between"}}, []result{{took: []time.Duration{50 * time.Millisecond}}, r})
	if !strings.Contains(out.String(), "1.00") || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("the report lacks what was added:\n%s", &out)
	}
}

// The CPU time of a process is what it burnt.
func TestCPU(t *testing.T) {
	before := cpuOf(os.Getpid())
	for deadline := time.Now().Add(10 * time.Second); cpuOf(os.Getpid())-before < 5*tick && time.Now().Before(deadline); {
		_ = textOf(1)
	}
	if spent := cpuOf(os.Getpid()) - before; spent < 5*tick {
		t.Errorf("CPU %v after burning, want at least %v", spent, 5*tick)
	}
	if cpuOf(0) != 0 {
		t.Error("no process has CPU time")
	}
}

// The body that is sent directly is docsift's own.
func TestChatBody(t *testing.T) {
	body, err := chatBody(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{mark, `"model":"gpt-6-luna"`, "delivery note", "Which kind of document is this?"} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("the body lacks %q: %s", want, body)
		}
	}
}
