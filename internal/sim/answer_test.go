package sim_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

func sum(data []byte) string {
	d := sha256.Sum256(data)
	return hex.EncodeToString(d[:])
}

func TestAnswers(t *testing.T) {
	const text = "The bank statement of May."
	invoice := sim.Answer{Label: "invoice", Confidence: 0.7}
	unknown := sim.Answer{Label: "unknown", Confidence: 0.5}
	tests := []struct {
		name    string
		options sim.Options
		want    string
	}{
		{"the label whose words stand most often", sim.Options{}, `"bank_statement","confidence":0.9`},
		{"a rule that fits", sim.Options{Rules: []sim.Rule{{Contains: "May", Answer: invoice}}}, `"invoice","confidence":0.7`},
		{"no rule that does not fit", sim.Options{Rules: []sim.Rule{{Contains: "may", Answer: invoice}}}, `"bank_statement"`},
		{"the first rule that fits", sim.Options{Rules: []sim.Rule{{Contains: "May", Answer: unknown}, {Contains: "May", Answer: invoice}}}, `"unknown","confidence":0.5`},
		{"the key of the text before a rule", sim.Options{
			Answers: map[string]sim.Answer{sum([]byte(text)): unknown},
			Rules:   []sim.Rule{{Contains: "May", Answer: invoice}}}, `"unknown","confidence":0.5`},
		{"the key of the system text", sim.Options{Answers: map[string]sim.Answer{sum([]byte("Sort it.")): unknown}}, `"unknown","confidence":0.5`},
		{"the script's rule before the standing one", sim.Options{
			Rules:  []sim.Rule{{Contains: "May", Answer: invoice}},
			Script: sim.Script{Rules: []sim.Rule{{Contains: "May", Answer: unknown}}}}, `"unknown"`},
		{"no label that was not asked for", sim.Options{Rules: []sim.Rule{{Contains: "May", Answer: sim.Answer{Label: "passport"}}}}, `"bank_statement"`},
		{"the usual confidence where none is given", sim.Options{Rules: []sim.Rule{{Contains: "May", Answer: sim.Answer{Label: "invoice"}}}}, `"invoice","confidence":0.9`},
		{"what the hook says", sim.Options{Answer: func(c sim.Call) sim.Answer {
			return sim.Answer{Label: c.Labels[0], Confidence: float64(len(c.Text)) / 4}
		}}, `"invoice","confidence":0.25`},
		{"the rest where the hook says nothing", sim.Options{Answer: func(sim.Call) sim.Answer { return sim.Answer{} }}, `"bank_statement"`},
	}
	for _, tt := range tests {
		for _, p := range wires() {
			t.Run(p.name+" answers "+tt.name, func(t *testing.T) {
				_, url := start(t, tt.options)
				if got := p.text(t, p.mustPost(t, url, p.body)); !strings.Contains(got, tt.want) {
					t.Errorf("said %s, want %s in it", got, tt.want)
				}
			})
		}
	}
}

func TestDefaultRule(t *testing.T) {
	tests := []struct {
		name, text, labels, want string
	}{
		{"counts plurals", "Invoices and invoices of the bank", labels, "invoice"},
		{"counts every word of a label", "bank statement, invoice", labels, "bank_statement"},
		{"ignores case and punctuation", "INVOICE! Invoice?", labels, "invoice"},
		{"gives ties to the earlier label", "letter contract", `["contract","letter"]`, "contract"},
		{"does not find words within words", "embankments", labels, "unknown"},
		{"never picks unknown by its word", "unknown unknown invoice", labels, "invoice"},
		{"falls back to other", "nothing", `["a_b","other"]`, "other"},
		{"falls back to the first label", "nothing", `["a_b","c_d"]`, "a_b"},
		{"reads other scripts", "Счёт на оплату: счёт", `["договор","счёт"]`, "счёт"},
	}
	_, url := start(t, sim.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := with(t, openaiWire.body, "messages.1.content", fmt.Sprintf("%q", tt.text))
			body = with(t, body, "response_format.json_schema.schema.properties.category.enum", tt.labels)
			r := openaiWire.mustPost(t, url, body)
			if got := openaiWire.text(t, r); !strings.Contains(got, `"category":"`+tt.want+`"`) {
				t.Errorf("said %s, want %s", got, tt.want)
			}
		})
	}
}

func TestKeyOfAnImage(t *testing.T) {
	encoded := pngOf(t, 3, 3)
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	s, url := start(t, sim.Options{Answers: map[string]sim.Answer{sum(raw): {Label: "invoice", Confidence: 0.6}}})
	body := with(t, anthropicWire.body, "messages.0.content.1", `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"`+encoded+`"}}`)
	if got := anthropicWire.text(t, anthropicWire.mustPost(t, url, body)); got != `{"category":"invoice","confidence":0.6}` {
		t.Errorf("said %s", got)
	}
	if row := s.Requests()[0]; !row.HasImage || row.PromptTokens != 9+1 {
		t.Errorf("ledger row %+v", row)
	}
}

