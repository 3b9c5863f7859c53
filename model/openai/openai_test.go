package openai_test

import (
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/model/openai"
)

var update = flag.Bool("update", false, "write the golden files of requests anew")

func adapter() modeltest.Adapter {
	return modeltest.Adapter{
		Open:       openai.New,
		Name:       "openai/gpt-4o-mini",
		Model:      "gpt-4o-mini",
		Base:       "/v1",
		RequestID:  "req_7",
		Asks:       "POST /v1/chat/completions",
		Header:     map[string]string{"Authorization": "Bearer [key]"},
		UsageField: "usage",
		Usage:      `{"prompt_tokens":%s,"completion_tokens":14}`,
		Echo:       `{"error":{"message":"bad [key]","type":"[key]","code":"[key]"}}`,
		Update:     *update,
	}
}

func TestAdapter(t *testing.T) { adapter().Run(t) }

func TestScoreRequests(t *testing.T) {
	set := modeltest.Settings()
	adapter().Requests(t, []modeltest.Sent{
		{Golden: "gpt-4o-mini_fine_tuned", Model: "ft:gpt-4o-mini-2024-07-18:acme::1", Settings: set},
		{Golden: "gpt-5-mini", Settings: set},
		{Golden: "gpt-5.1", Settings: set},
		{Golden: "gpt-6-luna", Settings: set},
		{Golden: "gpt-6-luna_effort", Settings: chat.Settings{Effort: "low"}},
		{Golden: "gpt-6-astra"},
		{Golden: "gpt-7"},
		{Golden: "o3", Settings: set},
		{Golden: "gpt-4o-mini_less", Settings: set, Found: modeltest.Less()},
		{Golden: "gpt-6-luna_found", Settings: set, Found: modeltest.More()},
		{Golden: "gpt-6-luna_found_effort", Settings: chat.Settings{Effort: "low"}, Found: modeltest.More()},
		{Golden: "gpt-4o-mini_stated", Settings: chat.Settings{Logprobs: "off"}},
		{Golden: "compatible_found", Model: "llama3.2:3b", Settings: set, Found: chat.Features{Logprobs: chat.Yes, Schema: chat.No}},
		{Golden: "compatible", Model: "llama3.2:3b", Settings: set},
		{Golden: "compatible_effort", Model: "gpt-oss-like:20b", Settings: chat.Settings{Effort: "low"}},
	})
}

func TestScoreAnswers(t *testing.T) {
	full := model.Usage{Known: true, Input: 520, Output: 14}
	adapter().Answers(t, []modeltest.Answer{
		{File: "invoice.json", Label: "invoice", Confidence: 0.93, Served: "gpt-4o-mini-2024-07-18", Usage: full},
		{File: "cached.json", Label: "invoice", Confidence: 0.93, Served: "gpt-6-luna", Usage: model.Usage{Known: true, Input: 520, Cached: 256, CacheWrite: 128, Output: 14}},
		{File: "reasoned.json", Label: "invoice", Confidence: 0.93, Served: "o3-2025-04-16", Usage: model.Usage{Known: true, Input: 520, Output: 206, Reasoning: 192}},
		{File: "no_usage.json", Label: "invoice", Confidence: 0.93, Served: "llama3.2:3b"},
		{File: "odd_content_parts.json", Label: "invoice", Confidence: 0.93, Served: "gpt-4o-mini-2024-07-18", Usage: full},
		{File: "logprobs.json", Label: "invoice", Confidence: 0.62, Score: model.ScoreLogprob, Served: "gpt-4o-mini-2024-07-18", Usage: full},
		{File: "odd_logprobs.json", Label: "invoice", Confidence: 0.93, Served: "gpt-4o-mini-2024-07-18", Usage: full},
		{File: "off_list.json", Label: "unknown", Served: "gpt-4o-mini-2024-07-18", Usage: full, Notes: `category "banana" is not in the list`},
		{File: "fenced_percent.json", Label: "bank_statement", Confidence: 0.93, Served: "gpt-4o-mini-2024-07-18", Usage: full, Notes: `category was written "Bank Statement"; confidence "93%" was read as a percentage`},
	})
}

