package sim_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

func TestLoadScript(t *testing.T) {
	const yamlScript = `
answers:
  9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08: {label: invoice, confidence: 0.97}
rules:
  - {contains: Form 1040, label: tax_document}
steps:
  - match: {provider: openai, model: gpt-4o, nth: 3}
    effect: {fault: insufficient_quota, code: project_spend_limit_exceeded}
  - match: {from: 2, count: 5, every: 2, share: 0.5}
    effect: {status: 503, retry_after: 2, billed: true}
  - effect: {delay: 1m30s, drip: 10ms, confidence: "95%"}
`
	const jsonScript = "{\n\t\"steps\": [\n\t\t{\"effect\": {\"confidence\": 1.7, \"label\": \"a\\tb\"}}\n\t]\n}"
	billed := true
	tests := []struct {
		name, text string
		want       sim.Script
	}{
		{"nothing", "", sim.Script{}},
		{"YAML", yamlScript, sim.Script{
			Answers: map[string]sim.Answer{"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08": {Label: "invoice", Confidence: 0.97}},
			Rules:   []sim.Rule{{Contains: "Form 1040", Answer: sim.Answer{Label: "tax_document"}}},
			Steps: []sim.Step{
				{Match: sim.Match{Provider: sim.OpenAI, Model: "gpt-4o", Nth: 3}, Effect: sim.Effect{Fault: "insufficient_quota", Code: "project_spend_limit_exceeded"}},
				{Match: sim.Match{From: 2, Count: 5, Every: 2, Share: 0.5}, Effect: sim.Effect{Status: 503, RetryAfter: "2", Billed: &billed}},
				{Effect: sim.Effect{Delay: 90 * time.Second, Drip: 10 * time.Millisecond, Confidence: `"95%"`}},
			}}},
		{"JSON indented by tabs", jsonScript, sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Confidence: "1.7", Label: "a\tb"}}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sim.LoadScript(strings.NewReader(tt.text))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("script %+v, error %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestRawConfidence(t *testing.T) {
	tests := []struct {
		yaml string
		want sim.Raw
	}{
		{"0.5", "0.5"}, {"1.7", "1.7"}, {"-1", "-1"}, {`"95%"`, `"95%"`}, {"high", `"high"`}, {`"NaN"`, `"NaN"`},
		{".nan", "NaN"}, {"null", "null"}, {"true", "true"}, {"missing", sim.Missing},
	}
	for _, tt := range tests {
		t.Run(tt.yaml, func(t *testing.T) {
			s, err := sim.LoadScript(strings.NewReader("steps: [{effect: {label: a, confidence: " + tt.yaml + "}}]"))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Steps[0].Effect.Confidence; got != tt.want {
				t.Errorf("confidence %s, want %s", got, tt.want)
			}
		})
	}
}

func TestBrokenScripts(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"not YAML", "steps: [", "line 1"},
		{"another document", "steps: []\n---\nsteps: []", "more than one document"},
		{"an unknown field", "steps:\n  - match: {}\n    efect: {}", "line 3: field efect not found"},
		{"an unknown effect", "steps:\n  - effect:\n      fautl: x", "line 3: field fautl not found"},
		{"an unknown fault", "steps:\n  - effect: {status: 500}\n  - effect: {fault: tired}", `line 3: effect: no fault "tired"; there are rate_limit_exceeded`},
		{"an unknown provider", "steps:\n  - match: {provider: acme}\n    effect: {hang: true}", `line 2: match: no provider "acme"`},
		{"a step that does nothing", "rules: []\nsteps:\n\n  - match: {nth: 1}\n", "line 4: effect: it does nothing"},
		{"two effects at once", "steps: [{effect: {hang: true, cut: before}}]", "hang and cut exclude each other"},
		{"a code without an error", "steps: [{effect: {hang: true, code: x}}]", "need fault or status"},
		{"a success as status", "steps: [{effect: {status: 200}}]", "status 200 cannot be answered here"},
		{"a status nobody knows", "steps: [{effect: {status: 599}}]", "status 599 cannot be answered here"},
		{"a fault with a status", "steps: [{effect: {fault: slow_down, status: 500}}]", "exclude each other"},
		{"an unknown cut", "steps: [{effect: {cut: after}}]", `cut "after"`},
		{"an unknown garbage", "steps: [{effect: {garbage: xml}}]", `no garbage "xml"`},
		{"an unknown finish", "steps: [{effect: {finish: SPII}}]", `no finish "SPII"`},
		{"an unknown usage", "steps: [{effect: {usage: none}}]", `usage "none"`},
		{"a negative delay", "steps: [{effect: {delay: -1s}}]", "must not be negative"},
		{"a confidence that is a list", "steps: [{effect: {confidence: [1]}}]", "line 1: confidence must be a scalar"},
		{"nth with every", "steps: [{match: {nth: 1, every: 2}, effect: {hang: true}}]", "nth excludes"},
		{"a negative count", "steps: [{match: {count: -1}, effect: {hang: true}}]", "must not be negative"},
		{"too large a share", "steps: [{match: {share: 1.5}, effect: {hang: true}}]", "share 1.5"},
		{"a key that is no digest", "answers:\n  abc: {label: a}", `line 2: "abc" is not the hex SHA-256`},
		{"an answer without a label", "rules:\n  - {contains: a, label: b}\n  - {contains: c}", "line 3: label is empty"},
		{"a rule without a text", "rules: [{label: b}]", "contains is empty"},
		{"an answer too sure", "rules: [{contains: a, label: b, confidence: 1.1}]", "confidence 1.1"},
		{"a Retry-After over two lines", `steps: [{effect: {status: 429, retry_after: "1\n2"}}]`, "spans lines"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sim.LoadScript(strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want %q in one line", err, tt.want)
			}
		})
	}
}

