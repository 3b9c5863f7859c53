package chat_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/modeltest"
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

// Towards limits, all that an answer may be counts.
func TestReserve(t *testing.T) {
	req := modeltest.Request(t)
	bare := chat.Reserve("openai/gpt-4o-mini", chat.Settings{}, req)
	tests := []struct {
		name     string
		model    string
		settings chat.Settings
		change   func(*model.Request)
		want     price.Tokens // more than bare
	}{
		{"text", "openai/gpt-4o-mini", chat.Settings{}, func(r *model.Request) { r.Text += strings.Repeat("word ", 800) }, price.Tokens{Input: 1000}},
		{"a page as it is billed", "openai/gpt-4o-mini", chat.Settings{}, page(1024, 1024), price.Tokens{Input: 25_501}},
		{"one with little detail", "openai/gpt-4o-mini", chat.Settings{Detail: "low"}, page(1024, 1024), price.Tokens{Input: 2833}},
		{"one of which no rule is known", "someone/else", chat.Settings{}, page(1024, 1024), price.Tokens{Input: 1500}},
		{"a longer answer", "openai/gpt-4o-mini", chat.Settings{MaxTokens: 1000}, nil, price.Tokens{Output: 700}},
		{"thoughts", "openai/gpt-4o-mini", chat.Settings{Effort: "low"}, nil, price.Tokens{Output: chat.ThinkingRoom}},
		{"no thoughts", "openai/gpt-4o-mini", chat.Settings{Effort: "none"}, nil, price.Tokens{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := req
			if tt.change != nil {
				tt.change(&req)
			}
			got := chat.Reserve(tt.model, tt.settings, req)
			got.Input -= bare.Input
			got.Output -= bare.Output
			if got != tt.want {
				t.Errorf("%+v more than without, want %+v", got, tt.want)
			}
		})
	}
}

func page(w, h int) func(*model.Request) {
	return func(r *model.Request) { r.Images = []document.Image{{Width: w, Height: h}} }
}

// What is foreseen of the prompt is near what is sent, whatever the taxonomy and the instructions.
func TestEstimateKnowsThePrompt(t *testing.T) {
	for _, prompt := range []string{"", "Say what this is, one of: {categories}"} {
		for _, tax := range append(taxonomy.Builtin(), modeltest.Request(t).Taxonomy) {
			req := model.Request{Taxonomy: tax, Document: model.Facts{Name: "scan_0001.pdf", Bytes: 123_456, Pages: 3}, Prompt: prompt}
			sent := (len(chat.Instructions(req)) + len(strings.Join(chat.Data(req), ""))) / 4
			got, _ := chat.Estimate("openai/gpt-4o-mini", chat.Settings{}, req)
			if got := got.Input; got < sent || got > sent*105/100+30 {
				t.Errorf("%s: %d tokens foreseen, about %d sent", tax.ID, got, sent)
			}
		}
	}
}

func TestEstimateTakesNoMemory(t *testing.T) {
	req := modeltest.Request(t)
	req.Text = strings.Repeat("word ", 100_000)
	page(1024, 1024)(&req)
	if n := testing.AllocsPerRun(100, func() { chat.Reserve("openai/gpt-4o-mini", chat.Settings{}, req) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkReserve(b *testing.B) {
	req := modeltest.Request(b)
	page(1024, 1024)(&req)
	b.ReportAllocs()
	for b.Loop() {
		chat.Reserve("openai/gpt-4o-mini", chat.Settings{}, req)
	}
}
