package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

func TestOpenAIStrictness(t *testing.T) {
	_, url := start(t, sim.Options{})
	const (
		part   = "messages.1.content.1"
		schema = "response_format.json_schema.schema"
	)
	image := func(data string) string {
		return `{"type":"image_url","image_url":{"url":"` + data + `","detail":"high"}}`
	}
	tests := []refusal{
		{"takes a string as content", "messages.1.content", `"A bank statement"`, 200, "bank_statement"},
		{"takes a PNG", part, image("data:image/png;base64," + pngOf(t, 10, 10)), 200, ""},
		{"takes a JPEG", part, image("data:image/jpeg;base64," + jpegOf(t, 10, 10)), 200, ""},
		{"takes a GIF", part, image("data:image/gif;base64," + gifOf(t)), 200, ""},
		{"takes a WebP", part, image("data:image/webp;base64," + webp()), 200, ""},
		{"takes null for an optional field", "seed", "null", 200, ""},
		{"takes a dated snapshot", "model", `"gpt-4o-mini-2024-07-18"`, 200, `"model":"gpt-4o-mini-2024-07-18"`},
		{"takes logprobs on a model without reasoning", "logprobs", "true", 200, `"logprob":`},
		{"refuses what is not JSON", "", `{"model":`, 400, "could not parse the JSON body"},
		{"refuses text after the body", "", openaiWire.body + "{}", 400, "could not parse the JSON body"},
		{"refuses an unknown field", "tempreature", "0", 400, `"param":"tempreature","code":"unknown_parameter"`},
		{"refuses another case of a field", "Temperature", "0", 400, `"code":"unknown_parameter"`},
		{"refuses an unknown field deep down", part, `{"type":"text","text":"a","lang":"en"}`, 400, "'messages[1].content[1].lang'"},
		{"refuses a wrong type", "temperature", `"0"`, 400, "Invalid type for 'temperature': expected a decimal, but got a string"},
		{"refuses a field given twice", "", `{"model":"gpt-4o","model":"gpt-4o-mini"}`, 400, "duplicate_parameter"},
		{"refuses no model", "model", "", 400, "you must provide a model parameter"},
		{"refuses an unknown model", "model", `"gpt-3"`, 404, `"code":"model_not_found"`},
		{"refuses no messages", "messages", "[]", 400, "empty_array"},
		{"refuses an unknown role", "messages.0.role", `"bot"`, 400, "Invalid value: 'bot'"},
		{"refuses an image of the system", "messages.0.content", "[" + image("data:image/png;base64,"+pngOf(t, 4, 4)) + "]", 400, "only allowed for messages with role 'user'"},
		{"refuses null content", "messages.1.content", "null", 400, "got null"},
		{"refuses an empty list of parts", "messages.1.content", "[]", 400, "empty_array"},
		{"refuses a part without a type", part, `{"text":"a"}`, 400, "messages[1].content[1].type"},
		{"refuses an unknown part", part, `{"type":"input_text","text":"a"}`, 400, "Invalid value: 'input_text'"},
		{"refuses a text part with an image", part, `{"type":"text","text":"a","image_url":{"url":"x"}}`, 400, "another part's field"},
		{"refuses an image by plain base64", part, image(pngOf(t, 4, 4)), 400, "invalid_image_url"},
		{"refuses an image by web address", part, image("https://example.com/a.png"), 400, "invalid_image_url"},
		{"refuses broken base64", part, image("data:image/png;base64,@@@"), 400, "invalid_base64"},
		{"refuses a PDF as image", part, image("data:application/pdf;base64,JVBERi0="), 400, "Invalid MIME type"},
		{"refuses a JPEG called PNG", part, image("data:image/png;base64," + jpegOf(t, 4, 4)), 400, "its bytes are image/jpeg"},
		{"refuses bytes that are no image", part, image("data:image/png;base64,aGVsbG8="), 400, "image_parse_error"},
		{"refuses an unknown detail", part, `{"type":"image_url","image_url":{"url":"data:","detail":"best"}}`, 400, "Invalid value: 'best'"},
		{"refuses a stream", "stream", "true", 400, "not simulated"},
		{"refuses tools", "tools", "[]", 400, "not simulated"},
		{"refuses temperature above 2", "temperature", "2.5", 400, "decimal_above_max_value"},
		{"refuses reasoning effort on gpt-4o", "reasoning_effort", `"low"`, 400, "Unrecognized request argument supplied: reasoning_effort"},
		{"refuses top_logprobs alone", "top_logprobs", "5", 400, "'logprobs' must be true"},
		{"refuses both token limits", "max_completion_tokens", "5", 400, "at the same time"},
		{"refuses too large a limit", "max_tokens", "99999", 400, "supports at most 16384 completion tokens"},
		{"refuses a limit of zero", "max_tokens", "0", 400, "integer_below_min_value"},
		{"refuses a prompt beyond the context", "messages.1.content", `"` + strings.Repeat("word", 130_000) + `"`, 400, "context_length_exceeded"},
		{"refuses an unknown format", "response_format.type", `"xml"`, 400, "Supported values"},
		{"refuses a schema with type text", "response_format.type", `"text"`, 400, "unknown_parameter"},
		{"refuses JSON mode without the word", "response_format", `{"type":"json_object"}`, 400, "must contain the word 'json'"},
		{"refuses a schema without a name", "response_format.json_schema.name", "", 400, "missing_required_parameter"},
		{"refuses a name with a space", "response_format.json_schema.name", `"my schema"`, 400, "does not match pattern"},
		{"refuses a long name", "response_format.json_schema.name", `"` + strings.Repeat("a", 65) + `"`, 400, "maximum length 64"},
		{"refuses an open object when strict", schema + ".additionalProperties", "", 400, "'additionalProperties' is required to be supplied and to be false"},
		{"refuses an optional property when strict", schema + ".required", `["category"]`, 400, "Missing 'confidence'"},
		{"refuses an unsupported keyword when strict", schema + ".properties.category.minLength", "1", 400, "In context=('properties', 'category'), 'minLength' is not permitted"},
		{"refuses an empty enum", schema + ".properties.category.enum", "[]", 400, "not a valid value"},
		{"refuses a list as root", schema, `{"type":"array","items":{"type":"string"}}`, 400, "must be of type 'object'"},
		{"refuses an unknown type", schema + ".properties.confidence.type", `"float"`, 400, "is not valid under any"},
		{"takes an open schema when not strict", "response_format.json_schema", `{"name":"a","schema":{"type":"object","properties":{"category":{"enum":` + labels + `}}}}`, 200, "bank_statement"},
	}
	for _, tt := range tests {
		tt.run(t, openaiWire, url)
	}
}

