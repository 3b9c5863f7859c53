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