func TestShapes(t *testing.T) {
	const enum = `{"type":"string","enum":` + labels + `}`
	tests := []struct {
		name, schema, want string
	}{
		{"classification", `{"type":"object","properties":{"classification":` + enum + `}}`, `{"classification":"bank_statement"}`},
		{"another name", `{"type":"object","properties":{"kind":` + enum + `}}`, `{"kind":"bank_statement"}`},
		{"category before another enum", `{"type":"object","properties":{"size":{"enum":["s","m"]},"category":` + enum + `}}`, `{"size":"s","category":"bank_statement"}`},
		{"confidence before the label", `{"type":"object","properties":{"confidence":{"type":"number"},"category":` + enum + `}}`, `{"confidence":0.9,"category":"bank_statement"}`},
		{"confidence in percent", `{"type":"object","properties":{"category":` + enum + `,"confidence":{"type":"integer","maximum":100}}}`, `{"category":"bank_statement","confidence":90}`},
		{"every type", `{"type":"object","properties":{"category":` + enum + `,"a":{"type":"string"},"b":{"type":"boolean"},"c":{"type":"array","items":{"type":"number"},"minItems":2},"d":{"type":["null","string"]},"e":{"type":"object","properties":{}}}}`, `{"category":"bank_statement","a":"","b":false,"c":[0,0],"d":null,"e":{}}`},
		{"nested", `{"type":"object","properties":{"answers":{"type":"array","minItems":1,"items":{"type":"object","properties":{"category":` + enum + `}}}}}`, `{"answers":[{"category":"bank_statement"}]}`},
		{"by reference", `{"type":"object","$defs":{"label":` + enum + `},"properties":{"category":{"$ref":"#/$defs/label"}}}`, `{"category":"bank_statement"}`},
		{"by alternative", `{"type":"object","properties":{"category":{"anyOf":[` + enum + `,{"type":"null"}]}}}`, `{"category":"bank_statement"}`},
	}
	_, url := start(t, sim.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := with(t, openaiWire.body, "response_format.json_schema", `{"name":"a","schema":`+tt.schema+`}`)
			r := openaiWire.mustPost(t, url, body)
			if got := openaiWire.text(t, r); got != tt.want {
				t.Errorf("said %s, want %s; status %d %s", got, tt.want, r.status, r.body)
			}
		})
	}
}

func TestWithoutSchema(t *testing.T) {
	_, url := start(t, sim.Options{Labels: []string{"invoice", "bank_statement"}})
	body := with(t, openaiWire.body, "response_format", "")
	if got := openaiWire.text(t, openaiWire.mustPost(t, url, body)); got != "bank_statement" {
		t.Errorf("said %s, want the bare label", got)
	}
	body = with(t, body, "messages.0.content", `"Answer in JSON."`)
	if got := openaiWire.text(t, openaiWire.mustPost(t, url, body)); got != `{"classification":"bank_statement","confidence":0.9}` {
		t.Errorf("said %s, want JSON", got)
	}
}

func TestImageTokens(t *testing.T) {
	tests := []struct {
		model, detail string
		w, h, want    int
	}{
		{"gpt-4o", "high", 1024, 1024, 765},
		{"gpt-4o", "low", 1024, 1024, 85},
		{"gpt-4o", "high", 512, 512, 255},
		{"gpt-4o-mini", "high", 1024, 1024, 25_501},
		{"gpt-4o-mini", "low", 1024, 1024, 2_833},
		{"gpt-4o-mini", "high", 512, 512, 8_500},
		{"gpt-4.1-mini", "auto", 1024, 1024, 1_659},
		{"gpt-4.1-mini", "auto", 3000, 3000, 2_489},
		{"gpt-6-luna", "auto", 1024, 1024, 1_229},
		{"gpt-6-luna", "high", 3200, 3200, 3_000},
		{"gemini-2.5-flash-lite", "", 1024, 1024, 1_032},
		{"gemini-2.5-flash-lite", "", 384, 384, 258},
		{"gemini-3.5-flash-lite", "", 1024, 1024, 1_090},
		{"claude-haiku-4-5", "", 1024, 1024, 1_369},
		{"claude-haiku-4-5", "", 4000, 4000, 1_568},
		{"claude-haiku-5-5", "", 4000, 4000, 4_784},
	}
	_, url := start(t, sim.Options{})
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s sees %d by %d %s", tt.model, tt.w, tt.h, tt.detail), func(t *testing.T) {
			if got := promptTokens(t, url, tt.model, tt.detail, pngHead(tt.w, tt.h)); got != tt.want+1 { // and a token of text
				t.Errorf("%d tokens, want %d", got-1, tt.want)
			}
		})
	}
}

// promptTokens asks a model about an image and four bytes of text and returns the tokens billed.
func promptTokens(t *testing.T, url, model, detail, data string) int {
	t.Helper()
	var p provider
	var path string
	switch {
	case strings.HasPrefix(model, "gemini"):
		p, path = geminiWire, "usageMetadata.promptTokenCount"
		p.path = "/v1beta/models/" + model + ":generateContent"
		p.body = `{"contents":[{"parts":[{"text":"text"},{"inlineData":{"mimeType":"image/png","data":"` + data + `"}}]}]}`
	case strings.HasPrefix(model, "claude"):
		p, path = anthropicWire, "usage.input_tokens"
		p.body = `{"model":"` + model + `","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":"text"},` +
			`{"type":"image","source":{"type":"base64","media_type":"image/png","data":"` + data + `"}}]}]}`
	default:
		p, path = openaiWire, "usage.prompt_tokens"
		p.body = `{"model":"` + model + `","messages":[{"role":"user","content":[{"type":"text","text":"text"},` +
			`{"type":"image_url","image_url":{"url":"data:image/png;base64,` + data + `","detail":"` + detail + `"}}]}]}`
	}
	r := p.mustPost(t, url, p.body)
	n, ok := at(t, r.body, path).(float64)
	if !ok {
		t.Fatalf("no usage in %s", r.body)
	}
	return int(n)
}