func TestOpenAIReasoningModels(t *testing.T) {
	_, url := start(t, sim.Options{})
	luna := openaiWire
	for _, change := range [][2]string{{"model", `"gpt-6-luna"`}, {"max_tokens", ""}, {"temperature", ""}} {
		luna.body = with(t, luna.body, change[0], change[1])
	}
	none := luna
	none.body = with(t, luna.body, "reasoning_effort", `"none"`)
	tests := []struct {
		provider
		refusal
	}{
		{luna, refusal{"reason by default and bill it", "seed", "1", 200, `"reasoning_tokens":512`}},
		{luna, refusal{"spend the limit on reasoning first", "max_completion_tokens", "300", 200, `"finish_reason":"length"`}},
		{luna, refusal{"refuse max_tokens", "max_tokens", "300", 400, "Use 'max_completion_tokens' instead"}},
		{luna, refusal{"refuse a temperature", "temperature", "0", 400, "Only the default (1) value is supported"}},
		{luna, refusal{"take the default temperature", "temperature", "1", 200, ""}},
		{luna, refusal{"refuse top_p", "top_p", "0.5", 400, "unsupported_parameter"}},
		{luna, refusal{"refuse an unknown effort", "reasoning_effort", `"tiny"`, 400, "unsupported_value"}},
		{none, refusal{"do not reason with effort none", "seed", "1", 200, `"reasoning_tokens":0`}},
		{none, refusal{"take a temperature with effort none", "temperature", "0", 200, ""}},
		{none, refusal{"refuse logprobs even then", "logprobs", "true", 400, "unsupported_parameter"}},
		{none, refusal{"refuse an effort that o3 does not have", "model", `"o3"`, 400, "does not support 'none'"}},
	}
	for _, tt := range tests {
		tt.run(t, tt.provider, url)
	}
}

func TestOpenAIHeaders(t *testing.T) {
	_, url := start(t, sim.Options{})
	r := openaiWire.mustPost(t, url, openaiWire.body)
	for _, name := range []string{"x-request-id", "x-ratelimit-limit-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests", "openai-processing-ms"} {
		if r.header.Get(name) == "" {
			t.Errorf("no header %s", name)
		}
	}
	if got := r.header.Get("x-ratelimit-remaining-requests"); got != "9999" {
		t.Errorf("%s requests remain, want 9999", got)
	}
}

func TestOpenAIKey(t *testing.T) {
	s, url := start(t, sim.Options{})
	for _, value := range []string{"", "Bearer ", "sk-test"} {
		p := openaiWire
		p.header = map[string]string{"Authorization": value}
		r := p.mustPost(t, url, p.body)
		if r.status != http.StatusUnauthorized || !strings.Contains(r.body, "You didn't provide an API key") {
			t.Errorf("Authorization %q: status %d, body %s", value, r.status, r.body)
		}
	}
	if row := s.Requests()[0]; row.Outcome != "refused" || row.Billed || row.Key != "" {
		t.Errorf("ledger row %+v", row)
	}
}

func TestOpenAILogprobs(t *testing.T) {
	_, url := start(t, sim.Options{Rules: []sim.Rule{{Contains: "May", Answer: sim.Answer{Label: "invoice", Confidence: 0.8}}}})
	body := with(t, with(t, openaiWire.body, "logprobs", "true"), "top_logprobs", "2")
	r := openaiWire.mustPost(t, url, body)
	tokens, _ := at(t, r.body, "choices.0.logprobs.content").([]any)
	joined := ""
	for _, tok := range tokens {
		tok := tok.(map[string]any)
		joined += tok["token"].(string)
		if tok["token"] != "invoice" {
			continue
		}
		if got := tok["logprob"].(float64); got < -0.2232 || got > -0.2231 { // ln 0.8
			t.Errorf("logprob of the label %v, want ln 0.8", got)
		}
		if top := tok["top_logprobs"].([]any); len(top) != 2 {
			t.Errorf("%d rivals, want 2", len(top))
		}
	}
	if want := openaiWire.text(t, r); joined != want {
		t.Errorf("tokens make %s, want %s", joined, want)
	}
}
