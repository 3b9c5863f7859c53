// Package chat holds what all adapters of chat models share: the prompt, the answer's schema,
// the reading of an answer, and one exchange over HTTP.
package chat

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

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

	// Effort is how hard a model that can think should: none, minimal, low, medium, high,
	// xhigh, max. Default: the least that the model is known to offer.
	Effort string `yaml:"effort"`

	// Detail is how closely OpenAI looks at an image: low, high, auto or original.
	// Empty leaves it to the provider.
	Detail string `yaml:"detail"`

	// Choices is how many choices a decisions endpoint takes in one question. Default 255.
	Choices int `yaml:"choices"`

	// Logprobs says what is made of the probabilities of an answer's tokens: off asks for none.
	// Default auto: where the model tells them, they bound the confidence that it states.
	Logprobs string `yaml:"logprobs"`

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

// Check returns what is wrong with s, by the name that a policy has for it.
func (s Settings) Check() error {
	efforts := []string{"", "none", "minimal", "low", "medium", "high", "xhigh", "max"}
	details := []string{"", "low", "high", "auto", "original"}
	switch t := s.Temperature; {
	case s.MaxTokens < 0:
		return errors.New("max_tokens cannot be negative")
	case t != nil && !(*t >= 0 && *t <= 2): // NaN is neither
		return fmt.Errorf("temperature %v is outside 0 to 2", *t)
	case !slices.Contains(efforts, s.Effort):
		return fmt.Errorf("effort %q: use none, minimal, low, medium, high, xhigh or max", s.Effort)
	case !slices.Contains(details, s.Detail):
		return fmt.Errorf("detail %q: use low, high, auto or original", s.Detail)
	case s.Choices < 0 || s.Choices == 1:
		return fmt.Errorf("choices %d: a question has two at least", s.Choices)
	case !slices.Contains([]string{"", "auto", "off"}, s.Logprobs):
		return fmt.Errorf("logprobs %q: use auto or off", s.Logprobs)
	case s.Timeout < 0:
		return errors.New("timeout cannot be negative")
	case s.Timeout > 0 && s.Timeout < 100*time.Millisecond:
		return fmt.Errorf("timeout %v is too short: give a unit, such as 30s", s.Timeout)
	}
	return nil
}

// Lifecycle is what a provider says of a model's life.
type Lifecycle struct {
	Exists   bool
	Shutdown string // YYYY-MM-DD, or empty when none is announced
}
