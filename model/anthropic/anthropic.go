// Package anthropic asks Claude models through Anthropic's Messages.
package anthropic

import (
	"net/http"

	"github.com/docsift/docsift/model/chat"
)

// DefaultBaseURL is where Anthropic answers. A base URL does not include the version.
const DefaultBaseURL = "https://api.anthropic.com"

// Options configures a Model.
type Options = chat.Options

// Model is one Claude model. It is safe for concurrent use.
type Model = chat.Model

// New returns the model that o names. Nothing is sent.
func New(o Options) *Model {
	return chat.New(o, chat.Provider{
		Name:       "anthropic",
		Title:      "Anthropic",
		BaseURL:    DefaultBaseURL,
		AskPath:    "/v1/messages",
		LookUpPath: "/v1/models/{model}",
		Header:     http.Header{"Anthropic-Version": {"2023-06-01"}},
		KeyHeader:  "X-Api-Key",
		RequestID:  "Request-Id",
		Body:       body,
		Features:   features,
		Params: chat.Params{
			Schema:      chat.Param{Fields: []string{"format"}, Words: []string{"output_config.format", "output_config: ", "structured output"}},
			Temperature: chat.Param{Fields: []string{"temperature"}, Words: []string{"`temperature`"}},
			Effort:      chat.Param{Fields: []string{"effort", "thinking"}, Words: []string{"output_config.effort", "output_config: ", "effort parameter", "thinking"}},
			Caching:     chat.Param{Fields: []string{"cache_control"}, Words: []string{"cache_control"}},
		},
		Blame: blame,
		Read:  read,
		Usage: chat.UsageFields{
			Field:    "usage",
			Required: []string{"input_tokens", "output_tokens"},
			// What was not cached is counted apart.
			Input:      []string{"input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"},
			Cached:     []string{"cache_read_input_tokens"},
			CacheWrite: []string{"cache_creation_input_tokens"},
			Output:     []string{"output_tokens"},
			Reasoning:  []string{"output_tokens_details.thinking_tokens"},
		},
		Lifecycle: lifecycle,
		Failure:   failure,
	})
}
