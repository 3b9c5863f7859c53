package anthropic

import (
	"encoding/json"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
)

type request struct {
	Model        string       `json:"model"`
	MaxTokens    int          `json:"max_tokens"`
	System       string       `json:"system"`
	Messages     []message    `json:"messages"`
	OutputConfig outputConfig `json:"output_config"`
	Thinking     *thinking    `json:"thinking,omitempty"`
	Temperature  *float64     `json:"temperature,omitempty"`
}

type message struct {
	Role    string  `json:"role"`
	Content []block `json:"content"`
}

type block struct {
	Type   string  `json:"type"`
	Text   string  `json:"text,omitempty"`
	Source *source `json:"source,omitempty"`
}

type source struct {
	Type      string `json:"type"`
	MediaType string `json:"media_type"`
	Data      []byte `json:"data"` // base64
}

type outputConfig struct {
	Format format `json:"format"`
	Effort string `json:"effort,omitempty"`
}

type format struct {
	Type   string          `json:"type"`
	Schema json.RawMessage `json:"schema"`
}

type thinking struct {
	Type string `json:"type"`
}

// body returns the request as JSON. Structured output comes from output_config
// and never from a forced tool, which the newer models refuse.
func body(o chat.Options, req model.Request) ([]byte, error) {
	schema, err := chat.Schema(req.Taxonomy)
	if err != nil {
		return nil, err
	}
	r := request{
		Model:        o.Model,
		MaxTokens:    o.MaxTokens,
		System:       chat.Instructions(req),
		Messages:     []message{{Role: "user", Content: content(req)}},
		OutputConfig: outputConfig{Format: format{Type: "json_schema", Schema: schema}},
	}
	limit(o, &r)
	return chat.Encode(r)
}

// limit sets the parameters that not every model takes.
func limit(o chat.Options, r *request) {
	f, effort := familyOf(o.Model), o.Effort
	if effort == "minimal" {
		effort = "low" // there is nothing below
	}
	if f.cool {
		r.Temperature = o.Temperature
	}
	asked := f.effort && effort != "" && effort != "none"
	switch {
	case asked:
		r.OutputConfig.Effort = effort
		if f.adaptive {
			r.Thinking = &thinking{Type: "adaptive"}
		}
	case f.still != "":
		r.Thinking = &thinking{Type: f.still}
	case f.thinks && f.effort:
		r.OutputConfig.Effort = "low"
	}
	if f.thinks || asked && f.adaptive {
		r.MaxTokens += chat.ThinkingRoom
	}
}

func content(req model.Request) []block {
	blocks := []block{text(chat.Describe(req))}
	if chat.HasText(req) {
		blocks = append(blocks, text(req.Text))
	}
	for _, img := range req.Images {
		blocks = append(blocks, picture(img))
	}
	return blocks
}

func text(s string) block { return block{Type: "text", Text: s} }

func picture(img document.Image) block {
	return block{Type: "image", Source: &source{Type: "base64", MediaType: img.MIME, Data: img.Bytes}}
}
