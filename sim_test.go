package docsift_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/sim"
)

// providers starts the simulator and returns the settings that lead to it, with keys for all.
func providers(t testing.TB, o sim.Options) (*sim.Server, map[string]string) {
	t.Helper()
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, map[string]string{
		"OPENAI_API_KEY": "sk-test-mini", "OPENAI_GPT4O_API_KEY": "sk-test-4o",
		"GOOGLE_API_KEY": "test-google", "ANTHROPIC_API_KEY": "test-anthropic",
		"OPENAI_BASE_URL": srv.URL + "/v1", "GOOGLE_GEMINI_BASE_URL": srv.URL, "ANTHROPIC_BASE_URL": srv.URL,
		"MAX_RETRIES": "0",
	}
}

func open(t testing.TB, env map[string]string, o docsift.Options) *docsift.Classifier {
	t.Helper()
	o.Getenv = lookup(env)
	c, err := docsift.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// page is a picture of a page, which the simulator cannot read and a model would.
func page(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// says makes a model answer a label with a confidence, whatever it is asked.
func says(model, label string, confidence sim.Raw) sim.Step {
	return sim.Step{Match: sim.Match{Model: model}, Effect: sim.Effect{Label: label, Confidence: confidence}}
}

// fails makes a model answer with an error.
func fails(model, fault string) sim.Step {
	return sim.Step{Match: sim.Match{Model: model}, Effect: sim.Effect{Fault: fault}}
}

// impatient returns a client that waits for an answer no longer than patience.
func impatient(t testing.TB) *http.Client {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = patience
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// patience is how long an impatient client waits.
const patience = 300 * time.Millisecond
