package docsift_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
)

// A parameter that a server refuses costs one attempt, and is left out of all that follow.
func TestARefusedParameterIsLeftOut(t *testing.T) {
	refuse := sim.Step{Match: sim.Match{Sends: "logprobs"}, Effect: sim.Effect{Status: 400, Message: "Unrecognized request argument supplied: logprobs"}}
	s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{refuse}}})
	c := open(t, env, docsift.Options{Policy: "mini", Policies: []cascade.Policy{miniOnText(t)}})
	first := classified(t, c, "Invoice 7 from Ann: please pay 480.00 for four oak shelves within thirty days")
	if a := first.Attempts; len(a) != 2 || a[0].Error == nil || a[0].Error.Code != fault.Adapted || a[0].Cost.NanoUSD != 0 || !first.Cost.Known {
		t.Errorf("attempts %+v", a)
	}
	second := classified(t, c, "Invoice 8 from Bob: please pay 520.00 for five oak shelves within thirty days")
	if len(second.Attempts) != 1 || second.ConfidenceKind != model.ScoreStated || second.Classification != "invoice" || s.Count("", "") != 3 {
		t.Errorf("%s (%s) after %d attempts and %d calls", second.Classification, second.ConfidenceKind, len(second.Attempts), s.Count("", ""))
	}
}

// The tokens of the label bound what is stated, and what else it may be is told by them.
func TestConfidenceByTokens(t *testing.T) {
	_, env := providers(t, sim.Options{Rules: []sim.Rule{{Contains: "Invoice", Answer: sim.Answer{Label: "invoice", Confidence: 0.6}}}})
	got := classified(t, open(t, env, docsift.Options{Policy: "mini", Policies: []cascade.Policy{miniOnText(t)}}), "Invoice 7 from Ann: please pay 480.00 for four oak shelves within thirty days")
	if got.Confidence == nil || *got.Confidence > 0.6 || *got.Confidence < 0.59 || got.ConfidenceKind != model.ScoreLogprob || len(got.Alternatives) == 0 {
		t.Errorf("confidence %v (%s), alternatives %+v", got.Confidence, got.ConfidenceKind, got.Alternatives)
	}
	if a := got.Attempts[0]; a.Prompt == "" {
		t.Errorf("attempt %+v does not tell the prompt", a)
	}
}

// No provider is ever told what a file is called.
func TestNamesStayHere(t *testing.T) {
	var told []string
	_, env := providers(t, sim.Options{Answer: func(c sim.Call) sim.Answer {
		told = append(told, strings.Join(append(c.System, c.Text...), "\n"))
		return sim.Answer{}
	}})
	classified(t, open(t, env, docsift.Options{Policy: "mini", Policies: []cascade.Policy{miniOnText(t)}}), "Invoice 7 from Ann: please pay 480.00 for four oak shelves within thirty days")
	if len(told) != 1 || strings.Contains(told[0], "canary-name") || !strings.Contains(told[0], "Invoice 7 from Ann: please pay 480.00 for four oak shelves within thirty days") {
		t.Errorf("told %q", told)
	}
}

// miniOnText asks gpt-4o-mini about the text, once more when that failed.
func miniOnText(t *testing.T) cascade.Policy {
	t.Helper()
	p, err := cascade.ParsePolicy("mini.yaml", []byte(`{name: mini, version: "1", confidence: 0.5, retries: 1, stages: [{name: text, views: [text], models: [{model: openai/gpt-4o-mini}]}]}`), lookup(nil))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func classified(t *testing.T, c *docsift.Classifier, text string) docsift.Result {
	t.Helper()
	d, err := document.Read(bytes.NewReader([]byte(text)), "canary-name.txt", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Classify(t.Context(), d, docsift.Request{Taxonomy: "finance"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}
