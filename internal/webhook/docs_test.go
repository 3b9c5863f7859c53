package webhook_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/storetest"
	"github.com/docsift/docsift/internal/webhook"
)

// block returns the first block of a language in the documentation that begins as said.
func block(t *testing.T, language, begins string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```" + language + "\n(" + regexp.QuoteMeta(begins) + ".*?)```").FindSubmatch(text)
	if m == nil {
		t.Fatalf("docs/webhooks.md has no block of %s that begins with %s", language, begins)
	}
	return string(m[1])
}

// The event in the documentation has the fields that events have.
func TestDocumentedEvent(t *testing.T) {
	k := world(t)
	w, _ := hook(t, k, deliverer(t, k, webhook.Options{}), "https://example.com/")
	storetest.Finish(t, k.Store, "a", store.Completed)
	want, got := fields(t, only(t, k, w).Payload), fields(t, block(t, "json", "{"))
	if !slices.Equal(got, want) {
		t.Errorf("documented are %v, sent are %v", got, want)
	}
}

// fields returns the names of all fields of a JSON object, with those of objects in it.
func fields(t *testing.T, text string) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	var names []string
	var walk func(at string, v any)
	walk = func(at string, v any) {
		of, _ := v.(map[string]any)
		for name, v := range of {
			names = append(names, at+name)
			walk(at+name+".", v)
		}
	}
	walk("", v)
	slices.Sort(names)
	return names
}

// The examples of the documentation tell what was signed from what was not.
func TestDocumentedVerification(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	program := write("verify.go", block(t, "go", "package main"))
	main := write("main.go", `package main

import (
	"net/http"
	"os"
)

func main() {
	body, err := os.ReadFile(os.Getenv("BODY"))
	h := http.Header{}
	h.Set("webhook-id", os.Getenv("ID"))
	h.Set("webhook-timestamp", os.Getenv("TIMESTAMP"))
	h.Set("webhook-signature", os.Getenv("SIGNATURE"))
	if err != nil || !verify(os.Getenv("SECRET"), h, body) {
		os.Exit(1)
	}
}
`)
	binary := filepath.Join(dir, "verify")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, program, main).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	python := write("verify.py", block(t, "python", "import")+`
import os, sys
e = os.environ
headers = {"webhook-id": e["ID"], "webhook-timestamp": e["TIMESTAMP"], "webhook-signature": e["SIGNATURE"]}
sys.exit(not verify(e["SECRET"], headers, open(e["BODY"], "rb").read()))
`)
	shell := write("verify.sh", block(t, "sh", "key="))

	d := deliverer(t, world(t), webhook.Options{})
	secret, _ := d.NewSecret("a")
	before, _ := d.NewSecret("a")
	const body = `{"type":"webhook.test","data":{"id":"ü"}}`
	right, wrong := write("body", body), write("other", body+" ")
	headers := func(at time.Time) http.Header {
		h := http.Header{}
		if err := webhook.Sign(h, []string{before, secret}, "019a", at, body); err != nil {
			t.Fatal(err)
		}
		return h
	}
	now, old := headers(time.Now()), headers(time.Now().Add(-10*time.Minute))
	for name, command := range map[string][]string{"Go": {binary}, "Python": {"python3", python}, "the shell": {"sh", shell}} {
		t.Run(name, func(t *testing.T) {
			for _, tool := range map[string][]string{"Python": {"python3"}, "the shell": {"sh", "openssl", "od"}}[name] {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("%s is not installed", tool)
				}
			}
			taken := func(secret, body string, h http.Header) bool {
				cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
				cmd.Env = append(os.Environ(), "SECRET="+secret, "BODY="+body, "ID="+h.Get("webhook-id"),
					"TIMESTAMP="+h.Get("webhook-timestamp"), "SIGNATURE="+h.Get("webhook-signature"))
				return cmd.Run() == nil
			}
			if !taken(secret, right, now) || !taken(before, right, now) {
				t.Error("what was signed is refused")
			}
			if taken(secret, wrong, now) {
				t.Error("what was not signed is taken")
			}
			if name != "the shell" && taken(secret, right, old) {
				t.Error("what was signed long ago is taken")
			}
		})
	}
}