func TestScoreUnusableAnswers(t *testing.T) {
	adapter().Failures(t, []modeltest.Failure{
		{File: "refusal.json", Kind: fault.Refused, Msg: "declined"},
		{File: "content_filter.json", Kind: fault.Refused, Msg: "filter"},
		{File: "length.json", Kind: fault.BadOutput, Msg: "truncated"},
		{File: "tool_call.json", Kind: fault.BadOutput, Msg: "tool"},
		{File: "null_content.json", Kind: fault.BadOutput, Msg: "empty"},
		{File: "no_choices.json", Kind: fault.BadOutput, Msg: "no choices"},
		{File: "two_answers.json", Kind: fault.BadOutput, Msg: "2 answers"},
		{File: "odd_content_object.json", Kind: fault.BadOutput, Msg: "not the JSON"},
		{File: "not_json.html", Kind: fault.BadOutput, Msg: "not the JSON"},
	})
}

func TestScoreErrors(t *testing.T) {
	adapter().Failures(t, []modeltest.Failure{
		{File: "bad_key.json", Status: 401, Kind: fault.Auth, Msg: "invalid_api_key"},
		{File: "no_access.json", Status: 403, Kind: fault.Auth},
		{File: "model_forbidden.json", Status: 403, Kind: fault.ModelGone},
		{File: "model_not_found.json", Status: 404, Kind: fault.ModelGone, Msg: "model_not_found"},
		{File: "not_json.html", Status: 404, Kind: fault.ModelGone},
		{File: "rate_limit.json", Status: 429, Kind: fault.RateLimited, Msg: "rate_limit_exceeded"},
		{File: "tokens_limit.json", Status: 429, Kind: fault.RateLimited},
		{File: "slow_down.json", Status: 429, Kind: fault.RateLimited, Msg: "slow_down"},
		{File: "slow_down.json", Status: 503, Kind: fault.RateLimited, Msg: "slow_down"},
		{File: "insufficient_quota.json", Status: 429, Kind: fault.Quota},
		{File: "credit_balance_exhausted.json", Status: 429, Kind: fault.Quota, Msg: "credit_balance_exhausted"},
		{File: "organization_spend_limit_exceeded.json", Status: 429, Kind: fault.Quota},
		{File: "project_spend_limit_exceeded.json", Status: 429, Kind: fault.Quota},
		{File: "organization_usage_limit_exceeded.json", Status: 429, Kind: fault.Quota},
		{File: "spend_limit_by_code_only.json", Status: 429, Kind: fault.Quota},
		{File: "bad_parameter.json", Status: 400, Kind: fault.Rejected, Msg: "unsupported_value"},
		{File: "context_length.json", Status: 400, Kind: fault.TooLong, Msg: "context_length_exceeded"},
		{File: "context_length_vllm.json", Status: 400, Kind: fault.TooLong, Msg: "longer than the model takes"},
		{File: "context_length_llama.json", Status: 400, Kind: fault.TooLong, Msg: "longer than the model takes"},
		{File: "invalid_schema.json", Status: 400, Kind: fault.Rejected},
		{File: "filtered_prompt.json", Status: 400, Kind: fault.Refused},
		{File: "too_large.html", Status: 413, Kind: fault.TooLong, Msg: "status 413"},
		{File: "server_error.json", Status: 408, Kind: fault.Timeout},
		{File: "server_error.json", Status: 500, Kind: fault.Unavailable},
		{File: "bad_gateway.html", Status: 502, Kind: fault.Unavailable, Msg: "status 502"},
		{File: "overloaded.json", Status: 503, Kind: fault.Unavailable, Msg: "server_is_overloaded"},
		{File: "server_error.json", Status: 504, Kind: fault.Unavailable},
		{File: "error_number.json", Status: 429, Kind: fault.RateLimited},
		{File: "error_text.json", Status: 500, Kind: fault.Unavailable},
		{File: "not_json.html", Status: 302, Kind: fault.Unavailable, Msg: "status 302"},
	})
}

func TestLifecycle(t *testing.T) {
	adapter().Lives(t, []modeltest.Life{
		{Name: "has an end announced", Status: 200, File: "model.json", Want: chat.Lifecycle{Exists: true, Shutdown: "2027-01-14"}},
		{Name: "has none announced", Status: 200, File: "model_alive.json", Want: chat.Lifecycle{Exists: true}},
		{Name: "does not exist", Status: 404, File: "model_not_found.json"},
		{Name: "cannot be asked about", Status: 401, File: "bad_key.json", Kind: fault.Auth},
		{Name: "is not described in JSON", Status: 200, File: "not_json.html", Kind: fault.BadOutput},
	})
}

