package sdk_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/model/openai"
)

func openaiClient(p *provider) sdk.Client {
	return sdk.NewClient(option.WithBaseURL(p.URL+"/v1"), option.WithAPIKey("key"), option.WithMaxRetries(0))
}

func TestOpenAIRequests(t *testing.T) {
	reply := recorded(t, "openai/testdata/replies/invoice.json")["invoice"]
	for name, body := range recorded(t, "openai/testdata/requests/*.json") {
		t.Run(name, func(t *testing.T) {
			var params sdk.ChatCompletionNewParams
			if err := json.Unmarshal(body, &params); err != nil {
				t.Fatal(err)
			}
			p := serve(t, 200, reply)
			client := openaiClient(p)
			if _, err := client.Chat.Completions.New(t.Context(), params); err != nil {
				t.Fatal(err)
			}
			for _, d := range differences(t, body, p.body) {
				t.Errorf("we differ from the SDK in %s", d)
			}
		})
	}
}

func TestOpenAIReplies(t *testing.T) {
	for name, body := range recorded(t, "openai/testdata/replies/*.json") {
		if isError(body) || isOdd(name) || name == "model" || name == "model_alive" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 200, body)
			client := openaiClient(p)
			c, err := client.Chat.Completions.New(t.Context(), sdk.ChatCompletionNewParams{Model: "any"})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, openai.New(openai.Options{Model: "any", BaseURL: p.URL + "/v1"}), openaiReading(c))
		})
	}
}

func openaiReading(c *sdk.ChatCompletion) reading {
	u := c.Usage
	r := reading{served: c.Model, finish: "none", ends: map[string]fault.Kind{
		"none": fault.BadOutput, "length": fault.BadOutput, "tool_calls": fault.BadOutput,
		"content_filter": fault.Refused, "refusal": fault.Refused,
	}}
	if c.JSON.Usage.Valid() {
		r.usage = model.Usage{
			Known: true, Input: int(u.PromptTokens), Output: int(u.CompletionTokens),
			Cached:     int(u.PromptTokensDetails.CachedTokens),
			CacheWrite: int(u.PromptTokensDetails.CacheWriteTokens),
			Reasoning:  int(u.CompletionTokensDetails.ReasoningTokens),
		}
	}
	if len(c.Choices) > 0 {
		r.finish, r.text = c.Choices[0].FinishReason, c.Choices[0].Message.Content
		if c.Choices[0].Message.Refusal != "" {
			r.finish = "refusal"
		}
	}
	return r
}

func TestOpenAIErrors(t *testing.T) {
	for name, body := range recorded(t, "openai/testdata/replies/*.json") {
		if !isError(body) || name == "error_text" || name == "error_number" { // of other servers
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 429, body)
			client := openaiClient(p)
			_, err := client.Chat.Completions.New(t.Context(), sdk.ChatCompletionNewParams{Model: "any"})
			var said *sdk.Error
			if !errors.As(err, &said) {
				t.Fatalf("the SDK returns %v, want an API error", err)
			}
			word := said.Code
			if word == "" {
				word = said.Type
			}
			_, err = openai.New(openai.Options{Model: "any", BaseURL: p.URL + "/v1"}).Score(t.Context(), modeltest.Request(t))
			checkError(t, err, said.StatusCode, word)
		})
	}
}

func TestOpenAILifecycle(t *testing.T) {
	for name, body := range recorded(t, "openai/testdata/replies/model*.json") {
		if isError(body) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 200, body)
			client := openaiClient(p)
			want, err := client.Models.Get(t.Context(), "any")
			if err != nil {
				t.Fatal(err)
			}
			got, err := openai.New(openai.Options{Model: "any", BaseURL: p.URL + "/v1"}).Lifecycle(t.Context())
			if err != nil || !got.Exists || got.Shutdown != day(want.ShutdownDate) {
				t.Errorf("lifecycle %+v, %v, but the SDK reads %v", got, err, want.ShutdownDate)
			}
		})
	}
}

// day writes a date that may be absent.
func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}

