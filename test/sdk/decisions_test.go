package sdk_test

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/docsift/docsift"
	reader "github.com/docsift/docsift/extract/image"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/sim"
)

// ours returns OpenAI's client of docsift's own server, whose hosted models are the simulator's.
func ours(t *testing.T, policy string, script sim.Script) sdk.Client {
	t.Helper()
	s, err := sim.New(sim.Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(s)
	t.Cleanup(provider.Close)
	env := map[string]string{"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": provider.URL + "/v1"}
	c, err := docsift.New(docsift.Options{Policy: policy, Extractor: reader.New(reader.Options{}), Getenv: func(name string) string { return env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(httpapi.New(httpapi.Options{Classifier: c, Log: slog.New(slog.DiscardHandler)}))
	t.Cleanup(srv.Close)
	return sdk.NewClient(option.WithBaseURL(srv.URL+"/v1"), option.WithAPIKey("any"), option.WithMaxRetries(0))
}

const statement = "Bank statement\nStatement period 1 May to 31 May\nSort code 00-00-00\nOpening balance 310.20\nDirect debit 40.00\nClosing balance 255.20"

// kinds is a choice as the SDK writes it.
func kinds(labels ...string) sdk.DecisionNewParamsQuestionUnion {
	q := &sdk.DecisionNewParamsQuestionChoice{Name: sdk.String("kind")}
	q.Instructions.OfString = sdk.String("Which kind of document is it?")
	for _, l := range labels {
		c := sdk.DecisionNewParamsQuestionChoiceChoice{Description: sdk.String("a " + l)}
		c.Value.OfString = sdk.String(l)
		q.Choices = append(q.Choices, c)
	}
	return sdk.DecisionNewParamsQuestionUnion{OfChoice: q}
}

func predicate(text string) sdk.DecisionNewParamsQuestionUnion {
	q := &sdk.DecisionNewParamsQuestionPredicate{Name: sdk.String("is it")}
	q.Instructions.OfString = sdk.String(text)
	return sdk.DecisionNewParamsQuestionUnion{OfPredicate: q}
}

func params(text string, questions ...sdk.DecisionNewParamsQuestionUnion) sdk.DecisionNewParams {
	p := sdk.DecisionNewParams{Model: "gpt-6-luna", Questions: questions}
	p.Input.OfString = sdk.String(text)
	return p
}

// One client, no key, one URL changed: the local model's answer in the SDK's own types.
func TestOurDecisions(t *testing.T) {
	client := ours(t, "local", sim.Script{})
	d, err := client.Decisions.New(t.Context(), params(statement, kinds("invoice", "bank_statement", "payslip"), predicate("It is overdrawn.")))
	if err != nil {
		t.Fatal(err)
	}
	if d.Model != "docsift/local" || len(d.Answers) != 2 {
		t.Fatalf("%d answers by %q, want two by docsift/local", len(d.Answers), d.Model)
	}
	said, ok := d.Answers[0].AsAny().(sdk.DecisionAnswerChoice)
	if !ok || said.Name != "kind" || said.Choice.OfString != "bank_statement" || said.Confidence < 0.9 || len(said.Probabilities) != 3 {
		t.Errorf("answer %s", d.Answers[0].RawJSON())
	}
	sum := 0.0
	for _, p := range said.Probabilities {
		sum += p.Probability
		if p.Value.OfString == said.Choice.OfString && p.Probability != said.Confidence {
			t.Errorf("confidence %v beside a probability of %v", said.Confidence, p.Probability)
		}
	}
	if math.Abs(sum-1) > 0.001 {
		t.Errorf("the probabilities make %v", sum)
	}
	if refusal, ok := d.Answers[1].AsAny().(sdk.DecisionAnswerRefusal); !ok || refusal.Name != "is it" {
		t.Errorf("the local model judged %s", d.Answers[1].RawJSON())
	}
	if extra, ok := d.JSON.ExtraFields["docsift"]; !ok || extra.Raw() == "" {
		t.Error("there is nothing of docsift's own beside the standard fields")
	}
}

// Every kind of question, a picture and a boolean, by the simulator behind the cascade.
func TestOurDecisionsByHostedModels(t *testing.T) {
	script := sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "true", Confidence: "0.9"}}}}
	score := &sdk.DecisionNewParamsQuestionScore{Levels: []sdk.DecisionNewParamsQuestionScoreLevel{{Label: "false"}, {Label: "true", Description: sdk.String("fully")}}}
	score.Instructions.OfString = sdk.String("How true is it?")
	typed := &sdk.DecisionNewParamsQuestionChoice{Choices: make([]sdk.DecisionNewParamsQuestionChoiceChoice, 2)}
	typed.Instructions.OfString = sdk.String("Is it?")
	typed.Choices[0].Value.OfBool, typed.Choices[1].Value.OfBool = sdk.Bool(false), sdk.Bool(true)
	p := params("", predicate("It is a statement."), sdk.DecisionNewParamsQuestionUnion{OfScore: score}, sdk.DecisionNewParamsQuestionUnion{OfChoice: typed})
	p.Input = sdk.DecisionNewParamsInputUnion{OfDecisionNewsInputArray: []sdk.DecisionNewParamsInputArrayItemUnion{{
		OfDecisionInputUserMessage: &sdk.DecisionNewParamsInputArrayItemDecisionInputUserMessage{
			Content: sdk.DecisionNewParamsInputArrayItemDecisionInputUserMessageContentUnion{OfParts: []sdk.DecisionInputPartUnionParam{
				sdk.DecisionInputPartParamOfInputText(statement), sdk.DecisionInputPartParamOfInputImage(picture(t)),
			}},
		},
	}}}
	client := ours(t, "default", script)
	d, err := client.Decisions.New(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if a, ok := d.Answers[0].AsAny().(sdk.DecisionAnswerPredicate); !ok || a.Probability != 0.9 || a.Name != "is it" {
		t.Errorf("predicate %s", d.Answers[0].RawJSON())
	}
	if a, ok := d.Answers[1].AsAny().(sdk.DecisionAnswerScore); !ok || a.Score != 0.9 || len(a.Probabilities) != 2 || a.Probabilities[1].Label != "true" || a.Probabilities[1].Value != 1 {
		t.Errorf("score %s", d.Answers[1].RawJSON())
	}
	if a, ok := d.Answers[2].AsAny().(sdk.DecisionAnswerChoice); !ok || !a.Choice.OfBool || !a.Choice.JSON.OfBool.Valid() || a.Confidence != 0.9 {
		t.Errorf("choice %s", d.Answers[2].RawJSON())
	}
	if u := d.Usage; u.InputTokens == 0 || u.TotalTokens != u.InputTokens+u.OutputTokens {
		t.Errorf("usage %+v", u)
	}
}

func picture(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob("../../samples/*/*.png")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no picture among the samples: %v", err)
	}
	raw, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(raw)
}

// The SDK reads our errors as it reads OpenAI's.
func TestOurDecisionsErrors(t *testing.T) {
	tests := []struct {
		name   string
		script sim.Script
		params sdk.DecisionNewParams
		status int
		param  string
		code   string
	}{
		{"one choice", sim.Script{}, params(statement, kinds("invoice")), 400, "questions[0].choices", "invalid_request"},
		{"every provider down", sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Fault: "insufficient_quota"}}}}, params("It came late.", predicate("x")), 503, "", "no_model_available"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := ours(t, "default", tt.script)
			_, err := client.Decisions.New(t.Context(), tt.params)
			var said *sdk.Error
			if !errors.As(err, &said) {
				t.Fatalf("the SDK returns %v, want an API error", err)
			}
			if said.StatusCode != tt.status || said.Param != tt.param || said.Code != tt.code || said.Message == "" {
				t.Errorf("status %d, param %q, code %q, %q; want %d, %q, %q", said.StatusCode, said.Param, said.Code, said.Message, tt.status, tt.param, tt.code)
			}
		})
	}
}
