package chat_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

func TestEstimate(t *testing.T) {
	tax, err := taxonomy.New("test", []string{"invoice", "receipt"})
	if err != nil {
		t.Fatal(err)
	}
	bare := model.Request{Taxonomy: tax}
	text := bare
	text.Text = strings.Repeat("word", 1000)
	page := bare
	page.Images = []document.Image{{Width: 1024, Height: 1024}}
	tests := []struct {
		name  string
		model string
		req   model.Request
		more  int // tokens of input than without text and page
		known bool
	}{
		{"four bytes of text are a token", "openai/gpt-6-luna", text, 1000, true},
		{"a page is counted by the model's own rule", "openai/gpt-4o-mini", page, 25_501, true},
		{"a model may make more tokens of a text", "anthropic/claude-haiku-5-5", text, 1300, true},
		{"what pictures count for may not be known", "acme/one", page, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			least, _ := chat.Estimate(tt.model, chat.Settings{}, bare)
			got, known := chat.Estimate(tt.model, chat.Settings{}, tt.req)
			if diff := got.Input - least.Input; diff < tt.more-1 || diff > tt.more+1 || known != tt.known || got.Output == 0 {
				t.Errorf("%+v, %v: %d more than %+v; want %d and %v", got, known, diff, least, tt.more, tt.known)
			}
		})
	}
}
