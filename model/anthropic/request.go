package anthropic

import (
	"encoding/json"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model/chat"
)

type request struct {
	Model        string        `json:"model"`
	MaxTokens    int           `json:"max_tokens"`
	System       []block       `json:"system"`
	Messages     []message     `json:"messages"`
	OutputConfig *outputConfig `json:"output_config,omitempty"`
	Thinking     *thinking     `json:"thinking,omitempty"`
	Temperature  *float64      `json:"temperature,omitempty"`
}

type message struct {
	Role    string  `json:"role"`
	Content []block `json:"content"`
}

type block struct {
	Type         string     `json:"type"`
	Text         string     `json:"text,omitempty"`
	Source       *source    `json:"source,omitempty"`
	CacheControl *cacheMark `json:"cache_control,omitempty"`
}

// cacheMark asks to keep all of the request up to here for five minutes, and five more with each
// time that it is read.
type cacheMark struct {
	Type string `json:"type"`
}

type source struct {
	Type      string `json:"type"`
	MediaType string `json:"media_type"`
	Data      []byte `json:"data"` // base64
}

type outputConfig struct {
	Format *format `json:"format,omitempty"`
	Effort string  `json:"effort,omitempty"`
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
func body(a chat.Ask) ([]byte, error) {
	r := request{
		Model:     a.Model,
		MaxTokens: a.MaxTokens,
		System:    []block{text(a.System)},
		Messages:  []message{{Role: "user", Content: content(a)}},
	}
	if a.Takes.Caching != chat.No && keeps(a.Model, a.System) {
		r.System[0].CacheControl = &cacheMark{Type: "ephemeral"}
	}
	var output outputConfig
	if a.Takes.Schema != chat.No {
		output.Format = &format{Type: "json_schema", Schema: a.Schema}
	}
	output.Effort = limit(a, &r)
	if output != (outputConfig{}) {
		r.OutputConfig = &output
	}
	return chat.Encode(r)
}

// limit sets the parameters that not every model takes, and returns the effort to ask for.
func limit(a chat.Ask, r *request) string {
	f, effort := familyOf(a.Model), a.Effort
	if effort == "minimal" {
		effort = "low" // there is nothing below
	}
	if a.Takes.Temperature == chat.Yes {
		r.Temperature = a.Temperature
	}
	if a.Takes.Effort == chat.No && (f.effort || f.still != "") { // it was refused: it thinks as it likes
		r.MaxTokens += chat.ThinkingRoom
		return ""
	}
	asked := f.effort && effort != "" && effort != "none"
	if f.thinks || asked && f.adaptive {
		r.MaxTokens += chat.ThinkingRoom
	}
	switch {
	case asked:
		if f.adaptive {
			r.Thinking = &thinking{Type: "adaptive"}
		}
		return effort
	case f.still != "":
		r.Thinking = &thinking{Type: f.still}
	case f.thinks && f.effort:
		return "low"
	}
	return ""
}

func content(a chat.Ask) []block {
	var blocks []block
	for _, s := range a.Data {
		blocks = append(blocks, text(s))
	}
	for _, img := range a.Images {
		blocks = append(blocks, picture(img))
	}
	return blocks
}

func text(s string) block { return block{Type: "text", Text: s} }

func picture(img document.Image) block {
	return block{Type: "image", Source: &source{Type: "base64", MediaType: img.MIME, Data: img.Bytes}}
}
