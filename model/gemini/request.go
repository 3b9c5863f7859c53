package gemini

import (
	"encoding/json"

	"github.com/docsift/docsift/model/chat"
)

type request struct {
	SystemInstruction content          `json:"systemInstruction"`
	Contents          []content        `json:"contents"`
	GenerationConfig  generationConfig `json:"generationConfig"`
}

type content struct {
	Role  string `json:"role"`
	Parts []part `json:"parts"`
}

type part struct {
	Text       string `json:"text,omitempty"`
	InlineData *blob  `json:"inlineData,omitempty"`
}

type blob struct {
	MIMEType string `json:"mimeType"`
	Data     []byte `json:"data"` // base64
}

type generationConfig struct {
	ResponseMIMEType   string          `json:"responseMimeType,omitempty"`
	ResponseJSONSchema json.RawMessage `json:"responseJsonSchema,omitempty"`
	MaxOutputTokens    int             `json:"maxOutputTokens"`
	Temperature        *float64        `json:"temperature,omitempty"`
	ThinkingConfig     *thinking       `json:"thinkingConfig,omitempty"`
	ResponseLogprobs   bool            `json:"responseLogprobs,omitempty"`
	Logprobs           int             `json:"logprobs,omitempty"`
}

type thinking struct {
	Budget *int   `json:"thinkingBudget,omitempty"`
	Level  string `json:"thinkingLevel,omitempty"`
}

// rivals is how many tokens are asked for that could have stood in the place of another.
const rivals = 5

func body(a chat.Ask) ([]byte, error) {
	return chat.Encode(request{
		SystemInstruction: content{Role: "user", Parts: []part{{Text: a.System}}},
		Contents:          []content{{Role: "user", Parts: parts(a)}},
		GenerationConfig:  configOf(a),
	})
}

// configOf sets the parameters, of which not every model takes all.
func configOf(a chat.Ask) generationConfig {
	c := generationConfig{MaxOutputTokens: a.MaxTokens}
	if a.Takes.Schema != chat.No {
		c.ResponseMIMEType, c.ResponseJSONSchema = "application/json", a.Schema
	}
	if a.Takes.Temperature != chat.No {
		c.Temperature = a.Temperature
	}
	how, thinks := familyOf(a.Model).think(a.Effort)
	if c.ThinkingConfig = how; a.Takes.Effort == chat.No {
		c.ThinkingConfig, thinks = nil, true
	}
	if thinks {
		c.MaxOutputTokens += chat.ThinkingRoom
	}
	if a.Takes.Logprobs == chat.Yes {
		c.ResponseLogprobs, c.Logprobs = true, rivals
	}
	return c
}

func parts(a chat.Ask) []part {
	var parts []part
	for _, s := range a.Data {
		parts = append(parts, part{Text: s})
	}
	for _, img := range a.Images {
		parts = append(parts, part{InlineData: &blob{MIMEType: img.MIME, Data: img.Bytes}})
	}
	return parts
}
