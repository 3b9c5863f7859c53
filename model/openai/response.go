package openai

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

type completion struct {
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage"`
}

type choice struct {
	FinishReason string `json:"finish_reason"`
	Message      struct {
		Content   string            `json:"content"`
		Refusal   string            `json:"refusal"`
		ToolCalls []json.RawMessage `json:"tool_calls"`
	} `json:"message"`
}

type usage struct {
	PromptTokens        int `json:"prompt_tokens"`
	CompletionTokens    int `json:"completion_tokens"`
	PromptTokensDetails struct {
		CachedTokens     int `json:"cached_tokens"`
		CacheWriteTokens int `json:"cache_write_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionTokensDetails struct {
		ReasoningTokens int `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

// read turns a reply into a response. What it cost is in the response beside an error too.
func read(t *taxonomy.Taxonomy, reply chat.Reply) (model.Response, error) {
	if reply.Status != http.StatusOK {
		return model.Response{}, failure(reply)
	}
	var c completion
	if err := reply.Decode(&c); err != nil {
		return model.Response{}, err
	}
	resp, err := answer(t, c.Choices)
	resp.Served = c.Model
	resp.Usage = c.Usage.model()
	return resp, err
}

func answer(t *taxonomy.Taxonomy, choices []choice) (model.Response, error) {
	if len(choices) == 0 {
		return model.Response{}, fault.New(fault.BadOutput, nil, "the reply has no choices")
	}
	said := choices[0].Message
	switch reason := choices[0].FinishReason; {
	case said.Refusal != "":
		return model.Response{}, fault.New(fault.Refused, nil, "the model declined to answer")
	case reason == "content_filter":
		return model.Response{}, fault.New(fault.Refused, nil, "the provider's filter withheld the answer")
	case reason == "length":
		return model.Response{}, fault.New(fault.BadOutput, nil, "the answer is truncated at the limit of tokens")
	case said.Content == "" && (len(said.ToolCalls) > 0 || reason == "tool_calls" || reason == "function_call"):
		return model.Response{}, fault.New(fault.BadOutput, nil, "the model called a tool instead of answering")
	}
	return chat.ParseAnswer(t, said.Content)
}

func (u *usage) model() model.Usage {
	if u == nil {
		return model.Usage{}
	}
	return model.Usage{
		Known:      true,
		Input:      u.PromptTokens,
		Cached:     u.PromptTokensDetails.CachedTokens,
		CacheWrite: u.PromptTokensDetails.CacheWriteTokens,
		Output:     u.CompletionTokens,
		Reasoning:  u.CompletionTokensDetails.ReasoningTokens,
	}
}

// failure classifies a reply that is not 200. The body may be anything: proxies write HTML.
func failure(reply chat.Reply) error {
	var body struct {
		Error struct {
			Message string `json:"message"`
			Type    string `json:"type"`
			Code    word   `json:"code"`
		} `json:"error"`
	}
	_ = json.Unmarshal(reply.Body, &body)
	e := body.Error
	code := string(e.Code)
	if code == "" {
		code = e.Type
	}
	return reply.Fault(kind(reply.Status, e.Type, string(e.Code)), code, e.Message)
}

// kind refines what the status says by the error's type and code. The codes of an empty
// account end like that of a rate limit, so they are listed in full.
func kind(status int, typ, code string) fault.Kind {
	money := []string{
		"insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
		"project_spend_limit_exceeded", "organization_usage_limit_exceeded",
		"billing_hard_limit_reached", "billing_not_active",
	}
	switch {
	case typ == "insufficient_quota" || slices.Contains(money, code):
		return fault.Quota
	case code == "model_not_found":
		return fault.ModelGone
	case code == "invalid_api_key":
		return fault.Auth
	case code == "content_filter" || code == "content_policy_violation":
		return fault.Refused
	}
	return chat.StatusKind(status)
}

// word is a JSON text; compatible servers put numbers and null where OpenAI puts a text.
type word string

// UnmarshalJSON never fails.
func (w *word) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		s = string(bytes.Trim(b, `"`))
	}
	*w = word(s)
	return nil
}
