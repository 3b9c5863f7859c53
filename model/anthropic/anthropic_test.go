package anthropic_test

import (
	"flag"
	"net/http/httptest"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/anthropic"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/modeltest"
)

var update = flag.Bool("update", false, "write the golden files of requests anew")

func adapter() modeltest.Adapter {
	return modeltest.Adapter{
		Open:       anthropic.New,
		Name:       "anthropic/claude-haiku-5-5",
		Model:      "claude-haiku-5-5",
		RequestID:  "req_7",
		Asks:       "POST /v1/messages",
		Header:     map[string]string{"X-Api-Key": "[key]", "Anthropic-Version": "2023-06-01"},
		UsageField: "usage",
		Usage:      `{"input_tokens":%s,"output_tokens":14}`,
		Echo:       `{"error":{"message":"bad [key]","type":"[key]","details":{"error_code":"[key]"}}}`,
		Update:     *update,
	}
}

func TestAdapter(t *testing.T) { adapter().Run(t) }

func TestScoreRequests(t *testing.T) {
	set := modeltest.Settings()
	adapter().Requests(t, []modeltest.Sent{
		{Golden: "claude-haiku-5-5_effort", Settings: chat.Settings{Effort: "medium"}},
		{Golden: "claude-haiku-5-5_effort_none", Settings: chat.Settings{Effort: "none"}},
		{Golden: "claude-haiku-5-5_effort_minimal", Settings: chat.Settings{Effort: "minimal"}},
		{Golden: "claude-haiku-5-5_less", Settings: set, Found: modeltest.Less()},
		{Golden: "claude-haiku-5-5_kept", Change: modeltest.LongList},
		{Golden: "claude-haiku-4-5_not_kept", Model: "claude-haiku-4-5-20251001", Change: modeltest.LongList},
		{Golden: "claude-sonnet-5-5", Settings: set},
		{Golden: "claude-opus-5-5", Settings: set},
		{Golden: "claude-opus-5", Settings: set},
		{Golden: "claude-sonnet-4-6_effort", Settings: chat.Settings{Effort: "low"}},
		{Golden: "claude-haiku-4-5", Model: "claude-haiku-4-5-20251001", Settings: set},
		{Golden: "claude-haiku-4-5_effort", Settings: chat.Settings{Effort: "low"}},
		{Golden: "claude-haiku-6", Settings: set},
	})
}

func TestScoreAnswers(t *testing.T) {
	full := model.Usage{Known: true, Input: 520, Output: 26}
	adapter().Answers(t, []modeltest.Answer{
		{File: "invoice.json", Label: "invoice", Confidence: 0.93, Served: "claude-haiku-5-5", Usage: full},
		{File: "cached.json", Label: "invoice", Confidence: 0.93, Served: "claude-haiku-5-5", Usage: model.Usage{Known: true, Input: 2144, Cached: 1024, CacheWrite: 600, Output: 26}},
		{File: "thought.json", Label: "invoice", Confidence: 0.93, Served: "claude-opus-5-5", Usage: model.Usage{Known: true, Input: 520, Output: 206, Reasoning: 180}},
		{File: "split_text.json", Label: "invoice", Confidence: 0.93, Served: "claude-haiku-5-5", Usage: full},
		{File: "no_usage.json", Label: "invoice", Confidence: 0.93, Served: "claude-haiku-5-5"},
		{File: "odd_content_text.json", Label: "invoice", Confidence: 0.93, Served: "claude-haiku-5-5", Usage: full},
		{File: "off_list.json", Label: "unknown", Served: "claude-haiku-5-5", Usage: full, Notes: `category "banana" is not in the list`},
		{File: "fenced_percent.json", Label: "bank_statement", Confidence: 0.93, Served: "claude-haiku-4-5-20251001", Usage: full, Notes: `category was written "Bank Statement"; confidence "93%" was read as a percentage`},
	})
}

func TestScoreUnusableAnswers(t *testing.T) {
	adapter().Failures(t, []modeltest.Failure{
		{File: "refusal.json", Kind: fault.Refused, Msg: "declined"},
		{File: "max_tokens.json", Kind: fault.BadOutput, Msg: "truncated"},
		{File: "context_window.json", Kind: fault.BadOutput, Msg: "truncated"},
		{File: "tool_use.json", Kind: fault.BadOutput, Msg: "tool"},
		{File: "no_content.json", Kind: fault.BadOutput, Msg: "empty"},
		{File: "only_thoughts.json", Kind: fault.BadOutput, Msg: "empty"},
		{File: "two_answers.json", Kind: fault.BadOutput, Msg: "2 answers"},
		{File: "odd_content_object.json", Kind: fault.BadOutput, Msg: "not the JSON"},
		{File: "not_json.html", Kind: fault.BadOutput, Msg: "not the JSON"},
	})
}

