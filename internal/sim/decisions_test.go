package sim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

const about = `{"invoice":"asks for payment","bank_statement":null,"unknown":"none of these"}`

var (
	lunaDecides = provider{
		name: sim.OpenAI, path: "/v1/decisions",
		header: map[string]string{"Authorization": "Bearer sk-test"},
		body: `{"model":"gpt-6-luna","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"The bank statement of May."}]}],
			"questions":[{"type":"choice","name":"kind","instructions":"Which?","choices":[{"value":"invoice","description":"asks for payment"},{"value":"bank_statement"},{"value":"unknown"}]}]}`,
	}
	geminiDecides = provider{
		name: sim.Gemini, path: "/v1beta/decisions",
		header: map[string]string{"x-goog-api-key": "g-test"},
		body: `{"model":"models/gemini-decision-1","input":[{"type":"text","text":"The bank statement of May."}],
			"questions":{"kind":{"type":"choice","instructions":"Which?","criteria":` + about + `}}}`,
	}
	systemOneDecides = provider{
		name: sim.SystemOne, path: "/v1/systemone",
		body: `{"model":"Kev-4B","state":{"text":"The bank statement of May."},
			"questions":{"kind":{"type":"choice","instructions":"Which?","criteria":` + about + `}}}`,
	}
)

// deciders are the decisions endpoints, each with the path of its answer and of a label's probability.
func deciders() []struct {
	provider
	answer, probability string
} {
	return []struct {
		provider
		answer, probability string
	}{
		{lunaDecides, "answers.0", "answers.0.probabilities.%d.probability"},
		{geminiDecides, "answers.kind", "answers.kind.probabilities.%s"},
		{systemOneDecides, "answers.kind", "answers.kind.probabilities.%s"},
	}
}

func TestDecisionsAnswerAlike(t *testing.T) {
	for _, p := range deciders() {
		t.Run(p.name, func(t *testing.T) {
			s, url := start(t, sim.Options{Rules: []sim.Rule{{Contains: "May", Answer: sim.Answer{Label: "bank_statement", Confidence: 0.777}}}})
			r := p.mustPost(t, url, p.body)
			if r.status != http.StatusOK || at(t, r.body, p.answer+".choice") != "bank_statement" || at(t, r.body, p.answer+".type") != "choice" {
				t.Fatalf("status %d, body %s", r.status, r.body)
			}
			want := map[string]float64{"invoice": 0.1115, "bank_statement": 0.777, "unknown": 0.1115}
			if p.name == sim.OpenAI {
				want = map[string]float64{"invoice": 0.11, "bank_statement": 0.78, "unknown": 0.11}
			}
			for i, label := range []string{"invoice", "bank_statement", "unknown"} {
				path := fmt.Sprintf(p.probability, label)
				if p.name == sim.OpenAI {
					path = fmt.Sprintf(p.probability, i)
				}
				if got, _ := at(t, r.body, path).(float64); got < want[label]-1e-9 || got > want[label]+1e-9 {
					t.Errorf("%s has %v, want %v in %s", label, got, want[label], r.body)
				}
			}
			if row := s.Requests()[0]; row.Outcome != "answered" || !row.Billed || row.PromptTokens == 0 || row.CompletionTokens != 0 || row.Model == "" {
				t.Errorf("ledger row %+v", row)
			}
			if s.Count(p.name, "") != 1 {
				t.Errorf("%d calls of %s counted, want 1", s.Count(p.name, ""), p.name)
			}
		})
	}
}

// The likeliest label has the share of chance at least, or it would not be the likeliest.
func TestDecisionsAreCoherent(t *testing.T) {
	_, url := start(t, sim.Options{Rules: []sim.Rule{{Contains: "May", Answer: sim.Answer{Label: "invoice", Confidence: 0.1}}}})
	r := systemOneDecides.mustPost(t, url, systemOneDecides.body)
	top, _ := at(t, r.body, "answers.kind.probabilities.invoice").(float64)
	next, _ := at(t, r.body, "answers.kind.probabilities.unknown").(float64)
	if top < next-1e-9 || top < 0.33 || top > 0.34 {
		t.Errorf("body %s, want a third each", r.body)
	}
}

