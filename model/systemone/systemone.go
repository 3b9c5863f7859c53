// Package systemone asks decision models behind the System One contract, which vLLM, SGLang,
// llama.cpp and several hosts speak: a state and a question in, a probability for each category out.
package systemone

import "github.com/docsift/docsift/model/chat"

// Options configures a Model. BaseURL is a must; the version is part of it.
type Options = chat.Options

// Model is one decision model of one server. It is safe for concurrent use.
type Model = chat.Model

// New returns the model that o names. Nothing is sent.
func New(o Options) *Model {
	return chat.New(o, chat.Provider{
		Name:       "systemone",
		Title:      "System One",
		AskPath:    "/systemone",
		LookUpPath: "/models/{model}",
		KeyHeader:  "Authorization",
		KeyPrefix:  "Bearer ",
		RequestID:  "X-Request-Id",
		Body:       body,
		Read:       read,
		Usage: chat.UsageFields{
			Field:      "usage",
			Required:   []string{"input_tokens"},
			Input:      []string{"input_tokens"},
			Cached:     []string{"input_tokens_details.cached_tokens"},
			CacheWrite: []string{"input_tokens_details.cache_write_tokens"},
			Output:     []string{"output_tokens"},
			Reasoning:  []string{"output_tokens_details.reasoning_tokens"},
		},
		Lifecycle: lifecycle,
		Failure:   failure,
	})
}