func TestScoreErrors(t *testing.T) {
	adapter().Failures(t, []modeltest.Failure{
		{File: "bad_key.json", Status: 401, Kind: fault.Auth, Msg: "authentication_error"},
		{File: "no_access.json", Status: 403, Kind: fault.Auth, Msg: "permission_error"},
		{File: "model_not_found.json", Status: 404, Kind: fault.ModelGone, Msg: "not_found_error"},
		{File: "rate_limit.json", Status: 429, Kind: fault.RateLimited, Msg: "rate_limit_error"},
		{File: "spend_limit_enforced.json", Status: 429, Kind: fault.Quota, Msg: "enforced_spend_limit_reached"},
		{File: "spend_limit_workspace.json", Status: 400, Kind: fault.Quota},
		{File: "spend_limit_organization.json", Status: 400, Kind: fault.Quota},
		{File: "credit_balance.json", Status: 400, Kind: fault.Quota},
		{File: "billing.json", Status: 402, Kind: fault.Quota, Msg: "billing_error"},
		{File: "bad_parameter.json", Status: 400, Kind: fault.Rejected, Msg: "invalid_request_error"}, // it was not sent
		{File: "quoted_document.json", Status: 400, Kind: fault.Rejected},
		{File: "too_large.json", Status: 413, Kind: fault.TooLong, Msg: "request_too_large"},
		{File: "prompt_too_long.json", Status: 400, Kind: fault.TooLong, Msg: "longer than the model takes"},
		{File: "too_large.html", Status: 413, Kind: fault.TooLong, Msg: "status 413"},
		{File: "server_error.json", Status: 500, Kind: fault.Unavailable, Msg: "api_error"},
		{File: "bad_gateway.html", Status: 502, Kind: fault.Unavailable, Msg: "status 502"},
		{File: "timeout.json", Status: 504, Kind: fault.Unavailable, Msg: "timeout_error"},
		{File: "overloaded.json", Status: 529, Kind: fault.Unavailable, Msg: "overloaded_error"},
		{File: "error_text.json", Status: 500, Kind: fault.Unavailable},
		{File: "not_json.html", Status: 302, Kind: fault.Unavailable, Msg: "status 302"},
	})
}

func TestLifecycle(t *testing.T) {
	adapter().Lives(t, []modeltest.Life{
		{Name: "has an end announced", Status: 200, File: "model.json", Want: chat.Lifecycle{Exists: true, Shutdown: "2027-04-07"}},
		{Name: "has none announced", Status: 200, File: "model_alive.json", Want: chat.Lifecycle{Exists: true}},
		{Name: "is kept as history", Status: 200, File: "model_retired.json", Want: chat.Lifecycle{Shutdown: "2026-04-07"}},
		{Name: "does not exist", Status: 404, File: "model_not_found.json"},
		{Name: "cannot be asked about", Status: 401, File: "bad_key.json", Kind: fault.Auth},
		{Name: "is not described in JSON", Status: 200, File: "not_json.html", Kind: fault.BadOutput},
	})
}

func TestGarbage(t *testing.T) { adapter().Garbage(t) }

func FuzzScore(f *testing.F) { adapter().Fuzz(f) }

func BenchmarkScore(b *testing.B) { adapter().Benchmark(b) }

func TestProbeFeatures(t *testing.T) {
	known := chat.Features{
		Schema: chat.Yes, Logprobs: chat.No, Temperature: chat.No, Effort: chat.Yes, Images: chat.Yes, PDF: chat.Yes,
		Caching: chat.Yes, Decisions: chat.No,
	}
	older := chat.Features{Temperature: chat.Yes, Effort: chat.No}.Or(known)
	adapter().Finds(t, "claude-haiku-5-5", sim.Script{}, known)
	adapter().Finds(t, "claude-haiku-4-5", sim.Script{}, older)
	adapter().Finds(t, "claude-haiku-4-5", sim.Script{Steps: []sim.Step{{
		Match: sim.Match{Sends: "temperature"}, Effect: sim.Effect{Status: 400, Message: "`temperature` is deprecated for this model."},
	}}}, older) // nobody set one, so that none was sent
}

// A model that refuses the temperature that was set answers without it from then on.
func TestScoreWithoutARefusedTemperature(t *testing.T) {
	s, err := sim.New(sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	m := anthropic.New(anthropic.Options{
		Model: "claude-haiku-5-5", Key: "key", BaseURL: server.URL, Settings: modeltest.Settings(),
		Found: chat.Features{Temperature: chat.Yes},
	})
	if _, err := m.Score(t.Context(), modeltest.Request(t)); fault.KindOf(err) != fault.Adapted {
		t.Fatalf("first %v (%s), want %s", err, fault.KindOf(err), fault.Adapted)
	}
	if _, err := m.Score(t.Context(), modeltest.Request(t)); err != nil {
		t.Error(err)
	}
}
