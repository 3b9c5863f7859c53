package sdk_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/anthropic"
	"github.com/docsift/docsift/model/modeltest"
)

func anthropicClient(p *provider) sdk.Client {
	return sdk.NewClient(option.WithBaseURL(p.URL), option.WithAPIKey("key"), option.WithMaxRetries(0))
}

// least is the smallest request that the SDK sends.
func least() sdk.MessageNewParams {
	return sdk.MessageNewParams{Model: "any", MaxTokens: 1, Messages: []sdk.MessageParam{sdk.NewUserMessage(sdk.NewTextBlock("x"))}}
}

func TestAnthropicRequests(t *testing.T) {
	reply := recorded(t, "anthropic/testdata/replies/invoice.json")["invoice"]
	for name, body := range recorded(t, "anthropic/testdata/requests/*.json") {
		t.Run(name, func(t *testing.T) {
			var params sdk.MessageNewParams
			if err := json.Unmarshal(body, &params); err != nil {
				t.Fatal(err)
			}
			p := serve(t, 200, reply)
			client := anthropicClient(p)
			if _, err := client.Messages.New(t.Context(), params); err != nil {
				t.Fatal(err)
			}
			for _, d := range differences(t, body, p.body) {
				t.Errorf("we differ from the SDK in %s", d)
			}
		})
	}
}

func TestAnthropicReplies(t *testing.T) {
	for name, body := range recorded(t, "anthropic/testdata/replies/*.json") {
		if isError(body) || isOdd(name) || strings.HasPrefix(name, "model") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 200, body)
			client := anthropicClient(p)
			m, err := client.Messages.New(t.Context(), least())
			if err != nil {
				t.Fatal(err)
			}
			compare(t, anthropic.New(anthropic.Options{Model: "any", BaseURL: p.URL}), anthropicReading(m))
		})
	}
}

func anthropicReading(m *sdk.Message) reading {
	u := m.Usage
	r := reading{served: m.Model, finish: string(m.StopReason), ends: map[string]fault.Kind{
		"max_tokens": fault.BadOutput, "model_context_window_exceeded": fault.BadOutput,
		"tool_use": fault.BadOutput, "refusal": fault.Refused,
	}}
	if m.JSON.Usage.Valid() {
		r.usage = model.Usage{
			Known:  true,
			Input:  int(u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens),
			Cached: int(u.CacheReadInputTokens), CacheWrite: int(u.CacheCreationInputTokens),
			Output: int(u.OutputTokens), Reasoning: int(u.OutputTokensDetails.ThinkingTokens),
		}
	}
	for _, block := range m.Content {
		if text, ok := block.AsAny().(sdk.TextBlock); ok {
			r.text += text.Text
		}
	}
	return r
}

func TestAnthropicErrors(t *testing.T) {
	for name, body := range recorded(t, "anthropic/testdata/replies/*.json") {
		if !isError(body) || name == "error_text" || name == "spend_limit_enforced" { // the SDK has no field for its code
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 429, body)
			client := anthropicClient(p)
			_, err := client.Messages.New(t.Context(), least())
			var said *sdk.Error
			if !errors.As(err, &said) {
				t.Fatalf("the SDK returns %v, want an API error", err)
			}
			_, err = anthropic.New(anthropic.Options{Model: "any", BaseURL: p.URL}).Score(t.Context(), modeltest.Request(t))
			checkError(t, err, said.StatusCode, string(said.Type()))
		})
	}
}

func TestAnthropicLifecycle(t *testing.T) {
	for name, body := range recorded(t, "anthropic/testdata/replies/model*.json") {
		if isError(body) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 200, body)
			client := anthropicClient(p)
			want, err := client.Models.Get(t.Context(), "any", sdk.ModelGetParams{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := anthropic.New(anthropic.Options{Model: "any", BaseURL: p.URL}).Lifecycle(t.Context())
			exists := want.Lifecycle != sdk.ModelInfoLifecycleRetired
			if err != nil || got.Exists != exists || got.Shutdown != day(want.RetiresAt) {
				t.Errorf("lifecycle %+v, %v, but the SDK reads %s until %v", got, err, want.Lifecycle, want.RetiresAt)
			}
		})
	}
}
