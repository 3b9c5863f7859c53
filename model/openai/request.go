package openai

import (
	"cmp"
	"encoding/base64"
	"encoding/json"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model/chat"
)

type request struct {
	Model               string    `json:"model"`
	Messages            []message `json:"messages"`
	ResponseFormat      *format   `json:"response_format,omitempty"`
	MaxTokens           int       `json:"max_tokens,omitempty"`
	MaxCompletionTokens int       `json:"max_completion_tokens,omitempty"`
	Temperature         *float64  `json:"temperature,omitempty"`
	ReasoningEffort     string    `json:"reasoning_effort,omitempty"`
	Logprobs            bool      `json:"logprobs,omitempty"`
	TopLogprobs         int       `json:"top_logprobs,omitempty"`
	PromptCacheKey      string    `json:"prompt_cache_key,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content []part `json:"content"`
}

type part struct {
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	ImageURL *imageURL `json:"image_url,omitempty"`
}

type imageURL struct {
	URL    string `json:"url"`
	Detail string `json:"detail,omitempty"`
}

type format struct {
	Type       string `json:"type"`
	JSONSchema struct {
		Name   string          `json:"name"`
		Strict bool            `json:"strict"`
		Schema json.RawMessage `json:"schema"`
	} `json:"json_schema"`
}

// rivals is how many tokens are asked for that could have stood in the place of another: what
// comes after five has next to no probability left.
const rivals = 5

func body(a chat.Ask) ([]byte, error) {
	r := request{
		Model: a.Model,
		Messages: []message{
			{Role: "system", Content: []part{text(a.System)}},
			{Role: "user", Content: content(a)},
		},
	}
	if a.Takes.Schema != chat.No {
		r.ResponseFormat = &format{Type: "json_schema"}
		r.ResponseFormat.JSONSchema.Name = "answer"
		r.ResponseFormat.JSONSchema.Strict = true
		r.ResponseFormat.JSONSchema.Schema = a.Schema
	}
	if a.Takes.Caching == chat.Yes {
		r.PromptCacheKey = a.Key
	}
	limit(a, &r)
	return chat.Encode(r)
}

// limit sets the parameters that not every model takes.
func limit(a chat.Ask, r *request) {
	f := familyOf(a.Model)
	if f.reasoning {
		r.MaxCompletionTokens = a.MaxTokens
		r.ReasoningEffort = cmp.Or(a.Effort, f.least)
	} else {
		r.MaxTokens = a.MaxTokens
		r.ReasoningEffort = a.Effort
	}
	if a.Takes.Effort == chat.No {
		r.ReasoningEffort = ""
	}
	if f.reasoning && r.ReasoningEffort != "none" {
		r.MaxCompletionTokens += chat.ThinkingRoom
		return // and no word on how to sample
	}
	if a.Takes.Temperature == chat.Yes || a.Takes.Temperature == "" && !f.reasoning {
		r.Temperature = a.Temperature
	}
	if a.Takes.Logprobs == chat.Yes {
		r.Logprobs, r.TopLogprobs = true, rivals
	}
}

func content(a chat.Ask) []part {
	var parts []part
	for _, s := range a.Data {
		parts = append(parts, text(s))
	}
	for _, img := range a.Images {
		parts = append(parts, part{Type: "image_url", ImageURL: &imageURL{URL: dataURL(img), Detail: a.Detail}})
	}
	return parts
}

func text(s string) part { return part{Type: "text", Text: s} }

func dataURL(img document.Image) string {
	return "data:" + img.MIME + ";base64," + base64.StdEncoding.EncodeToString(img.Bytes)
}
