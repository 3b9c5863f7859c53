package gemini

import (
	"encoding/json"

	"github.com/docsift/docsift/model"
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
	ResponseMIMEType   string          `json:"responseMimeType"`
	ResponseJSONSchema json.RawMessage `json:"responseJsonSchema"`
	MaxOutputTokens    int             `json:"maxOutputTokens"`
	Temperature        *float64        `json:"temperature,omitempty"`
	ThinkingConfig     *thinking       `json:"thinkingConfig,omitempty"`
}

type thinking struct {
	Budget *int   `json:"thinkingBudget,omitempty"`
	Level  string `json:"thinkingLevel,omitempty"`
}

func body(o chat.Options, req model.Request) ([]byte, error) {
	schema, err := chat.Schema(req.Taxonomy)
	if err != nil {
		return nil, err
	}
	config := generationConfig{
		ResponseMIMEType:   "application/json",
		ResponseJSONSchema: schema,
		MaxOutputTokens:    o.MaxTokens,
		Temperature:        o.Temperature,
	}
	how, thinks := familyOf(o.Model).think(o.Effort)
	config.ThinkingConfig = how
	if thinks {
		config.MaxOutputTokens += chat.ThinkingRoom
	}
	return chat.Encode(request{
		SystemInstruction: content{Role: "user", Parts: []part{{Text: chat.Instructions(req)}}},
		Contents:          []content{{Role: "user", Parts: parts(req)}},
		GenerationConfig:  config,
	})
}

func parts(req model.Request) []part {
	parts := []part{{Text: chat.Describe(req)}}
	if chat.HasText(req) {
		parts = append(parts, part{Text: req.Text})
	}
	for _, img := range req.Images {
		parts = append(parts, part{InlineData: &blob{MIMEType: img.MIME, Data: img.Bytes}})
	}
	return parts
}
