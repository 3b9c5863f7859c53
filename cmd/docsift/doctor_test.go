package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/model/chat"
)

func TestHealth(t *testing.T) {
	failed := func(message string) docsift.Probe {
		return docsift.Probe{Error: &cascade.Problem{Code: fault.Rejected, Message: message}}
	}
	tests := []struct {
		name  string
		probe docsift.Probe
		want  string
	}{
		{"a model with a key", docsift.Probe{LatencyMS: 50.2, Key: "OPENAI_API_KEY"}, "ok in 50 ms with OPENAI_API_KEY"},
		{"a model without", docsift.Probe{LatencyMS: 2}, "ok in 2 ms"},
		{"a complaint", failed("no such\n\tmodel"), "request_rejected: no such model"},
		{"one that would upset a terminal", failed("\x1b[2Jgone"), "request_rejected: \ufffd[2Jgone"},
		{"one without end", failed(strings.Repeat("é", 300)), "request_rejected: " + strings.Repeat("é", 199) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := health(tt.probe); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestReportTellsWhatHolds(t *testing.T) {
	own := []docsift.Probe{{Model: "vllm/m", Server: "127.0.0.1:8000", LatencyMS: 2}}
	tests := []struct {
		name   string
		env    map[string]string
		models []docsift.Probe
		want   []string
		not    string
	}{
		{"nothing is set", nil, nil, []string{"[0-9]+ others +as by default; .*", "no key is set: only the local model answers; see .env.example"}, "GEMINI_API_KEY"},
		{"a key is set", map[string]string{"GEMINI_API_KEY": "g-canary"}, nil, []string{"GEMINI_API_KEY +set"}, "no key is set"},
		{"a setting is", map[string]string{"LOG_LEVEL": "debug"}, nil, []string{"LOG_LEVEL +debug"}, "OPENAI_BASE_URL"},
		{"a server of one's own needs no key", nil, own, []string{"vllm/m at 127.0.0.1:8000 +ok in 2 ms"}, "no key is set"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			c := config.Config{Getenv: func(name string) string { return tt.env[name] }}
			if err := (process{out: &out}).printReport(report{Settings: settings(c), Models: tt.models}); err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !regexp.MustCompile("(?m)^" + want + "$").MatchString(out.String()) {
					t.Errorf("no line %q in\n%s", want, &out)
				}
			}
			if tt.not != "" && strings.Contains(out.String(), tt.not) || strings.Contains(out.String(), "canary") {
				t.Errorf("too much in\n%s", &out)
			}
		})
	}
}

func TestReportTellsLimits(t *testing.T) {
	var out bytes.Buffer
	r := report{Limits: []modelLimits{
		{"openai/gpt-4o-mini", "OPENAI_API_KEY", []docsift.LimitStatus{
			{Name: "requests per minute", Most: 500, Source: "provider"}, {Name: "tokens per minute", Most: 200_000, Source: "policy"},
		}},
		{"google/gemini-2.5-flash-lite", "GOOGLE_API_KEY", nil},
	}}
	if err := (process{out: &out}).printReport(r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"openai/gpt-4o-mini +500 requests per minute [(]provider[)], 200000 tokens per minute [(]policy[)]",
		"google/gemini-2.5-flash-lite +not known: .*",
	} {
		if !regexp.MustCompile("(?m)^" + want + "$").MatchString(out.String()) {
			t.Errorf("no line %q in\n%s", want, &out)
		}
	}
}

func TestAbilities(t *testing.T) {
	tests := []struct {
		name string
		f    chat.Features
		want string
	}{
		{"nothing is known", chat.Features{}, "not known: schema, logprobs, temperature, effort, caching, images, pdf, decisions"},
		{"some is", chat.Features{Schema: chat.Yes, Images: chat.Yes, Logprobs: chat.No, Effort: chat.No, Caching: chat.No, PDF: chat.No, Decisions: chat.No, Temperature: chat.Yes},
			"schema, temperature, images; not logprobs, effort, caching, pdf, decisions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := abilities(tt.f); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