func TestDecisionsSpoiled(t *testing.T) {
	openai, gemini, own := lunaDecides, geminiDecides, systemOneDecides
	tests := []struct {
		name string
		provider
		effect sim.Effect
		want   string // in the body
	}{
		{"a refusal", openai, sim.Effect{Finish: "refusal"}, `"answers":[{"type":"refusal","name":"kind"}]`},
		{"another kind of answer", openai, sim.Effect{Finish: "tool_calls"}, `{"type":"predicate","name":"kind","probability":0.9}`},
		{"a choice cut short", openai, sim.Effect{Finish: "length"}, `"choice":"bank_st"`},
		{"a fenced choice", openai, sim.Effect{Garbage: "fenced"}, `"choice":"` + "```json"},
		{"no answers", openai, sim.Effect{Empty: "choices"}, `"answers":[]`},
		{"no probabilities", openai, sim.Effect{Empty: "content"}, `"probabilities":[]`},
		{"a foreign label", openai, sim.Effect{Label: "Rechnung"}, `{"value":"Rechnung","probability":0.9}`},
		{"a wrong label", openai, sim.Effect{WrongLabel: true}, `{"value":"unknown","probability":0.9}`},
		{"a scripted probability", openai, sim.Effect{Confidence: "0.5"}, `[{"value":"invoice","probability":0.25},{"value":"bank_statement","probability":0.5}`},
		{"a probability that is no number", openai, sim.Effect{Confidence: "NaN"}, `"probability":NaN`},
		{"a probability as text", openai, sim.Effect{Confidence: `"95%"`}, `"confidence":"95%","probabilities":[{"value":"invoice","probability":0.05},{"value":"bank_statement","probability":"95%"}`},
		{"a probability above 1", openai, sim.Effect{Confidence: "1.7"}, `"probability":1.7`},
		{"a probability left out", openai, sim.Effect{Confidence: sim.Missing}, `{"value":"bank_statement"}`},
		{"no usage", openai, sim.Effect{Usage: "missing"}, `"answers":[{`},
		{"a blocked prompt", gemini, sim.Effect{Finish: "safety"}, `"answers":{},"prompt_feedback":{"block_reason":"PROHIBITED_CONTENT"}`},
		{"no answers", gemini, sim.Effect{Empty: "choices"}, `"answers":{}`},
		{"a probability that is no number", gemini, sim.Effect{Confidence: "NaN"}, `"bank_statement":NaN`},
		{"a refusal", own, sim.Effect{Finish: "refusal"}, `"answers":{"kind":{"type":"refusal"}}`},
		{"no probabilities", own, sim.Effect{Empty: "content"}, `"probabilities":{}`},
		{"a probability left out", own, sim.Effect{Confidence: sim.Missing}, `"probabilities":{"invoice":0.0`},
	}
	for _, tt := range tests {
		t.Run(tt.provider.name+" "+tt.name, func(t *testing.T) {
			s, url := start(t, sim.Options{Script: steps(tt.effect)})
			r := tt.mustPost(t, url, tt.body)
			if r.status != http.StatusOK || !strings.Contains(r.body, tt.want) {
				t.Errorf("status %d, body %s, want %q in it", r.status, r.body, tt.want)
			}
			if tt.effect.Usage == "missing" && strings.Contains(r.body, "usage") {
				t.Errorf("usage in %s", r.body)
			}
			if row := s.Requests()[0]; !row.Billed {
				t.Errorf("ledger row %+v", row)
			}
		})
	}
}

func TestDecisionsFail(t *testing.T) {
	tests := []struct {
		provider
		fault  string
		status int
		want   string
	}{
		{lunaDecides, "slow_down", 429, `"code":"slow_down"`},
		{lunaDecides, "insufficient_quota", 429, `"type":"insufficient_quota"`},
		{geminiDecides, "resource_exhausted", 429, `"status":"RESOURCE_EXHAUSTED"`},
		{geminiDecides, "invalid_api_key", 400, "API_KEY_INVALID"},
		{systemOneDecides, "rate_limit_exceeded", 429, `{"error":{"code":429,`},
		{systemOneDecides, "unavailable", 503, `"code":503`},
		{systemOneDecides, "bad_gateway", 502, "<html>"},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.fault, func(t *testing.T) {
			script := sim.Script{Steps: []sim.Step{{Match: sim.Match{Provider: tt.name}, Effect: sim.Effect{Fault: tt.fault}}}}
			s, url := start(t, sim.Options{Script: script})
			r := tt.mustPost(t, url, tt.body)
			if r.status != tt.status || !strings.Contains(r.body, tt.want) {
				t.Errorf("status %d, body %s; want %d with %s", r.status, r.body, tt.status, tt.want)
			}
			if row := s.Requests()[0]; row.Outcome != "failed" || row.Billed {
				t.Errorf("ledger row %+v", row)
			}
		})
	}
}

