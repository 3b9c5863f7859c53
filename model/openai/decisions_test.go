package openai_test

import (
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/model/openai"
)

func decisions() modeltest.Adapter {
	return modeltest.Adapter{
		Open:       openai.NewDecisions,
		Dir:        "testdata/decisions",
		Score:      model.ScoreProbability,
		Name:       "openai/gpt-6-luna@decisions",
		Model:      "gpt-6-luna",
		Base:       "/v1",
		RequestID:  "req_7",
		Asks:       "POST /v1/decisions",
		Header:     map[string]string{"Authorization": "Bearer [key]"},
		UsageField: "usage",
		Usage:      `{"input_tokens":%s,"output_tokens":14}`,
		Echo:       `{"error":{"message":"bad [key]","type":"[key]","code":"[key]"}}`,
		Update:     *update,
	}
}

func TestDecisionsAdapter(t *testing.T) { decisions().Run(t) }

func TestDecisionsRequests(t *testing.T) {
	decisions().Requests(t, []modeltest.Sent{{Golden: "gpt-6-luna_suffix", Model: "gpt-6-luna@decisions"}})
}

func TestDecisionsAnswers(t *testing.T) {
	full := model.Usage{Known: true, Input: 520}
	const luna = "gpt-6-luna"
	decisions().Answers(t, []modeltest.Answer{
		{File: "invoice.json", Label: "invoice", Confidence: 0.93, Served: luna, Usage: full},
		{File: "cached.json", Label: "invoice", Confidence: 0.93, Served: luna, Usage: model.Usage{Known: true, Input: 520, Cached: 256, CacheWrite: 128}},
		{File: "unknown.json", Label: "unknown", Confidence: 0.7, Served: luna, Usage: full},
		{File: "no_usage.json", Label: "invoice", Confidence: 0.93, Served: luna},
		{File: "tie.json", Label: "receipt", Confidence: 0.5, Served: luna, Usage: full},
		{File: "confident_server.json", Label: "invoice", Confidence: 0.4, Served: luna, Usage: full},
		{File: "left_out.json", Label: "invoice", Confidence: 0.93, Served: luna, Usage: full, Notes: "2 of 4 choices were given no probability"},
		{File: "odd_probabilities_object.json", Label: "invoice", Confidence: 0.93, Served: luna, Usage: full},
	})
}

func TestDecisionsUnusableAnswers(t *testing.T) {
	decisions().Failures(t, []modeltest.Failure{
		{File: "refusal.json", Kind: fault.Refused, Msg: "declined"},
		{File: "refusal_unnamed.json", Kind: fault.Refused, Msg: "declined"},
		{File: "no_answers.json", Kind: fault.BadOutput, Msg: "0 answers"},
		{File: "two_answers.json", Kind: fault.BadOutput, Msg: "2 answers"},
		{File: "another_question.json", Kind: fault.BadOutput, Msg: "another question"},
		{File: "predicate.json", Kind: fault.BadOutput, Msg: `"predicate"`},
		{File: "no_probabilities.json", Kind: fault.BadOutput, Msg: "no probabilities"},
		{File: "null_probabilities.json", Kind: fault.BadOutput, Msg: "no probabilities"},
		{File: "null_probability.json", Kind: fault.BadOutput, Msg: `"invoice" is none`},
		{File: "negative.json", Kind: fault.BadOutput, Msg: "is none"},
		{File: "above_one.json", Kind: fault.BadOutput, Msg: "is none"},
		{File: "half_a_sum.json", Kind: fault.BadOutput, Msg: "add up to 0.50"},
		{File: "twice_a_sum.json", Kind: fault.BadOutput, Msg: "add up to 2.00"},
		{File: "all_zero.json", Kind: fault.BadOutput, Msg: "add up to 0.00"},
		{File: "foreign_label.json", Kind: fault.BadOutput, Msg: `"banana", which was not offered`},
		{File: "foreign_choice.json", Kind: fault.BadOutput, Msg: `"banana" was not offered`},
		{File: "odd_choice_bool.json", Kind: fault.BadOutput, Msg: "true is not a text"},
		{File: "contradiction.json", Kind: fault.BadOutput, Msg: "receipt at 0.04, and invoice has 0.93"},
		{File: "twice_a_label.json", Kind: fault.BadOutput, Msg: `two probabilities of "invoice"`},
		{File: "odd_text_probability.json", Kind: fault.BadOutput, Msg: "not the JSON"},
		{File: "odd_nan.txt", Kind: fault.BadOutput, Msg: "not the JSON"},
		{File: "not_json.html", Kind: fault.BadOutput, Msg: "not the JSON"},
	})
}

func TestDecisionsErrors(t *testing.T) {
	decisions().Failures(t, []modeltest.Failure{
		{File: "bad_key.json", Status: 401, Kind: fault.Auth, Msg: "invalid_api_key"},
		{File: "model_not_found.json", Status: 404, Kind: fault.ModelGone, Msg: "model_not_found"},
		{File: "too_many_choices.json", Status: 400, Kind: fault.Rejected, Msg: "array_above_max_length"},
		{File: "rate_limit.json", Status: 429, Kind: fault.RateLimited, Msg: "rate_limit_exceeded"},
		{File: "insufficient_quota.json", Status: 429, Kind: fault.Quota},
		{File: "overloaded.json", Status: 503, Kind: fault.Unavailable, Msg: "server_is_overloaded"},
		{File: "not_json.html", Status: 404, Kind: fault.ModelGone},
	})
}

func TestDecisionsLifecycle(t *testing.T) {
	decisions().Lives(t, []modeltest.Life{
		{Name: "is asked for by the model's own name", Status: 200, File: "model.json", Want: chat.Lifecycle{Exists: true}},
	})
}

func TestDecisionsFeatures(t *testing.T) {
	decisions().Finds(t, "gpt-6-luna", sim.Script{}, chat.Deciding(chat.Yes, chat.No))
}

func FuzzDecisions(f *testing.F) { decisions().Fuzz(f) }

func BenchmarkDecisions(b *testing.B) { decisions().Benchmark(b) }
