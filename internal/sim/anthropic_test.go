package sim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

func TestAnthropicStrictness(t *testing.T) {
	_, url := start(t, sim.Options{})
	const (
		block  = "messages.0.content.1"
		schema = "output_config.format.schema"
	)
	image := func(mime, data string) string {
		return `{"type":"image","source":{"type":"base64","media_type":"` + mime + `","data":"` + data + `"}}`
	}
	tests := []refusal{
		{"takes a string as content", "messages.0.content", `"A bank statement"`, 200, "bank_statement"},
		{"takes text blocks as system", "system", `[{"type":"text","text":"Sort.","cache_control":{"type":"ephemeral","ttl":"1h"}}]`, 200, ""},
		{"takes a PNG", block, image("image/png", pngOf(t, 10, 10)), 200, ""},
		{"takes a WebP", block, image("image/webp", webp()), 200, ""},
		{"takes a temperature on 4.5", "temperature", "0", 200, ""},
		{"takes no thinking on 4.5", "thinking", `{"type":"disabled"}`, 200, ""},
		{"refuses what is not JSON", "", `nope`, 400, "not valid JSON"},
		{"refuses an unknown field", "tempreature", "0", 400, "tempreature: Extra inputs are not permitted"},
		{"refuses an unknown field deep down", block, `{"type":"text","text":"a","lang":"en"}`, 400, "messages.0.content.1.lang: Extra inputs are not permitted"},
		{"refuses a wrong type", "max_tokens", `"300"`, 400, "max_tokens: Input should be a valid integer"},
		{"refuses a fraction of tokens", "max_tokens", `1.5`, 400, "max_tokens: Input should be a valid integer"},
		{"refuses no model", "model", "", 400, "model: Field required"},
		{"refuses an unknown model", "model", `"claude-2"`, 404, `"type":"not_found_error"`},
		{"refuses no limit", "max_tokens", "", 400, "max_tokens: Field required"},
		{"refuses too large a limit", "max_tokens", "64001", 400, "64001 > 64000"},
		{"refuses no messages", "messages", "[]", 400, "at least one message is required"},
		{"refuses a system message", "messages.0.role", `"system"`, 400, "top-level `system` parameter"},
		{"refuses to begin with the assistant", "messages.0.role", `"assistant"`, 400, "first message must use"},
		{"refuses two users in a row", "messages.1", `{"role":"user","content":"b"}`, 400, "roles must alternate"},
		{"takes a prefill on 4.5", "messages.1", `{"role":"assistant","content":"{"}`, 200, ""},
		{"refuses empty content", "messages.0.content", "[]", 400, "must have non-empty content"},
		{"refuses empty text", block, `{"type":"text","text":""}`, 400, "text content blocks must be non-empty"},
		{"refuses an unknown block", block, `{"type":"image_url"}`, 400, "does not match any of the expected tags"},
		{"refuses a text block with a source", block, `{"type":"text","text":"a","source":{"type":"base64"}}`, 400, "text.source: Extra inputs are not permitted"},
		{"refuses an image without a source", block, `{"type":"image"}`, 400, "source: Field required"},
		{"refuses a data URL", block, image("image/png", "data:image/png;base64,"+pngOf(t, 2, 2)), 400, "invalid base64 data"},
		{"refuses a PDF as image", block, image("application/pdf", "JVBERi0="), 400, "media_type: Input should be 'image/jpeg'"},
		{"refuses a JPEG called PNG", block, image("image/png", jpegOf(t, 4, 4)), 400, "appears to be a image/jpeg image"},
		{"refuses bytes that are no image", block, image("image/png", "aGVsbG8="), 400, "Could not process image"},
		{"refuses an image wider than 8000 pixels", block, image("image/png", pngOf(t, 8001, 1)), 400, "8000 pixels"},
		{"takes an image 8000 pixels wide", block, image("image/png", pngOf(t, 8000, 1)), 200, ""},
		{"refuses an image of the system", "system", "[" + image("image/png", pngOf(t, 2, 2)) + "]", 400, "only allowed in messages of the user"},
		{"takes top_p on 4.5", "top_p", "0.5", 200, ""},
		{"refuses a temperature above 1", "temperature", "1.5", 400, "range: 0..1"},
		{"refuses adaptive thinking on 4.5", "thinking", `{"type":"adaptive"}`, 400, "adaptive thinking is not supported"},
		{"refuses too small a budget", "thinking", `{"type":"enabled","budget_tokens":100}`, 400, "greater than or equal to 1024"},
		{"refuses a budget beyond the limit", "thinking", `{"type":"enabled","budget_tokens":2000}`, 400, "`max_tokens` must be greater"},
		{"refuses an unknown way of thinking", "thinking", `{"type":"on"}`, 400, "does not match any of the expected tags"},
		{"refuses an effort on 4.5", "output_config.effort", `"low"`, 400, "does not support the effort parameter"},
		{"refuses another output format", "output_config.format.type", `"json_object"`, 400, "Input should be 'json_schema'"},
		{"refuses an open object", schema + ".additionalProperties", "", 400, "'additionalProperties' must be explicitly set to false"},
		{"refuses a bound on a number", schema + ".properties.confidence.maximum", "1", 400, "property 'maximum' is not supported"},
		{"takes an optional property", schema + ".required", `["category"]`, 200, ""},
		{"refuses a stream", "stream", "true", 400, "not simulated"},
		{"refuses a fifth cache mark", "system", "[" + strings.Repeat(`{"type":"text","text":"Sort.","cache_control":{"type":"ephemeral"}},`, 4) +
			`{"type":"text","text":"Sort.","cache_control":{"type":"ephemeral"}}]`, 400, "A maximum of 4 blocks with cache_control"},
		{"refuses a wrong cache mark", "cache_control", `{"type":"forever"}`, 400, "Input should be 'ephemeral'"},
	}
	for _, tt := range tests {
		tt.run(t, anthropicWire, url)
	}
}

