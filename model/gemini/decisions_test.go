package gemini_test

import (
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/modeltest"
)

func decisions() modeltest.Adapter {
	return modeltest.Adapter{
		Open:       gemini.NewDecisions,
		Dir:        "testdata/decisions",
		Score:      model.ScoreProbability,
		Name:       "google/gemini-decision-1",
		Model:      "gemini-decision-1",
		RequestID:  "req_7",
		Asks:       "POST /v1beta/decisions",
		Header:     map[string]string{"X-Goog-Api-Key": "[key]"},
		UsageField: "usage",
		Usage:      `{"total_input_tokens":%s,"total_output_tokens":14}`,
		Echo:       `{"error":{"message":"bad [key]","status":"[key]","details":[{"reason":"[key]"}]}}`,
		Update:     *update,
	}
}

func TestDecisionsAdapter(t *testing.T) { decisions().Run(t) }

func TestDecisionsRequests(t *testing.T) {
	decisions().Requests(t, []modeltest.Sent{{Golden: "gemini-decision-1_prefix", Model: "models/gemini-decision-1"}})
}

func TestDecisionsAnswers(t *testing.T) {
	full := model.Usage{Known: true, Input: 520}
	decisions().Answers(t, []modeltest.Answer{
		{File: "invoice.json", Label: "invoice", Confidence: 0.93, Usage: full},
		{File: "fine.json", Label: "invoice", Confidence: 0.9312, Usage: full},
		{File: "cached.json", Label: "invoice", Confidence: 0.93, Usage: model.Usage{Known: true, Input: 520, Cached: 256}},
		{File: "unknown.json", Label: "unknown", Confidence: 0.7, Usage: full},
		{File: "no_usage.json", Label: "invoice", Confidence: 0.93},
	})
}

func TestDecisionsUnusableAnswers(t *testing.T) {
	decisions().Failures(t, []modeltest.Failure{
		{File: "blocked_prompt.json", Kind: fault.Refused, Msg: "filter"},
		{File: "no_answers.json", Kind: fault.BadOutput, Msg: "no answer to the question"},
		{File: "another_question.json", Kind: fault.BadOutput, Msg: "no answer to the question"},
		{File: "score.json", Kind: fault.BadOutput, Msg: `"score"`},
		{File: "no_probabilities.json", Kind: fault.BadOutput, Msg: "no probabilities"},
		{File: "foreign_label.json", Kind: fault.BadOutput, Msg: `"banana", which was not offered`},
		{File: "contradiction.json", Kind: fault.BadOutput, Msg: "receipt at 0.04"},
		{File: "twice_a_label.json", Kind: fault.BadOutput, Msg: `two probabilities of "invoice"`},
		{File: "half_a_sum.json", Kind: fault.BadOutput, Msg: "add up to 0.50"},
		{File: "answers_list.json", Kind: fault.BadOutput, Msg: "not the JSON"},
		{File: "not_json.html", Kind: fault.BadOutput, Msg: "not the JSON"},
	})
}

func TestDecisionsErrors(t *testing.T) {
	decisions().Failures(t, []modeltest.Failure{
		{File: "bad_key.json", Status: 400, Kind: fault.Auth, Msg: "API_KEY_INVALID"},
		{File: "billing.json", Status: 402, Kind: fault.Quota},
		{File: "model_not_found.json", Status: 404, Kind: fault.ModelGone, Msg: "NOT_FOUND"},
		{File: "bad_parameter.json", Status: 400, Kind: fault.Rejected, Msg: "INVALID_ARGUMENT"},
		{File: "rate_limit_retry.json", Status: 429, Kind: fault.RateLimited, Wait: 39500 * time.Millisecond},
		{File: "overloaded.json", Status: 503, Kind: fault.Unavailable},
	})
}

func TestDecisionsLifecycle(t *testing.T) {
	decisions().Lives(t, []modeltest.Life{{Name: "exists", Status: 200, File: "model.json", Want: chat.Lifecycle{Exists: true}}})
}

func TestDecisionsFeatures(t *testing.T) {
	decisions().Finds(t, "gemini-decision-1", sim.Script{}, chat.Deciding(chat.Yes, chat.Yes))
}

func FuzzDecisions(f *testing.F) { decisions().Fuzz(f) }