func TestOpenAIDecisionsRequests(t *testing.T) {
	reply := recorded(t, "openai/testdata/decisions/replies/invoice.json")["invoice"]
	for name, body := range recorded(t, "openai/testdata/decisions/requests/*.json") {
		t.Run(name, func(t *testing.T) {
			var params sdk.DecisionNewParams
			if err := json.Unmarshal(body, &params); err != nil {
				t.Fatal(err)
			}
			if q := params.Questions; len(q) != 1 || q[0].OfChoice == nil || len(q[0].OfChoice.Choices) != 4 {
				t.Fatalf("the SDK reads the questions %+v, want a choice of four", q)
			}
			p := serve(t, 200, reply)
			client := openaiClient(p)
			if _, err := client.Decisions.New(t.Context(), params); err != nil {
				t.Fatal(err)
			}
			for _, d := range differences(t, body, p.body) {
				t.Errorf("we differ from the SDK in %s", d)
			}
		})
	}
}

func TestOpenAIDecisionsReplies(t *testing.T) {
	for name, body := range recorded(t, "openai/testdata/decisions/replies/*.json") {
		if isError(body) || isOdd(name) || name == "model" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 200, body)
			client := openaiClient(p)
			d, err := client.Decisions.New(t.Context(), sdk.DecisionNewParams{Model: "any"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := openai.NewDecisions(openai.Options{Model: "any", BaseURL: p.URL + "/v1"}).Score(t.Context(), modeltest.Request(t))
			if want := decisionsUsage(d); got.Usage != want || got.Served != d.Model {
				t.Errorf("usage %+v of %q, but the SDK reads %+v of %q", got.Usage, got.Served, want, d.Model)
			}
			compareDecision(t, got, err, d.Answers)
		})
	}
}

// compareDecision holds what the adapter made of a reply to the SDK's reading of its answers.
func compareDecision(t *testing.T, got model.Response, err error, answers []sdk.DecisionAnswerUnion) {
	t.Helper()
	if len(answers) == 1 && answers[0].Type == "refusal" {
		if fault.KindOf(err) != fault.Refused {
			t.Errorf("error %v, but the SDK reads a refusal", err)
		}
		return
	}
	if err != nil { // what is wrong with it is the adapter's own test
		if fault.KindOf(err) != fault.BadOutput {
			t.Errorf("error %v (%s) for an answer that the SDK reads", err, fault.KindOf(err))
		}
		return
	}
	said := answers[0].AsChoice()
	if said.Choice.OfString != got.Label {
		t.Errorf("label %q, but the SDK reads %q", got.Label, said.Choice.OfString)
	}
	for _, p := range said.Probabilities {
		if got.Scores[p.Value.OfString] != p.Probability {
			t.Errorf("%s has %v, but the SDK reads %v", p.Value.OfString, got.Scores[p.Value.OfString], p.Probability)
		}
	}
}

func decisionsUsage(d *sdk.Decision) model.Usage {
	if !d.JSON.Usage.Valid() {
		return model.Usage{}
	}
	u := d.Usage
	return model.Usage{
		Known: true, Input: int(u.InputTokens), Output: int(u.OutputTokens),
		Cached:     int(u.InputTokensDetails.CachedTokens),
		CacheWrite: int(u.InputTokensDetails.CacheWriteTokens),
		Reasoning:  int(u.OutputTokensDetails.ReasoningTokens),
	}
}

func TestOpenAIDecisionsErrors(t *testing.T) {
	for name, body := range recorded(t, "openai/testdata/decisions/replies/*.json") {
		if !isError(body) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 429, body)
			client := openaiClient(p)
			_, err := client.Decisions.New(t.Context(), sdk.DecisionNewParams{Model: "any"})
			var said *sdk.Error
			if !errors.As(err, &said) {
				t.Fatalf("the SDK returns %v, want an API error", err)
			}
			_, err = openai.NewDecisions(openai.Options{Model: "any", BaseURL: p.URL + "/v1"}).Score(t.Context(), modeltest.Request(t))
			checkError(t, err, said.StatusCode, said.Code)
		})
	}
}
