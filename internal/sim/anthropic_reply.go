package sim

import (
	"fmt"
	"net/http"
	"time"
)

type anthropicReply struct {
	ID           string            `json:"id"`
	Type         string            `json:"type"`
	Role         string            `json:"role"`
	Model        string            `json:"model"`
	Content      []anthropicSaid   `json:"content"`
	StopReason   string            `json:"stop_reason"`
	StopSequence *string           `json:"stop_sequence"`
	StopDetails  *anthropicRefusal `json:"stop_details"`
	Usage        *anthropicUsage   `json:"usage,omitempty"`
}

// anthropicSaid is a block of the reply: the union of text, thinking and tool_use.
type anthropicSaid struct {
	Type      string            `json:"type"`
	Text      *string           `json:"text,omitempty"`
	Thinking  *string           `json:"thinking,omitempty"`
	Signature string            `json:"signature,omitempty"`
	ID        string            `json:"id,omitempty"`
	Name      string            `json:"name,omitempty"`
	Input     map[string]string `json:"input,omitempty"`
}

type anthropicRefusal struct {
	Type        string  `json:"type"`
	Category    *string `json:"category"`
	Explanation string  `json:"explanation"`
}

type anthropicUsage struct {
	InputTokens   int    `json:"input_tokens"`
	CacheCreation int    `json:"cache_creation_input_tokens"`
	CacheRead     int    `json:"cache_read_input_tokens"`
	OutputTokens  int    `json:"output_tokens"`
	ServiceTier   string `json:"service_tier"`
}

func (anthropic) reply(q *query, t turn) any {
	r := anthropicReply{
		ID:         fmt.Sprintf("msg_sim%d", time.Now().UnixNano()),
		Type:       "message",
		Role:       "assistant",
		Model:      q.model,
		Content:    anthropicSays(t),
		StopReason: "end_turn",
	}
	switch t.finish {
	case "length":
		r.StopReason = "max_tokens"
	case "tool_calls":
		r.StopReason = "tool_use"
	case "refusal", "content_filter", "safety":
		r.StopReason = "refusal"
		r.StopDetails = &anthropicRefusal{Type: "refusal", Explanation: "The request was declined."}
	}
	if !t.noUsage {
		r.Usage = &anthropicUsage{InputTokens: t.usage.prompt, OutputTokens: t.usage.output(), ServiceTier: "standard"}
	}
	return r
}

// anthropicSays puts a block of thinking before the text, as models that think do.
func anthropicSays(t turn) []anthropicSaid {
	said := []anthropicSaid{}
	if t.empty == "choices" {
		return said
	}
	if t.usage.reasoning > 0 {
		empty := ""
		said = append(said, anthropicSaid{Type: "thinking", Thinking: &empty, Signature: "c2ltdWxhdGVk"})
	}
	switch t.finish {
	case "refusal", "content_filter", "safety":
		return said
	case "tool_calls":
		return append(said, anthropicSaid{Type: "tool_use", ID: "toolu_sim", Name: "classify", Input: map[string]string{"classification": t.label}})
	}
	if t.empty == "content" {
		t.content = ""
	}
	if t.content == "" && t.finish == "length" {
		return said
	}
	return append(said, anthropicSaid{Type: "text", Text: &t.content})
}

func (anthropic) stamp(h http.Header, requestID string) {
	h.Set("Request-Id", requestID)
	h.Set("Anthropic-Organization-Id", "00000000-0000-0000-0000-000000000000")
}

func (anthropic) limits(h http.Header, l left) {
	set := func(kind string, limit, remaining int) {
		name := "Anthropic-Ratelimit-" + kind
		h.Set(name+"-Limit", fmt.Sprint(limit))
		h.Set(name+"-Remaining", fmt.Sprint(remaining))
		h.Set(name+"-Reset", l.reset.UTC().Format(time.RFC3339))
	}
	set("Requests", l.limit.RPM, l.requests)
	set("Tokens", l.limit.TPM, l.tokens)
	set("Input-Tokens", l.limit.TPM, l.input)
	set("Output-Tokens", outputPerMinute, l.output)
}
