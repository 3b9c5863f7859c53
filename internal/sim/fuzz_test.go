package sim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

// serve sends an OpenAI request without a network and returns the status and the Retry-After.
func serve(s *sim.Server, body io.Reader) string {
	w := roundTrip(s, openaiWire, body)
	return strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Header().Get("Retry-After")))
}

func roundTrip(s *sim.Server, p provider, body io.Reader) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, p.path, body)
	req.Header.Set("Content-Type", "application/json")
	for k, v := range p.header {
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return w
}

// fuzzBodies holds every reply to JSON, and an accepted body to being JSON itself.
func fuzzBodies(f *testing.F, p provider, seeds ...string) {
	f.Add(p.body)
	for _, seed := range seeds {
		f.Add(seed)
	}
	s, err := sim.New(sim.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := roundTrip(s, p, strings.NewReader(body))
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("status %d with a body that is no JSON: %s", w.Code, w.Body)
		}
		switch w.Code {
		case http.StatusOK:
			if !json.Valid([]byte(body)) {
				t.Error("a body that is no JSON was accepted")
			}
		case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
		default:
			t.Errorf("status %d", w.Code)
		}
	})
}

func FuzzOpenAI(f *testing.F) {
	fuzzBodies(f, openaiWire,
		`{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/webp;base64,`+webp()+`"}}]}]}`,
		`{"model":"gpt-4o","messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"$defs":{"a":{"properties":{"x":{"$ref":"#/$defs/a"},"y":{"$ref":"#/$defs/a"}}}},"properties":{"z":{"$ref":"#/$defs/a"}}}}}}`)
}

func FuzzGemini(f *testing.F) {
	fuzzBodies(f, geminiWire,
		`{"contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"aGk="}}]}],"generation_config":{"response_mime_type":"text/x.enum","response_schema":{"enum":["a","b"]}}}`)
}

func FuzzAnthropic(f *testing.F) {
	fuzzBodies(f, anthropicWire,
		`{"model":"claude-haiku-5-5","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lGODlh"}}]}]}`)
}

// FuzzLoadScript holds a script that loads to being taken by New too.
func FuzzLoadScript(f *testing.F) {
	f.Add("steps:\n  - match: {provider: openai, nth: 3}\n    effect: {fault: insufficient_quota, confidence: .nan}\n")
	f.Add(`{"answers":{"00":{"label":"a"}},"rules":[{"contains":"a","label":"b","confidence":1}]}`)
	f.Add("steps: [{match: {share: .nan}, effect: {delay: 1h, billed: false}}]")
	f.Fuzz(func(t *testing.T, text string) {
		script, err := sim.LoadScript(strings.NewReader(text))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %v", err)
			}
			return
		}
		if _, err := sim.New(sim.Options{Script: script}); err != nil {
			t.Errorf("loaded, but refused by New: %v", err)
		}
	})
}
