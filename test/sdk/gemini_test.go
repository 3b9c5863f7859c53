package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"

	sdk "google.golang.org/genai"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/modeltest"
)

func geminiClient(t *testing.T, p *provider) *sdk.Client {
	t.Helper()
	client, err := sdk.NewClient(t.Context(), &sdk.ClientConfig{
		APIKey: "key", Backend: sdk.BackendGeminiAPI, HTTPOptions: sdk.HTTPOptions{BaseURL: p.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// parameters are a request's, in the types in which the SDK takes them.
type parameters struct {
	SystemInstruction *sdk.Content              `json:"systemInstruction"`
	Contents          []*sdk.Content            `json:"contents"`
	GenerationConfig  sdk.GenerateContentConfig `json:"generationConfig"`
}

func TestGeminiRequests(t *testing.T) {
	reply := recorded(t, "gemini/testdata/replies/invoice.json")["invoice"]
	for name, body := range recorded(t, "gemini/testdata/requests/*.json") {
		t.Run(name, func(t *testing.T) {
			var params parameters
			dec := json.NewDecoder(bytes.NewReader(body))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&params); err != nil {
				t.Fatal(err)
			}
			params.GenerationConfig.SystemInstruction = params.SystemInstruction
			p := serve(t, 200, reply)
			if _, err := geminiClient(t, p).Models.GenerateContent(t.Context(), "any", params.Contents, &params.GenerationConfig); err != nil {
				t.Fatal(err)
			}
			for _, d := range differences(t, body, p.body) {
				t.Errorf("we differ from the SDK in %s", d)
			}
		})
	}
}

func generate(ctx context.Context, client *sdk.Client) (*sdk.GenerateContentResponse, error) {
	return client.Models.GenerateContent(ctx, "any", sdk.Text("x"), nil)
}

func TestGeminiReplies(t *testing.T) {
	for name, body := range recorded(t, "gemini/testdata/replies/*.json") {
		if isError(body) || isOdd(name) || name == "model" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 200, body)
			g, err := generate(t.Context(), geminiClient(t, p))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, gemini.New(gemini.Options{Model: "any", BaseURL: p.URL}), geminiReading(g))
		})
	}
}

func geminiReading(g *sdk.GenerateContentResponse) reading {
	r := reading{served: g.ModelVersion, finish: "none", ends: map[string]fault.Kind{
		"none": fault.BadOutput, "call": fault.BadOutput, "blocked": fault.Refused,
		string(sdk.FinishReasonMaxTokens):             fault.BadOutput,
		string(sdk.FinishReasonOther):                 fault.BadOutput,
		string(sdk.FinishReasonMalformedFunctionCall): fault.BadOutput,
		string(sdk.FinishReasonSafety):                fault.Refused,
		string(sdk.FinishReasonSPII):                  fault.Refused,
		string(sdk.FinishReasonProhibitedContent):     fault.Refused,
		string(sdk.FinishReasonBlocklist):             fault.Refused,
		string(sdk.FinishReasonRecitation):            fault.Refused,
	}}
	if u := g.UsageMetadata; u != nil {
		r.usage = model.Usage{
			Known: true, Input: int(u.PromptTokenCount), Cached: int(u.CachedContentTokenCount),
			Output: int(u.CandidatesTokenCount + u.ThoughtsTokenCount), Reasoning: int(u.ThoughtsTokenCount),
		}
	}
	if len(g.Candidates) > 0 {
		r.finish, r.text = string(g.Candidates[0].FinishReason), g.Text()
	}
	if len(g.FunctionCalls()) > 0 {
		r.finish = "call"
	}
	if g.PromptFeedback != nil && g.PromptFeedback.BlockReason != "" {
		r.finish = "blocked"
	}
	return r
}

func TestGeminiErrors(t *testing.T) {
	for name, body := range recorded(t, "gemini/testdata/replies/*.json") {
		if !isError(body) || name == "error_text" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := serve(t, 429, body)
			_, err := generate(t.Context(), geminiClient(t, p))
			var said sdk.APIError
			if !errors.As(err, &said) {
				t.Fatalf("the SDK returns %v, want an API error", err)
			}
			word := said.Status
			for _, d := range said.Details {
				if reason, ok := d["reason"].(string); ok {
					word = reason
				}
			}
			_, err = gemini.New(gemini.Options{Model: "any", BaseURL: p.URL}).Score(t.Context(), modeltest.Request(t))
			checkError(t, err, 429, word)
		})
	}
}

func TestGeminiLifecycle(t *testing.T) {
	p := serve(t, 200, recorded(t, "gemini/testdata/replies/model.json")["model"])
	want, err := geminiClient(t, p).Models.Get(t.Context(), "any", nil)
	if err != nil || want.Name == "" {
		t.Fatalf("the SDK reads %+v, %v", want, err)
	}
	got, err := gemini.New(gemini.Options{Model: "any", BaseURL: p.URL}).Lifecycle(t.Context())
	if err != nil || !got.Exists {
		t.Errorf("lifecycle %+v, %v", got, err)
	}
}
