// Package gemini asks Google's models through the Gemini API: generateContent, or its decisions.
package gemini

import (
	"strings"

	"github.com/docsift/docsift/model/chat"
)

// DefaultBaseURL is where Google answers. A base URL does not include the version.
const DefaultBaseURL = "https://generativelanguage.googleapis.com"

// Options configures a Model. Its name may begin with "models/".
type Options = chat.Options

// Model is one Gemini model. It is safe for concurrent use.
type Model = chat.Model

// New returns the model that o names. Nothing is sent.
func New(o Options) *Model {
	o.Model = strings.TrimPrefix(o.Model, "models/")
	return chat.New(o, generation())
}

func generation() chat.Provider {
	return chat.Provider{
		Name:       "google",
		Title:      "Google",
		BaseURL:    DefaultBaseURL,
		AskPath:    "/v1beta/models/{model}:generateContent",
		LookUpPath: "/v1beta/models/{model}",
		KeyHeader:  "X-Goog-Api-Key",
		RequestID:  "X-Request-Id",
		Body:       body,
		Features:   features,
		Params: chat.Params{
			Schema: chat.Param{
				Fields: []string{"responseJsonSchema"},
				Words:  []string{"responseJsonSchema", "response_json_schema", "responseSchema", "response_schema", "JSON mode"},
			},
			Logprobs:    chat.Param{Fields: []string{"responseLogprobs"}, Words: []string{"logprobs"}},
			Temperature: chat.Param{Fields: []string{"temperature"}, Words: []string{"temperature"}},
			Effort:      chat.Param{Fields: []string{"thinkingConfig"}, Words: []string{"thinking"}},
		},
		Blame: blame,
		Read:  read,
		Usage: chat.UsageFields{
			Field:    "usageMetadata",
			Required: []string{"promptTokenCount"}, // a count of 0 is left out
			Input:    []string{"promptTokenCount"},
			Cached:   []string{"cachedContentTokenCount"},
			// Thoughts are counted apart and billed alike.
			Output:    []string{"candidatesTokenCount", "thoughtsTokenCount"},
			Reasoning: []string{"thoughtsTokenCount"},
		},
		Lifecycle: lifecycle,
		Failure:   failure,
	}
}
