package gemini_test

import (
	"flag"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/modeltest"
)

var update = flag.Bool("update", false, "write the golden files of requests anew")

func adapter() modeltest.Adapter {
	return modeltest.Adapter{
		Open:       gemini.New,
		Name:       "google/gemini-3.5-flash-lite",
		Model:      "gemini-3.5-flash-lite",
		RequestID:  "rsp_7",
		Asks:       "POST /v1beta/models/{model}:generateContent",
		Header:     map[string]string{"X-Goog-Api-Key": "[key]"},
		UsageField: "usageMetadata",
		Usage:      `{"promptTokenCount":%s,"candidatesTokenCount":14}`,
		Echo:       `{"error":{"message":"bad [key]","status":"[key]","details":[{"reason":"[key]"}]}}`,
		Update:     *update,
	}
}

func TestAdapter(t *testing.T) { adapter().Run(t) }

func TestScoreRequests(t *testing.T) {
	set := modeltest.Settings()
	adapter().Requests(t, []modeltest.Sent{
		{Golden: "gemini-3.5-flash-lite_set", Model: "models/gemini-3.5-flash-lite", Settings: set},
		{Golden: "gemini-3.5-flash-lite_effort", Settings: chat.Settings{Effort: "medium"}},
		{Golden: "gemini-3.8-flash"},
		{Golden: "gemini-3.8-flash_effort_none", Settings: chat.Settings{Effort: "none"}},
		{Golden: "gemini-3.8-flash_effort_max", Settings: chat.Settings{Effort: "max"}},
		{Golden: "gemini-2.5-flash-lite"},
		{Golden: "gemini-2.5-flash_effort", Settings: chat.Settings{Effort: "low"}},
		{Golden: "gemini-2.5-flash_found", Settings: set, Found: modeltest.More()},
		{Golden: "gemini-2.5-flash_less", Settings: set, Found: modeltest.Less()},
		{Golden: "gemini-2.5-pro"},
		{Golden: "gemini-4-flash", Settings: set},
	})
}

func TestScoreAnswers(t *testing.T) {
	full := model.Usage{Known: true, Input: 520, Output: 14}
	adapter().Answers(t, []modeltest.Answer{
		{File: "invoice.json", Label: "invoice", Confidence: 0.93, Served: "gemini-3.5-flash-lite", Usage: full},
		{File: "cached.json", Label: "invoice", Confidence: 0.93, Served: "gemini-3.5-flash-lite", Usage: model.Usage{Known: true, Input: 520, Cached: 256, Output: 14}},
		{File: "thought.json", Label: "invoice", Confidence: 0.93, Served: "gemini-3.8-flash", Usage: model.Usage{Known: true, Input: 520, Output: 194, Reasoning: 180}},
		{File: "no_usage.json", Label: "invoice", Confidence: 0.93, Served: "gemini-3.5-flash-lite"},
		{File: "logprobs.json", Label: "invoice", Confidence: 0.62, Score: model.ScoreLogprob, Served: "gemini-3.5-flash-lite", Usage: full},
		{File: "odd_logprobs.json", Label: "invoice", Confidence: 0.93, Served: "gemini-3.5-flash-lite", Usage: full},
		{File: "off_list.json", Label: "unknown", Served: "gemini-3.5-flash-lite", Usage: full, Notes: `category "banana" is not in the list`},
		{File: "fenced_percent.json", Label: "bank_statement", Confidence: 0.93, Served: "gemini-3.5-flash-lite", Usage: full, Notes: `category was written "Bank Statement"; confidence "93%" was read as a percentage`},
	})
}

func TestScoreUnusableAnswers(t *testing.T) {
	adapter().Failures(t, []modeltest.Failure{
		{File: "safety.json", Kind: fault.Refused, Msg: "SAFETY"},
		{File: "spii.json", Kind: fault.Refused, Msg: "SPII"},
		{File: "prohibited_content.json", Kind: fault.Refused, Msg: "PROHIBITED_CONTENT"},
		{File: "blocklist.json", Kind: fault.Refused, Msg: "BLOCKLIST"},
		{File: "recitation.json", Kind: fault.Refused, Msg: "RECITATION"},
		{File: "blocked_prompt.json", Kind: fault.Refused, Msg: "filter"},
		{File: "max_tokens.json", Kind: fault.BadOutput, Msg: "truncated"},
		{File: "thought_too_long.json", Kind: fault.BadOutput, Msg: "truncated"},
		{File: "other.json", Kind: fault.BadOutput, Msg: `"OTHER"`},
		{File: "function_call.json", Kind: fault.BadOutput, Msg: "tool"},
		{File: "malformed_call.json", Kind: fault.BadOutput, Msg: "tool"},
		{File: "no_content.json", Kind: fault.BadOutput, Msg: "empty"},
		{File: "no_candidates.json", Kind: fault.BadOutput, Msg: "no candidates"},
		{File: "two_answers.json", Kind: fault.BadOutput, Msg: "2 answers"},
		{File: "odd_parts_object.json", Kind: fault.BadOutput, Msg: "not the JSON"},
		{File: "not_json.html", Kind: fault.BadOutput, Msg: "not the JSON"},
	})
}

