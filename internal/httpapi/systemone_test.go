package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

func TestSystemOne(t *testing.T) {
	const (
		kind    = `{"type":"choice","instructions":"Which kind?","criteria":{"bank statement":null,"Tax Invoice":null,"invoice":"asks for money"}}`
		known   = `{"type":"choice","instructions":"Which kind?","criteria":{"bank statement":null,"invoice":"asks for money"}}`
		paid    = `{"type":"noul","instructions":"It was paid.","criteria":{"true":"money came","false":null}}`
		urgency = `{"type":"score","instructions":{"ask":"How urgent?"},"criteria":["low","middle","high"]}`
	)
	body := func(state, questions string) string {
		return `{"model":"jev-latest","state":` + state + `,"questions":{` + questions + `}}`
	}
	says := func(label, confidence string) []sim.Step {
		return []sim.Step{{Effect: sim.Effect{Label: label, Confidence: sim.Raw(confidence)}}}
	}
	tests := []struct {
		name   string
		steps  []sim.Step
		body   string
		status int
		want   map[string]any
	}{
		{"a choice by the local model", nil, body(quote(invoice), `"a b":`+known), 200, map[string]any{
			"model": "docsift/default", "answers.a b.type": "choice", "answers.a b.choice": "invoice", "answers.a b.docsift.provider_used": "local", "usage.input_tokens": 0.0,
		}},
		{"a choice by a hosted one", says("Tax Invoice", "0.9"), body(`"Short."`, `"q":`+kind), 200, map[string]any{
			"answers.q.choice": "Tax Invoice", "answers.q.confidence": 0.9, "answers.q.probabilities.Tax Invoice": 0.9, "answers.q.probabilities.bank statement": 0.05,
		}},
		{"a state that is JSON", says("true", "0.9"), body(`{"order":[1,2]}`, `"q":`+paid), 200, map[string]any{"answers.q.type": "noul", "answers.q.noul": 0.9, "answers.q.confidence": nil}},
		{"a scale", says("middle", "0.9"), body(`"Short."`, `"q":`+urgency), 200, map[string]any{
			"answers.q.score": 1.0, "answers.q.legend.1": "middle", "answers.q.probabilities.1": 0.9, "answers.q.confidence": 0.9,
		}},
		{"what is not answered is missing, and why is told", []sim.Step{{Effect: sim.Effect{Fault: "insufficient_quota"}}}, body(quote(invoice), `"p":`+paid+`,"k":`+known), 200, map[string]any{
			"answers.k.choice": "invoice", "answers.p": nil, "docsift.unanswered.p.error.code": "no_model_available", "docsift.unanswered.k": nil,
		}},
		{"nothing could be answered", []sim.Step{{Effect: sim.Effect{Fault: "insufficient_quota"}}}, body(quote(invoice), `"p":`+paid), 503, map[string]any{"error.code": "no_model_available"}},
		{"no state", nil, `{"questions":{"q":` + paid + `}}`, 400, map[string]any{"error.param": "state"}},
		{"an empty state", nil, body(`""`, `"q":`+paid), 400, map[string]any{"error.param": "state"}},
		{"questions in a list", nil, `{"state":"x","questions":[` + paid + `]}`, 400, map[string]any{"error.param": "questions"}},
		{"no questions", nil, body(`"x"`, ``), 400, map[string]any{"error.param": "questions"}},
		{"a question twice", nil, body(`"x"`, `"q":`+paid+`,"q":`+paid), 400, map[string]any{"error.param": "questions.q"}},
		{"a kind of question that there is not", nil, body(`"x"`, `"q":{"type":"box","instructions":"x"}`), 400, map[string]any{"error.param": "questions.q.type"}},
		{"criteria in a list", nil, body(`"x"`, `"q":{"type":"choice","instructions":"x","criteria":["a","b"]}`), 400, map[string]any{"error.param": "questions.q.criteria"}},
		{"one choice", nil, body(`"x"`, `"q":{"type":"choice","instructions":"x","criteria":{"a":null}}`), 400, map[string]any{"error.param": "questions.q.criteria"}},
		{"a choice twice", nil, body(`"x"`, `"q":{"type":"choice","instructions":"x","criteria":{"a":null,"a":null}}`), 400, map[string]any{"error.param": "questions.q"}},
		{"a meaning that is a number", nil, body(`"x"`, `"q":{"type":"choice","instructions":"x","criteria":{"a":1,"b":null}}`), 400, map[string]any{"error.param": "questions.q.criteria.a"}},
		{"a level that is a number", nil, body(`"x"`, `"q":{"type":"score","instructions":"x","criteria":[1,2]}`), 400, map[string]any{"error.param": "questions.q.criteria[0]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv, _, _ := server(t, "", tt.steps)
			status, got, _ := postJSON(t, srv.URL+"/v1/systemone", tt.body)
			if status != tt.status || (status == http.StatusOK) == (got["error"] != nil) {
				t.Fatalf("status %d %v, want %d", status, got, tt.status)
			}
			for path, want := range tt.want {
				if have := at(got, path); have != want {
					t.Errorf("%s is %v, want %v", path, have, want)
				}
			}
		})
	}
}
