package openai

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

type completion struct {
	Model   word     `json:"model"`
	Choices []choice `json:"choices"`
}

type choice struct {
	FinishReason word `json:"finish_reason"`
	Message      struct {
		Content   chat.Text         `json:"content"`
		Refusal   string            `json:"refusal"`
		ToolCalls []json.RawMessage `json:"tool_calls"`
	} `json:"message"`
}

func read(reply chat.Reply) (chat.Answer, error) {
	var c completion
	err := reply.Decode(&c)
	said := chat.Answer{Served: string(c.Model)}
	if err == nil {
		said.Text, err = words(c.Choices)
	}
	return said, err
}

func words(choices []choice) (string, error) {
	if len(choices) == 0 {
		return "", fault.New(fault.BadOutput, nil, "the reply has no choices")
	}
	said := choices[0].Message
	switch reason := choices[0].FinishReason; {
	case said.Refusal != "":
		return "", fault.New(fault.Refused, nil, "the model declined to answer")
	case reason == "content_filter":
		return "", fault.New(fault.Refused, nil, "the provider's filter withheld the answer")
	case reason == "length":
		return "", fault.New(fault.BadOutput, nil, "the answer is truncated at the limit of tokens")
	case said.Content == "" && (len(said.ToolCalls) > 0 || reason == "tool_calls" || reason == "function_call"):
		return "", fault.New(fault.BadOutput, nil, "the model called a tool instead of answering")
	}
	return string(said.Content), nil
}

func lifecycle(reply chat.Reply) (chat.Lifecycle, error) {
	var said struct {
		ShutdownDate string `json:"shutdown_date"`
	}
	if err := reply.Decode(&said); err != nil {
		return chat.Lifecycle{}, err
	}
	return chat.Lifecycle{Exists: true, Shutdown: said.ShutdownDate}, nil
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
	err := reply.Fault(kind(reply.Status, e.Type, string(e.Code)), code, e.Message)
	err.SlowDown = e.Code == slowDown
	return err
}

// slowDown is the code of a rate limit on traffic that grows too fast. It used to come with 503.
const slowDown = "slow_down"

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
	case code == slowDown:
		return fault.RateLimited
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
