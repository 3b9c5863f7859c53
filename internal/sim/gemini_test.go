package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

func TestGeminiStrictness(t *testing.T) {
	_, url := start(t, sim.Options{})
	const (
		part   = "contents.0.parts.1"
		config = "generationConfig."
		schema = config + "responseJsonSchema"
	)
	inline := func(mime, data string) string {
		return `{"inlineData":{"mimeType":"` + mime + `","data":"` + data + `"}}`
	}
	tests := []refusal{
		{"takes a PNG", part, inline("image/png", pngOf(t, 10, 10)), 200, `"modality":"IMAGE"`},
		{"takes snake case", "generation_config", `{"max_output_tokens":300}`, 400, "already set"},
		{"takes contents without a role", "contents.0.role", "", 200, "bank_statement"},
		{"takes a thinking budget", config + "thinkingConfig", `{"thinkingBudget":512}`, 200, `"thoughtsTokenCount":300`},
		{"refuses what is not JSON", "", `{"contents":`, 400, "Invalid JSON payload"},
		{"refuses an unknown field", "temperature", "0", 400, `Unknown name \"temperature\": Cannot find field.`},
		{"refuses an unknown field deep down", config + "temprature", "0", 400, `Unknown name \"temprature\" at 'generation_config': Cannot find field.`},
		{"names the field in the details", config + "topP", `"high"`, 400, `"fieldViolations":[{"field":"generation_config.top_p"`},
		{"refuses no contents", "contents", "[]", 400, "contents is not specified"},
		{"refuses contents without parts", "contents.0.parts", "[]", 400, "contents.parts must not be empty"},
		{"refuses the role of another provider", "contents.0.role", `"assistant"`, 400, "Please use a valid role: user, model."},
		{"refuses a conversation that ends with the model", "contents.0.role", `"model"`, 400, "end with a user role"},
		{"refuses an empty part", part, "{}", 400, "must have one initialized field"},
		{"refuses a part with both", part, `{"text":"a",` + inline("image/png", pngOf(t, 2, 2))[1:], 400, "oneof field 'data' is already set"},
		{"refuses an image of the system", "systemInstruction.parts.0", inline("image/png", pngOf(t, 2, 2)), 400, "only supports text parts"},
		{"refuses data without a type", part, `{"inlineData":{"data":"aGk="}}`, 400, "mime_type"},
		{"refuses an unsupported type", part, inline("image/tiff", "aGk="), 400, "Unsupported MIME type: image/tiff"},
		{"refuses broken base64", part, inline("image/png", "@@"), 400, "Base64 decoding failed"},
		{"refuses a JPEG called PNG", part, inline("image/png", jpegOf(t, 4, 4)), 400, "its bytes are image/jpeg"},
		{"refuses bytes that are no image", part, inline("image/png", "aGVsbG8="), 400, "Unable to process input image"},
		{"refuses a PDF as not simulated", part, inline("application/pdf", "JVBERi0="), 400, "not simulated"},
		{"refuses tools", "tools", "[]", 400, "not simulated"},
		{"refuses two schemas", config + "responseSchema", `{"type":"OBJECT"}`, 400, "only one of"},
		{"refuses a schema without the JSON type", config + "responseMimeType", "", 400, "needs response_mime_type"},
		{"refuses an unknown answer type", config + "responseMimeType", `"text/html"`, 400, "allowed mimetypes"},
		{"refuses an unknown keyword", schema + ".properties.category.pattern", `"a"`, 400, `Unknown name \"pattern\" at 'generation_config.response_json_schema.properties.category'`},
		{"refuses logprobs", config + "responseLogprobs", "true", 400, "Logprobs is not supported for the current model."},
		{"refuses temperature above 2", config + "temperature", "3", 400, "[0.0, 2.0]"},
		{"refuses several candidates", config + "candidateCount", "2", 400, "not simulated"},
		{"refuses a thinking level on 2.5", config + "thinkingConfig", `{"thinkingLevel":"LOW"}`, 400, "Thinking level is not supported for this model."},
		{"refuses both ways of thinking", config + "thinkingConfig", `{"thinkingLevel":"LOW","thinkingBudget":0}`, 400, "only one of thinking budget and thinking level"},
		{"refuses too small a budget", config + "thinkingConfig", `{"thinkingBudget":5}`, 400, "between 512 and 24576"},
		{"refuses too large a limit", config + "maxOutputTokens", "100000", 400, "65537 (exclusive)"},
		{"refuses an unknown resolution", config + "mediaResolution", `"HIGH"`, 400, "media_resolution"},
	}
	for _, tt := range tests {
		tt.run(t, geminiWire, url)
	}
}

func TestGeminiThree(t *testing.T) {
	_, url := start(t, sim.Options{})
	lite, flash := geminiWire, geminiWire
	lite.path = strings.Replace(lite.path, "gemini-2.5-flash-lite", "gemini-3.5-flash-lite", 1)
	flash.path = strings.Replace(flash.path, "gemini-2.5-flash-lite", "gemini-3.8-flash", 1)
	const thinking = "generationConfig.thinkingConfig"
	tests := []struct {
		provider
		refusal
	}{
		{lite, refusal{"flash-lite thinks a little by default", "contents.0.role", "", 200, `"thoughtsTokenCount":32`}},
		{flash, refusal{"flash thinks its limit away by default", "contents.0.role", "", 200, `"finishReason":"MAX_TOKENS"`}},
		{flash, refusal{"takes a level in either case", thinking, `{"thinkingLevel":"minimal"}`, 200, `"finishReason":"STOP"`}},
		{flash, refusal{"refuses an unknown level", thinking, `{"thinkingLevel":"none"}`, 400, "thinking_level"}},
		{flash, refusal{"refuses a budget", thinking, `{"thinkingBudget":0}`, 400, "Thinking budget is not supported"}},
	}
	for _, tt := range tests {
		tt.run(t, tt.provider, url)
	}
}

