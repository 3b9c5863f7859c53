package openai

import (
	"cmp"
	"encoding/base64"
	"encoding/json"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
)

type request struct {
	Model               string    `json:"model"`
	Messages            []message `json:"messages"`
	ResponseFormat      format    `json:"response_format"`
	MaxTokens           int       `json:"max_tokens,omitempty"`
	MaxCompletionTokens int       `json:"max_completion_tokens,omitempty"`
	Temperature         *float64  `json:"temperature,omitempty"`
	ReasoningEffort     string    `json:"reasoning_effort,omitempty"`
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

func body(o chat.Options, req model.Request) ([]byte, error) {
	schema, err := chat.Schema(req.Taxonomy)
	if err != nil {
		return nil, err
	}
	r := request{
		Model: o.Model,
		Messages: []message{
			{Role: "system", Content: []part{text(chat.Instructions(req))}},
			{Role: "user", Content: content(o, req)},
		},
		ResponseFormat: format{Type: "json_schema"},
	}
	r.ResponseFormat.JSONSchema.Name = "answer"
	r.ResponseFormat.JSONSchema.Strict = true
	r.ResponseFormat.JSONSchema.Schema = schema
	limit(o, &r)
	return chat.Encode(r)
}

// limit sets the parameters that not every model takes. A temperature is kept from all that
// reason: some take one without effort, some answer 400, and their pages do not say which.
func limit(o chat.Options, r *request) {
	f := familyOf(o.Model)
	if !f.reasoning {
		r.MaxTokens = o.MaxTokens
		r.Temperature = o.Temperature
		if f.prefix == "" {
			r.ReasoningEffort = o.Effort
		}
		return
	}
	r.ReasoningEffort = cmp.Or(o.Effort, f.least)
	r.MaxCompletionTokens = o.MaxTokens
	if r.ReasoningEffort != "none" {
		r.MaxCompletionTokens += chat.ThinkingRoom
	}
}

func content(o chat.Options, req model.Request) []part {
	parts := []part{text(chat.Describe(req))}
	if chat.HasText(req) {
		parts = append(parts, text(req.Text))
	}
	for _, img := range req.Images {
		parts = append(parts, part{Type: "image_url", ImageURL: &imageURL{URL: dataURL(img), Detail: o.Detail}})
	}
	return parts
}

func text(s string) part { return part{Type: "text", Text: s} }

func dataURL(img document.Image) string {
	return "data:" + img.MIME + ";base64," + base64.StdEncoding.EncodeToString(img.Bytes)
}