func TestScoreErrors(t *testing.T) {
	adapter().Failures(t, []modeltest.Failure{
		{File: "bad_key.json", Status: 400, Kind: fault.Auth, Msg: "API_KEY_INVALID"},
		{File: "no_access.json", Status: 403, Kind: fault.Auth, Msg: "PERMISSION_DENIED"},
		{File: "no_billing_here.json", Status: 400, Kind: fault.Auth, Msg: "FAILED_PRECONDITION"},
		{File: "billing.json", Status: 402, Kind: fault.Quota, Msg: "FAILED_PRECONDITION"},
		{File: "model_not_found.json", Status: 404, Kind: fault.ModelGone, Msg: "NOT_FOUND"},
		{File: "rate_limit.json", Status: 429, Kind: fault.RateLimited, Msg: "RESOURCE_EXHAUSTED"},
		{File: "rate_limit_retry.json", Status: 429, Kind: fault.RateLimited, Msg: "RESOURCE_EXHAUSTED", Wait: 39500 * time.Millisecond},
		{File: "rate_limit_retry_garbage.json", Status: 429, Kind: fault.RateLimited},
		{File: "bad_parameter.json", Status: 400, Kind: fault.Rejected, Msg: "INVALID_ARGUMENT"},
		{File: "too_large.html", Status: 413, Kind: fault.TooLong, Msg: "status 413"},
		{File: "too_many_tokens.json", Status: 400, Kind: fault.TooLong, Msg: "longer than the model takes"},
		{File: "payload_size.json", Status: 400, Kind: fault.TooLong},
		{File: "server_error.json", Status: 500, Kind: fault.Unavailable, Msg: "INTERNAL"},
		{File: "bad_gateway.html", Status: 502, Kind: fault.Unavailable, Msg: "status 502"},
		{File: "overloaded.json", Status: 503, Kind: fault.Unavailable, Msg: "UNAVAILABLE"},
		{File: "deadline.json", Status: 504, Kind: fault.Unavailable, Msg: "DEADLINE_EXCEEDED"},
		{File: "error_text.json", Status: 500, Kind: fault.Unavailable},
		{File: "not_json.html", Status: 302, Kind: fault.Unavailable, Msg: "status 302"},
	})
}

func TestLifecycle(t *testing.T) {
	adapter().Lives(t, []modeltest.Life{
		{Name: "exists", Status: 200, File: "model.json", Want: chat.Lifecycle{Exists: true}},
		{Name: "does not exist", Status: 404, File: "model_not_found.json"},
		{Name: "cannot be asked about", Status: 400, File: "bad_key.json", Kind: fault.Auth},
		{Name: "is not described in JSON", Status: 200, File: "not_json.html", Kind: fault.BadOutput},
	})
}

func TestGarbage(t *testing.T) { adapter().Garbage(t) }

func FuzzScore(f *testing.F) { adapter().Fuzz(f) }

func BenchmarkScore(b *testing.B) { adapter().Benchmark(b) }

func TestProbeFeatures(t *testing.T) {
	refuse := sim.Script{Steps: []sim.Step{{
		Match: sim.Match{Sends: "responseLogprobs"}, Effect: sim.Effect{Status: 400, Message: "Logprobs is not supported for the current model."},
	}}}
	known := chat.Features{
		Schema: chat.Yes, Logprobs: chat.No, Temperature: chat.Yes, Effort: chat.Yes, Images: chat.Yes, PDF: chat.Yes,
		Caching: chat.No, Decisions: chat.No,
	}
	tests := []struct {
		name, model string
		script      sim.Script
		want        chat.Features
	}{
		{"a model that tells", "gemini-2.5-flash", sim.Script{}, chat.Features{Logprobs: chat.Yes}.Or(known)},
		{"a server that does not", "gemini-2.5-flash", refuse, known},
		{"a model that does not", "gemini-3.5-flash-lite", sim.Script{}, known},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { adapter().Finds(t, tt.model, tt.script, tt.want) })
	}
}