func TestGeminiScriptsMayUseItsOwnReasons(t *testing.T) {
	script, err := sim.LoadScript(strings.NewReader("steps: [{match: {provider: gemini}, effect: {finish: SPII}}]"))
	if err != nil {
		t.Fatal(err)
	}
	_, url := start(t, sim.Options{Script: script})
	r := geminiWire.mustPost(t, url, geminiWire.body)
	if got := at(t, r.body, "candidates.0.finishReason"); got != "SPII" {
		t.Errorf("finishReason %v", got)
	}
}

func TestSetScriptKeepsTheOldOneWhenTheNewIsWrong(t *testing.T) {
	s, url := start(t, sim.Options{Script: steps(sim.Effect{Status: 500})})
	if err := s.SetScript(steps(sim.Effect{Fault: "tired"})); err == nil {
		t.Error("a wrong script was taken")
	}
	if r := openaiWire.mustPost(t, url, openaiWire.body); r.status != 500 {
		t.Errorf("status %d, want 500 by the old script", r.status)
	}
}

// TestDocumentedScripts loads every script that the package comment shows.
func TestDocumentedScripts(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(".", "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	loaded := 0
	for line := range strings.Lines(string(source)) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			script.WriteString(code)
			continue
		}
		if script.Len() == 0 {
			continue
		}
		if _, err := sim.LoadScript(strings.NewReader(script.String())); err != nil {
			t.Errorf("%v in\n%s", err, script.String())
		}
		script.Reset()
		loaded++
	}
	if loaded != 4 {
		t.Errorf("%d scripts found, want 4", loaded)
	}
}

// A step may wait for a parameter: wherever it stands, and not for a text that names it.
func TestStepsPickWhatIsSent(t *testing.T) {
	refuse := sim.Effect{Status: 400, Message: "Logprobs is not supported for the current model."}
	_, url := start(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Match: sim.Match{Sends: "top_logprobs"}, Effect: refuse}}}})
	plain := with(t, openaiWire.body, "messages.0.content", `"\"top_logprobs\": 2, \"x\""`)
	asking := with(t, with(t, plain, "logprobs", "true"), "top_logprobs", "2")
	if r := openaiWire.mustPost(t, url, plain); r.status != 200 {
		t.Errorf("without it: status %d, %s", r.status, r.body)
	}
	if r := openaiWire.mustPost(t, url, asking); r.status != 400 {
		t.Errorf("with it: status %d, %s", r.status, r.body)
	}
}
