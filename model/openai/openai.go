// Package openai asks models behind OpenAI's Chat Completions and Decisions: OpenAI's own, and
// those of servers that speak the same formats.
package openai

import "github.com/docsift/docsift/model/chat"

// DefaultBaseURL is where OpenAI answers. A base URL includes the version.
const DefaultBaseURL = "https://api.openai.com/v1"

// Options configures a Model.
type Options = chat.Options

// Model is one model of one provider. It is safe for concurrent use.
type Model = chat.Model

// New returns the model that o names. Nothing is sent.
func New(o Options) *Model { return chat.New(o, completions()) }

func completions() chat.Provider {
	return chat.Provider{
		Name:       "openai",
		Title:      "OpenAI",
		BaseURL:    DefaultBaseURL,
		AskPath:    "/chat/completions",
		LookUpPath: "/models/{model}",
		KeyHeader:  "Authorization",
		KeyPrefix:  "Bearer ",
		RequestID:  "X-Request-Id",
		Body:       body,
		Features:   features,
		Params: chat.Params{
			Schema:      chat.Param{Fields: []string{"response_format"}, Words: []string{"response_format", "json_schema"}},
			Logprobs:    chat.Param{Fields: []string{"logprobs"}, Words: []string{"logprobs"}},
			Temperature: chat.Param{Fields: []string{"temperature"}, Words: []string{"temperature"}},
			Effort:      chat.Param{Fields: []string{"reasoning_effort"}, Words: []string{"reasoning_effort"}},
			Caching:     chat.Param{Fields: []string{"prompt_cache_key"}, Words: []string{"prompt_cache_key"}},
		},
		Blame: blame,
		Read:  read,
		Usage: chat.UsageFields{
			Field:      "usage",
			Required:   []string{"prompt_tokens", "completion_tokens"},
			Input:      []string{"prompt_tokens"},
			Cached:     []string{"prompt_tokens_details.cached_tokens"},
			CacheWrite: []string{"prompt_tokens_details.cache_write_tokens"},
			Output:     []string{"completion_tokens"},
			Reasoning:  []string{"completion_tokens_details.reasoning_tokens"},
		},
		Lifecycle: lifecycle,
		Failure:   failure,
	}
}
