package chat

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/docsift/docsift/taxonomy"
)

type schema struct {
	Type                 string     `json:"type"`
	Properties           properties `json:"properties"`
	Required             []string   `json:"required"`
	AdditionalProperties bool       `json:"additionalProperties"`
}

type properties struct {
	Category   property `json:"category"`
	Confidence property `json:"confidence"`
}

type property struct {
	Type string   `json:"type"`
	Enum []string `json:"enum,omitempty"`
}

// schemaOf returns the JSON Schema of an answer over t's categories, in the subset that the
// structured outputs of OpenAI, Google and Anthropic all take: hence no bounds on confidence.
func schemaOf(t *taxonomy.Taxonomy) (json.RawMessage, error) {
	return Encode(schema{
		Type: "object",
		Properties: properties{
			Category:   property{Type: "string", Enum: append(t.Names(), taxonomy.Unknown)},
			Confidence: property{Type: "number"},
		},
		Required: []string{"category", "confidence"},
	})
}

// Encode returns v as JSON that keeps <, > and & as they are: an escape costs five bytes
// and documents are full of them.
func Encode[T any](v T) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