func TestAnthropicFive(t *testing.T) {
	_, url := start(t, sim.Options{})
	haiku := anthropicWire
	haiku.body = with(t, haiku.body, "model", `"claude-haiku-5-5"`)
	warm := anthropicWire
	warm.body = with(t, warm.body, "temperature", "0.5")
	quiet := haiku
	quiet.body = with(t, haiku.body, "thinking", `{"type":"disabled"}`)
	sonnet := anthropicWire
	sonnet.body = with(t, sonnet.body, "model", `"claude-sonnet-5-5"`)
	tests := []struct {
		provider
		refusal
	}{
		{sonnet, refusal{"sonnet 5.5 refuses to be silenced the old way", "thinking", `{"type":"disabled"}`, 400, "between_tools"}},
		{sonnet, refusal{"sonnet 5.5 does not think between_tools", "thinking", `{"type":"between_tools"}`, 200, `"content":[{"type":"text"`}},
		{haiku, refusal{"haiku 5.5 knows no between_tools", "thinking", `{"type":"between_tools"}`, 400, "not supported"}},
		{haiku, refusal{"thinks its limit away by default", "system", `"a"`, 200, `"stop_reason":"max_tokens"`}},
		{haiku, refusal{"thinks before it speaks", "max_tokens", "1000", 200, `"content":[{"type":"thinking"`}},
		{haiku, refusal{"thinks less with low effort", "output_config.effort", `"low"`, 200, `"output_tokens":140`}},
		{warm, refusal{"leaves 4.5 one of temperature and top_p", "top_p", "0.5", 400, "cannot both be specified"}},
		{quiet, refusal{"does not think when told so", "system", `"a"`, 200, `"content":[{"type":"text"`}},
		{quiet, refusal{"refuses a temperature", "temperature", "0.05", 400, "`temperature` is deprecated for this model."}},
		{quiet, refusal{"takes the default temperature", "temperature", "1", 200, ""}},
		{quiet, refusal{"refuses top_p", "top_p", "0.9", 400, "`top_p` is deprecated"}},
		{quiet, refusal{"refuses top_k", "top_k", "5", 400, "`top_k` is deprecated"}},
		{quiet, refusal{"refuses a prefill", "messages.1", `{"role":"assistant","content":"{"}`, 400, "does not support assistant message prefill"}},
		{quiet, refusal{"refuses a budget of thoughts", "thinking", `{"type":"enabled","budget_tokens":1024}`, 400, "thinking.type.adaptive"}},
	}
	for _, tt := range tests {
		tt.run(t, tt.provider, url)
	}
}

func TestAnthropicHeaders(t *testing.T) {
	_, url := start(t, sim.Options{})
	tests := []struct {
		name         string
		key, version string
		status       int
		want         string
	}{
		{"a missing key", "", "2023-06-01", 401, "authentication_error"},
		{"a missing version", "a-test", "", 400, "anthropic-version: header is required"},
		{"another version", "a-test", "2024-01-01", 400, "is not a valid version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := anthropicWire
			p.header = map[string]string{"x-api-key": tt.key, "anthropic-version": tt.version}
			r := p.mustPost(t, url, p.body)
			if r.status != tt.status || !strings.Contains(r.body, tt.want) || r.header.Get("request-id") == "" {
				t.Errorf("status %d, want %d; body %s", r.status, tt.status, r.body)
			}
		})
	}
	r := anthropicWire.mustPost(t, url, anthropicWire.body)
	for _, name := range []string{"request-id", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-input-tokens-limit", "anthropic-ratelimit-output-tokens-reset"} {
		if r.header.Get(name) == "" {
			t.Errorf("no header %s", name)
		}
	}
}

func TestAnthropicTooLargeIsAnsweredByTheProxy(t *testing.T) {
	s, err := sim.New(sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, anthropicWire.path, strings.NewReader(strings.Repeat(" ", 33<<20)))
	req.Header.Set("x-api-key", "a-test")
	req.Header.Set("anthropic-version", "2023-06-01")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.HasPrefix(w.Body.String(), "<html>") {
		t.Errorf("status %d, body %s", w.Code, w.Body)
	}
}