func TestGarbage(t *testing.T) { adapter().Garbage(t) }

func FuzzScore(f *testing.F) { adapter().Fuzz(f) }

func BenchmarkScore(b *testing.B) { adapter().Benchmark(b) }

func TestSlowDown(t *testing.T) {
	for file, want := range map[string]bool{"slow_down.json": true, "rate_limit.json": false} {
		body, err := os.ReadFile("testdata/replies/" + file)
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTooManyRequests)
			w.Write(body)
		}))
		t.Cleanup(srv.Close)
		_, err = openai.New(chat.Options{Model: "gpt-6-luna", BaseURL: srv.URL}).Score(t.Context(), modeltest.Request(t))
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.SlowDown != want {
			t.Errorf("%s: %v, slow down %v, want %v", file, err, ok && e.SlowDown, want)
		}
	}
}

func TestProbeFeatures(t *testing.T) {
	refuse := func(field, message string) sim.Script {
		return sim.Script{Steps: []sim.Step{{Match: sim.Match{Sends: field}, Effect: sim.Effect{Status: 400, Message: message}}}}
	}
	known := chat.Features{Schema: chat.Yes, Images: chat.Yes, PDF: chat.Yes, Caching: chat.No, Decisions: chat.No}
	with := func(f chat.Features) chat.Features { return f.Or(known) }
	plain := chat.Features{Logprobs: chat.Yes, Temperature: chat.Yes, Effort: chat.No}
	tests := []struct {
		model  string
		script sim.Script
		want   chat.Features
	}{
		{"gpt-4o-mini", sim.Script{}, with(plain)},
		{"gpt-4o-mini", refuse("response_format", "'json_schema' is not supported by this server"), with(chat.Features{Schema: chat.No}.Or(plain))},
		{"gpt-4o-mini", refuse("top_logprobs", "Unrecognized request argument supplied: top_logprobs"), with(chat.Features{Logprobs: chat.No}.Or(plain))},
		{"gpt-5.1", sim.Script{}, with(chat.Features{Logprobs: chat.Yes, Temperature: chat.Yes, Effort: chat.Yes})},
		{"gpt-6-luna", sim.Script{}, with(chat.Features{Logprobs: chat.No, Temperature: chat.Yes, Effort: chat.Yes, Decisions: chat.Yes})},
		{"gpt-5-mini", sim.Script{}, with(chat.Features{Logprobs: chat.No, Temperature: chat.No, Effort: chat.Yes})},
		{"o3", sim.Script{}, chat.Features{Schema: chat.Yes, Logprobs: chat.No, Temperature: chat.No, Effort: chat.Yes, Images: chat.Yes, Caching: chat.No, Decisions: chat.No}},
	}
	for _, tt := range tests {
		t.Run(tt.model, func(t *testing.T) { adapter().Finds(t, tt.model, tt.script, tt.want) })
	}
}

// OpenAI itself is told what to keep, under one key for a taxonomy; no other server is.
func TestScorePromptCacheKey(t *testing.T) {
	tests := []struct {
		name, model, base string
		want              bool
	}{
		{"at OpenAI", "gpt-4o-mini", "", true},
		{"of a fine-tuned model", "ft:gpt-4o-mini-2024-07-18:acme::1", "", true},
		{"of a model that is newer than its table", "gpt-7", "", false},
		{"at another server", "gpt-4o-mini", "http://api.invalid/v1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var sent []string
			client := &http.Client{Transport: recorder(func(body string) { sent = append(sent, body) })}
			m := openai.New(openai.Options{Model: tt.model, BaseURL: tt.base, Key: "key", Client: client})
			for _, text := range []string{"one", "two"} {
				req := modeltest.Request(t)
				req.Text = text
				if _, err := m.Score(t.Context(), req); fault.KindOf(err) != fault.Unavailable {
					t.Fatal(err)
				}
			}
			key := regexp.MustCompile(`"prompt_cache_key":"docsift-[0-9a-z-]+"`)
			if got := key.FindString(sent[0]); (got != "") != tt.want || key.FindString(sent[1]) != got {
				t.Errorf("keys %q and %q, want one: %v", got, key.FindString(sent[1]), tt.want)
			}
		})
	}
}

// recorder is told the body of each request, and answers 503.
type recorder func(body string)

func (f recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	f(string(body))
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: http.NoBody}, err
}
