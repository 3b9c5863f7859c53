package systemone_test

import (
	"flag"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/model/systemone"
)

var update = flag.Bool("update", false, "write the golden files of requests anew")

func adapter() modeltest.Adapter {
	return modeltest.Adapter{
		Open:       systemone.New,
		Score:      model.ScoreProbability,
		Own:        true,
		Name:       "systemone/Kev-4B",
		Model:      "Kev-4B",
		Base:       "/v1",
		RequestID:  "req_7",
		Asks:       "POST /v1/systemone",
		Header:     map[string]string{"Authorization": "Bearer [key]"},
		UsageField: "usage",
		Usage:      `{"input_tokens":%s,"output_tokens":14}`,
		Echo:       `{"error":{"message":"bad [key]","type":"[key]"},"detail":"[key]"}`,
		Update:     *update,
	}
}

func TestAdapter(t *testing.T) { adapter().Run(t) }

func TestScoreRequests(t *testing.T) { adapter().Requests(t, nil) }

func TestScoreAnswers(t *testing.T) {
	full := model.Usage{Known: true, Input: 520}
	adapter().Answers(t, []modeltest.Answer{
		{File: "invoice.json", Label: "invoice", Confidence: 0.93, Served: "Kev-4B", Usage: full},
		{File: "vllm.json", Label: "invoice", Confidence: 0.9312, Served: "Qwen/Qwen3-0.6B", Usage: model.Usage{Known: true, Input: 520, Output: 1}},
		{File: "no_choice.json", Label: "invoice", Confidence: 0.93, Served: "Kev-4B", Usage: full},
		{File: "no_usage.json", Label: "invoice", Confidence: 0.93, Served: "Kev-4B"},
		{File: "unknown.json", Label: "unknown", Confidence: 0.7, Served: "Kev-4B", Usage: full},
	})
}

func TestScoreUnusableAnswers(t *testing.T) {
	adapter().Failures(t, []modeltest.Failure{
		{File: "refusal.json", Kind: fault.Refused, Msg: "declined"},
		{File: "no_answers.json", Kind: fault.BadOutput, Msg: "no answer to the question"},
		{File: "no_probabilities.json", Kind: fault.BadOutput, Msg: "no probabilities"},
		{File: "label_letters.json", Kind: fault.BadOutput, Msg: `"A", which was not offered`},
		{File: "twice_a_label.json", Kind: fault.BadOutput, Msg: `two probabilities of "invoice"`},
		{File: "half_a_sum.json", Kind: fault.BadOutput, Msg: "add up to 0.50"},
		{File: "contradiction.json", Kind: fault.BadOutput, Msg: "receipt at 0.04"},
		{File: "nan.txt", Kind: fault.BadOutput, Msg: "not the JSON"},
		{File: "not_json.html", Kind: fault.BadOutput, Msg: "not the JSON"},
	})
}

func TestScoreErrors(t *testing.T) {
	adapter().Failures(t, []modeltest.Failure{
		{File: "too_many_options.json", Status: 422, Kind: fault.Rejected, Msg: "unprocessable_entity_error"},
		{File: "too_many_options_vllm.json", Status: 400, Kind: fault.Rejected, Msg: "BadRequestError"},
		{File: "no_strategy.json", Status: 501, Kind: fault.ModelGone, Msg: "status 501"},
		{File: "model_not_found.json", Status: 404, Kind: fault.ModelGone},
		{File: "queue_full.json", Status: 429, Kind: fault.RateLimited, Msg: "rate_limit_error"},
		{File: "detail_object.json", Status: 400, Kind: fault.Rejected, Msg: "api_usage_error"},
		{File: "detail_text.json", Status: 401, Kind: fault.Auth},
		{File: "detail_list.json", Status: 422, Kind: fault.Rejected},
		{File: "loading.json", Status: 503, Kind: fault.Unavailable, Msg: "unavailable_error"},
		{File: "not_json.html", Status: 502, Kind: fault.Unavailable},
	})
}

func TestLifecycle(t *testing.T) {
	adapter().Lives(t, []modeltest.Life{
		{Name: "exists", Status: 200, File: "model.json", Want: chat.Lifecycle{Exists: true}},
		{Name: "is unknown", Status: 404, File: "model_not_found.json"},
	})
}

func FuzzScore(f *testing.F) { adapter().Fuzz(f) }

func BenchmarkScore(b *testing.B) { adapter().Benchmark(b) }
