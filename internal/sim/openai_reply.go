package sim

import (
	"fmt"
	"net/http"
	"time"
)

type openaiReply struct {
	ID          string         `json:"id"`
	Object      string         `json:"object"`
	Created     int64          `json:"created"`
	Model       string         `json:"model"`
	Choices     []openaiChoice `json:"choices"`
	Usage       *openaiUsage   `json:"usage,omitempty"`
	ServiceTier string         `json:"service_tier"`
	Fingerprint string         `json:"system_fingerprint"`
}

type openaiChoice struct {
	Index        int             `json:"index"`
	Message      openaiSaid      `json:"message"`
	Logprobs     *openaiLogprobs `json:"logprobs"`
	FinishReason string          `json:"finish_reason"`
}

type openaiSaid struct {
	Role        string           `json:"role"`
	Content     *string          `json:"content"`
	Refusal     *string          `json:"refusal"`
	ToolCalls   []openaiToolCall `json:"tool_calls,omitempty"`
	Annotations []string         `json:"annotations"`
}

type openaiToolCall struct {
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Function openaiFunction `json:"function"`
}

type openaiFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type openaiUsage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
	PromptDetails    struct {
		CachedTokens int `json:"cached_tokens"`
		AudioTokens  int `json:"audio_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionDetails struct {
		ReasoningTokens int `json:"reasoning_tokens"`
		AudioTokens     int `json:"audio_tokens"`
		Accepted        int `json:"accepted_prediction_tokens"`
		Rejected        int `json:"rejected_prediction_tokens"`
	} `json:"completion_tokens_details"`
}

type openaiLogprobs struct {
	Content []openaiToken `json:"content"`
	Refusal *string       `json:"refusal"`
}

type openaiToken struct {
	Token   string        `json:"token"`
	Logprob float64       `json:"logprob"`
	Bytes   []int         `json:"bytes"`
	Top     []openaiToken `json:"top_logprobs,omitempty"`
}

const refusalText = "I'm sorry, but I can't assist with that request."

func (openai) reply(q *query, t turn) any {
	now := time.Now()
	r := openaiReply{
		ID:          fmt.Sprintf("chatcmpl-sim%d", now.UnixNano()),
		Object:      "chat.completion",
		Created:     now.Unix(),
		Model:       q.model,
		Choices:     []openaiChoice{openaiSays(q, t)},
		ServiceTier: "default",
		Fingerprint: "fp_docsiftsim",
	}
	switch t.empty {
	case "choices":
		r.Choices = []openaiChoice{}
	case "content":
		r.Choices[0].Message.Content = nil
	}
	if !t.noUsage {
		u := &openaiUsage{PromptTokens: t.usage.prompt, CompletionTokens: t.usage.output(), TotalTokens: t.usage.total()}
		u.CompletionDetails.ReasoningTokens = t.usage.reasoning
		r.Usage = u
	}
	return r
}

func openaiSays(q *query, t turn) openaiChoice {
	c := openaiChoice{FinishReason: t.finish, Message: openaiSaid{Role: "assistant", Content: &t.content, Annotations: []string{}}}
	switch t.finish {
	case "refusal", "safety":
		text := refusalText
		c.FinishReason, c.Message.Content, c.Message.Refusal = "stop", nil, &text
	case "content_filter":
		c.Message.Content = nil
	case "tool_calls":
		c.Message.Content = nil
		c.Message.ToolCalls = []openaiToolCall{{ID: "call_sim", Type: "function", Function: openaiFunction{"classify", t.content}}}
	}
	if q.logprobs {
		c.Logprobs = &openaiLogprobs{Content: openaiTokens(logprobs(q, t))}
	}
	return c
}

func openaiTokens(tokens []token) []openaiToken {
	var all []openaiToken
	for _, t := range tokens {
		all = append(all, openaiToken{Token: t.text, Logprob: t.logprob, Bytes: byteList(t.text), Top: openaiTokens(t.top)})
	}
	return all
}

func byteList(s string) []int {
	list := make([]int, len(s))
	for i := range len(s) {
		list[i] = int(s[i])
	}
	return list
}

func (openai) stamp(h http.Header, requestID string) {
	h.Set("X-Request-Id", requestID)
	h.Set("Openai-Version", "2020-10-01")
	h.Set("Openai-Organization", "docsift-sim")
	h.Set("Openai-Processing-Ms", "1")
}

func (openai) limits(h http.Header, l left) {
	h.Set("X-Ratelimit-Limit-Requests", fmt.Sprint(l.limit.RPM))
	h.Set("X-Ratelimit-Limit-Tokens", fmt.Sprint(l.limit.TPM))
	h.Set("X-Ratelimit-Remaining-Requests", fmt.Sprint(l.requests))
	h.Set("X-Ratelimit-Remaining-Tokens", fmt.Sprint(l.tokens))
	h.Set("X-Ratelimit-Reset-Requests", l.until())
	h.Set("X-Ratelimit-Reset-Tokens", l.until())
}