func TestGeminiSchemas(t *testing.T) {
	_, url := start(t, sim.Options{})
	tests := []struct {
		name, config, want string
	}{
		{"answers in an OpenAPI schema in upper case", `{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"classification":{"type":"STRING","enum":` + labels + `}},"required":["classification"]}}`, `{"classification":"bank_statement"}`},
		{"answers a bare label for an enum", `{"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING","enum":` + labels + `}}`, "bank_statement"},
		{"answers JSON of its own without a schema", `{"responseMimeType":"application/json"}`, `{"classification":"unknown","confidence":0.3}`},
		{"answers plainly when nobody asks for JSON", `{}`, "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := geminiWire.mustPost(t, url, with(t, geminiWire.body, "generationConfig", tt.config))
			if got := geminiWire.text(t, r); got != tt.want {
				t.Errorf("said %q, want %q; status %d", got, tt.want, r.status)
			}
		})
	}
}

func TestGeminiRefusesOpenAPISchemaKeywordsOfJSONSchema(t *testing.T) {
	_, url := start(t, sim.Options{})
	body := with(t, geminiWire.body, "generationConfig", `{"responseMimeType":"application/json","responseSchema":`+wantedSchema+`}`)
	r := geminiWire.mustPost(t, url, body)
	if r.status != 400 || !strings.Contains(r.body, `Unknown name \"additionalProperties\" at 'generation_config.response_schema'`) {
		t.Errorf("status %d, body %s", r.status, r.body)
	}
}

func TestGeminiKeyAndPath(t *testing.T) {
	_, url := start(t, sim.Options{})
	tests := []struct {
		name, path, key string
		status          int
		want            string
	}{
		{"a missing key is an unregistered caller", geminiWire.path, "", 403, "PERMISSION_DENIED"},
		{"a key in the URL is refused", geminiWire.path + "?key=g-test", "g-test", 400, "stands in the URL"},
		{"an unknown model is not found", "/v1beta/models/gemini-1.5:generateContent", "g-test", 404, "NOT_FOUND"},
		{"a model of another provider is not found", "/v1beta/models/gpt-4o:generateContent", "g-test", 404, "NOT_FOUND"},
		{"another method is not found", "/v1beta/models/gemini-2.5-flash:countTokens", "g-test", 404, "NOT_FOUND"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := geminiWire
			p.path, p.header = tt.path, map[string]string{"x-goog-api-key": tt.key}
			r := p.mustPost(t, url, p.body)
			if r.status != tt.status || !strings.Contains(r.body, tt.want) {
				t.Errorf("status %d, want %d; body %s", r.status, tt.status, r.body)
			}
			if strings.Contains(r.body, "g-test") {
				t.Error("the body repeats the key")
			}
		})
	}
}

func TestGeminiAnnouncesNoLimits(t *testing.T) {
	_, url := start(t, sim.Options{})
	for name := range geminiWire.mustPost(t, url, geminiWire.body).header {
		if strings.Contains(http.CanonicalHeaderKey(name), "Ratelimit") {
			t.Errorf("header %s", name)
		}
	}
}

func TestGeminiLogprobs(t *testing.T) {
	_, url := start(t, sim.Options{Rules: []sim.Rule{{Contains: "May", Answer: sim.Answer{Label: "invoice", Confidence: 0.8}}}})
	p := geminiWire
	p.path = "/v1beta/models/gemini-2.5-flash:generateContent"
	body := with(t, with(t, p.body, "generationConfig.responseLogprobs", "true"), "generationConfig.logprobs", "2")
	r := p.mustPost(t, url, body)
	chosen, _ := at(t, r.body, "candidates.0.logprobsResult.chosenCandidates").([]any)
	top, _ := at(t, r.body, "candidates.0.logprobsResult.topCandidates").([]any)
	if len(chosen) == 0 || len(top) != len(chosen) {
		t.Fatalf("%d tokens, %d lists of rivals: %s", len(chosen), len(top), r.body)
	}
	joined := ""
	for i, c := range chosen {
		tok := c.(map[string]any)
		joined += tok["token"].(string)
		if tok["token"] != "invoice" {
			continue
		}
		if got := tok["logProbability"].(float64); got < -0.2232 || got > -0.2231 { // ln 0.8
			t.Errorf("log-probability of the label %v, want ln 0.8", got)
		}
		if rivals := top[i].(map[string]any)["candidates"].([]any); len(rivals) != 2 {
			t.Errorf("%d rivals, want 2", len(rivals))
		}
	}
	if want := p.text(t, r); joined != want {
		t.Errorf("tokens make %s, want %s", joined, want)
	}
	for field, want := range map[string]string{"21": "[1, 20]", "0": "[1, 20]"} {
		if r := p.mustPost(t, url, with(t, body, "generationConfig.logprobs", field)); r.status != 400 || !strings.Contains(r.body, want) {
			t.Errorf("logprobs %s: status %d, %s", field, r.status, r.body)
		}
	}
	if r := p.mustPost(t, url, with(t, p.body, "generationConfig.logprobs", "2")); r.status != 400 || !strings.Contains(r.body, "response_logprobs must be true") {
		t.Errorf("logprobs alone: status %d, %s", r.status, r.body)
	}
}
