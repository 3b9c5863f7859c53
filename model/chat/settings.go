// Package chat holds what all adapters of chat models share: the prompt, the answer's schema,
// the reading of an answer, and one exchange over HTTP.
package chat

import "time"

// ThinkingRoom is how many output tokens an adapter allows on top of Settings.MaxTokens where
// the model thinks before it answers, so that thoughts do not cut the answer off.
const ThinkingRoom = 2048

// Settings are the knobs of a chat model that a policy may turn. The zero value is ready to
// use. An adapter leaves out what its model is known to refuse.
type Settings struct {
	// MaxTokens bounds the answer, in output tokens. Default 300.
	MaxTokens int `yaml:"max_tokens"`

	// Temperature is the sampling temperature; nil leaves it to the provider.
	Temperature *float64 `yaml:"temperature"`

	// Effort is how hard a model that can think should: none, minimal, low, medium, high.
	// Default: the least that the model is known to offer.
	Effort string `yaml:"effort"`

	// Detail is how closely OpenAI looks at an image: low, high, auto or original.
	// Empty leaves it to the provider.
	Detail string `yaml:"detail"`

	// Timeout bounds one call. Default 30s.
	Timeout time.Duration `yaml:"timeout"`
}

// WithDefaults returns s with its defaults filled in.
func (s Settings) WithDefaults() Settings {
	if s.MaxTokens == 0 {
		s.MaxTokens = 300
	}
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	return s
}

// Lifecycle is what a provider says of a model's life.
type Lifecycle struct {
	Exists   bool
	Shutdown string // YYYY-MM-DD, or empty when none is announced
}