// options returns n options, as OpenAI's list or as an object.
func options(n int, list bool) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(`"o%d":null`, i)
		if list {
			parts[i] = fmt.Sprintf(`{"value":"o%d"}`, i)
		}
	}
	if list {
		return "[" + strings.Join(parts, ",") + "]"
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func TestOpenAIDecisionsStrictness(t *testing.T) {
	_, url := start(t, sim.Options{})
	const part, choices = "input.0.content.1", "questions.0.choices"
	image := func(url string) string {
		return `{"type":"input_image","image_url":"` + url + `","detail":"low"}`
	}
	for _, tt := range []refusal{
		{"takes a string as input", "input", `"The invoice."`, 200, `"choice":"invoice"`},
		{"takes a string as content", "input.0.content", `"The invoice."`, 200, `"choice":"invoice"`},
		{"takes an image", part, image("data:image/png;base64," + pngOf(t, 10, 10)), 200, ""},
		{"takes what a system says", "input.0.role", `"system"`, 200, `"choice":"unknown"`},
		{"takes 255 choices", choices, options(255, true), 200, ""},
		{"takes a question without a name", "questions.0.name", "", 200, `"name":null`},
		{"refuses 256 choices", choices, options(256, true), 400, "array_above_max_length"},
		{"refuses one choice", choices, options(1, true), 400, "array_below_min_length"},
		{"refuses a choice that stands twice", choices, `[{"value":"a"},{"value":"a"}]`, 400, "must be unique"},
		{"refuses a choice without a value", choices + ".0", `{"description":"a"}`, 400, "questions[0].choices[0].value"},
		{"refuses an unknown field of a choice", choices + ".0", `{"value":"a","label":"b"}`, 400, "unknown_parameter"},
		{"refuses null as description in a list of numbers", choices, `[1,2]`, 400, "invalid_type"},
		{"refuses a boolean choice as not simulated", choices + ".0.value", "true", 400, "not simulated"},
		{"refuses no instructions", "questions.0.instructions", "", 400, "missing_required_parameter"},
		{"refuses criteria", "questions.0.criteria", about, 400, "unknown_parameter"},
		{"refuses an unknown type", "questions.0.type", `"pick"`, 400, "Supported values are: 'predicate', 'choice', 'score'"},
		{"refuses a score as not simulated", "questions.0.type", `"score"`, 400, "not simulated"},
		{"refuses no questions", "questions", "[]", 400, "empty_array"},
		{"refuses another model", "model", `"gpt-4o"`, 404, "model_not_found"},
		{"refuses the parameters of chat", "max_tokens", "5", 400, "unknown_parameter"},
		{"refuses the parts of chat", part, `{"type":"text","text":"a"}`, 400, "Invalid value: 'text'"},
		{"refuses an image of chat", part, `{"type":"input_image","image_url":{"url":"a"}}`, 400, "invalid_type"},
		{"refuses an image of the system", "input.0", `{"role":"system","content":[` + image("data:image/png;base64,"+pngOf(t, 4, 4)) + `]}`, 400, "input_text"},
		{"refuses bytes that are no image", part, image("data:image/png;base64,aGVsbG8="), 400, "image_parse_error"},
		{"refuses an empty input", "input", "[]", 400, "empty_array"},
		{"refuses what is not JSON", "", `{"model":`, 400, "could not parse"},
	} {
		tt.run(t, lunaDecides, url)
	}
}

func TestGeminiDecisionsStrictness(t *testing.T) {
	_, url := start(t, sim.Options{})
	const criteria = "questions.kind.criteria"
	for _, tt := range []refusal{
		{"takes a string as input", "input", `"The invoice."`, 200, `"choice":"invoice"`},
		{"takes one content", "input", `{"type":"text","text":"The invoice."}`, 200, `"choice":"invoice"`},
		{"takes an image", "input.1", `{"type":"image","mime_type":"image/png","data":"` + pngOf(t, 4, 4) + `"}`, 200, ""},
		{"takes a model without its prefix", "model", `"gemini-decision-1"`, 200, ""},
		{"takes 255 options", criteria, options(255, false), 200, ""},
		{"refuses 256 options", criteria, options(256, false), 400, "got 256"},
		{"refuses one option", criteria, options(1, false), 400, "got 1"},
		{"refuses an option that stands twice", criteria, `{"a":null,"b":null,"a":null}`, 400, "stands twice"},
		{"refuses a list of options", criteria, `["a","b"]`, 400, "criteria must be an object"},
		{"refuses a description that is no text", criteria, `{"a":1,"b":null}`, 400, "must be a string or null"},
		{"refuses white space around an id", "questions", `{" kind":{"type":"choice","instructions":"a","criteria":` + about + `}}`, 400, "not a valid question id"},
		{"refuses no instructions", "questions.kind.instructions", `" "`, 400, "instructions"},
		{"refuses no questions", "questions", "{}", 400, "must not be empty"},
		{"refuses a model that chats", "model", `"models/gemini-3.8-flash"`, 404, "NOT_FOUND"},
		{"refuses the parts of generateContent", "input.1", `{"inlineData":{"mimeType":"image/png","data":"aGk="}}`, 400, "Cannot find field"},
		{"refuses a PDF as not simulated", "input.1", `{"type":"document","mime_type":"application/pdf","data":"aGk="}`, 400, "not simulated"},
		{"refuses broken base64", "input.1", `{"type":"image","mime_type":"image/png","data":"@@"}`, 400, "Base64 decoding failed"},
		{"refuses an unknown field", "temperature", "0", 400, "Cannot find field"},
	} {
		tt.run(t, geminiDecides, url)
	}
	chat := geminiWire
	chat.path = "/v1beta/models/gemini-decision-1:generateContent"
	refusal{"refuses to chat", "contents.0.role", "", 404, "not supported for generateContent"}.run(t, chat, url)
}

func TestSystemOneStrictness(t *testing.T) {
	_, url := start(t, sim.Options{})
	const criteria = "questions.kind.criteria"
	for _, tt := range []refusal{
		{"takes a text as state", "state", `"The invoice."`, 200, `"choice":"invoice"`},
		{"takes any JSON as state", "state", `{"a":[1,true,{"b":"The invoice."}]}`, 200, `"choice":"invoice"`},
		{"takes 255 options", criteria, options(255, false), 200, ""},
		{"refuses an option that stands twice", criteria, `{"a":null,"b":null,"a":null}`, 422, "stands twice"},
		{"refuses 256", criteria, options(256, false), 422, "has 256 options, at most 255 are supported"},
		{"refuses an empty state", "state", `""`, 422, "state"},
		{"refuses no state", "state", "", 422, "state"},
		{"refuses no instructions", "questions.kind.instructions", `""`, 422, "instructions"},
		{"refuses another field of a question", "questions.kind.choices", "[]", 422, "unknown field"},
		{"refuses an unknown type", "questions.kind.type", `"pick"`, 422, "unknown type"},
		{"refuses images where the model does not see", "images", `["data:image/png;base64,` + pngOf(t, 4, 4) + `"]`, 422, "does not take images"},
		{"refuses an unknown model", "model", `"gpt-6-luna"`, 404, "does not exist"},
		{"refuses what is not JSON", "", `{"model":`, 400, "not valid JSON"},
	} {
		tt.run(t, systemOneDecides, url)
	}
	vllm, seeing := systemOneDecides, systemOneDecides
	vllm.body = with(t, vllm.body, "model", `"Qwen/Qwen3-0.6B"`)
	refusal{"takes 26 options as vLLM does", criteria, options(26, false), 200, ""}.run(t, vllm, url)
	refusal{"refuses 27 as vLLM does", criteria, options(27, false), 422, "at most 26"}.run(t, vllm, url)
	seeing.body = with(t, seeing.body, "model", `"Clef"`)
	refusal{"takes an image where the model sees", "images", `["data:image/png;base64,` + pngOf(t, 4, 4) + `"]`, 200, ""}.run(t, seeing, url)
	refusal{"refuses an image that is none", "images", `["data:image/png;base64,aGk="]`, 422, "cannot be decoded"}.run(t, seeing, url)
}

func FuzzOpenAIDecisions(f *testing.F) {
	fuzzBodies(f, lunaDecides, `{"model":"gpt-6-luna","input":"a","questions":[{"type":"choice","instructions":"b","choices":[{"value":"\u0001"},{"value":"\""}]}]}`)
}

func FuzzGeminiDecisions(f *testing.F) {
	fuzzBodies(f, geminiDecides, `{"model":"gemini-decision-1","input":{"type":"text","text":"a"},"questions":{"q":{"type":"choice","instructions":"b","criteria":{"\"":"","<":null}}}}`)
}

func FuzzSystemOne(f *testing.F) {
	fuzzBodies(f, systemOneDecides, `{"model":"Kev-4B","state":[1,"a",{"b":null}],"questions":{"q":{"type":"choice","instructions":"b","criteria":{"\u0001":null,"a\\":null}}}}`)
}
