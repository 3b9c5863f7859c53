package openai

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"

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
	Logprobs json.RawMessage `json:"logprobs"` // of any shape: see tokens
}

func read(reply chat.Reply) (chat.Answer, error) {
	var c completion
	err := reply.Decode(&c)
	said := chat.Answer{Served: string(c.Model)}
	if err == nil {
		said.Text, err = words(c.Choices)
	}
	if err == nil {
		said.Tokens = tokens(c.Choices[0].Logprobs)
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

// tokens returns the tokens of the answer, or none where they are not in OpenAI's form.
func tokens(raw json.RawMessage) []chat.Token {
	var said struct {
		Content []token `json:"content"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &said) != nil {
		return nil
	}
	return all(said.Content)
}

type token struct {
	Token   string   `json:"token"`
	Logprob *float64 `json:"logprob"`
	Bytes   []uint16 `json:"bytes"` // numbers, where a []byte would be base64
	Top     []token  `json:"top_logprobs"`
}

func all(list []token) []chat.Token {
	tokens := make([]chat.Token, len(list))
	for i, t := range list {
		tokens[i] = chat.Token{Text: t.text(), Logprob: math.NaN(), Top: all(t.Top)}
		if t.Logprob != nil {
			tokens[i].Logprob = *t.Logprob
		}
	}
	return tokens
}

// text returns the token's bytes: its text is an escape where it ends within a letter.
func (t token) text() string {
	if len(t.Bytes) == 0 {
		return t.Token
	}
	b := make([]byte, len(t.Bytes))
	for i, n := range t.Bytes {
		b[i] = byte(n)
	}
	return string(b)
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

type problem struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Param   word   `json:"param"`
	Code    word   `json:"code"`
}

// complaint reads the body of a reply that is not 200. It may be anything: proxies write HTML.
func complaint(reply chat.Reply) problem {
	var body struct {
		Error problem `json:"error"`
	}
	_ = json.Unmarshal(reply.Body, &body)
	return body.Error
}

// failure classifies a reply that is not 200.
func failure(reply chat.Reply) error {
	e := complaint(reply)
	code := string(e.Code)
	if code == "" {
		code = e.Type
	}
	err := reply.Fault(kind(reply.Status, e), code, e.Message)
	err.SlowDown = e.Code == slowDown
	return err
}

// blame returns the words that name a parameter which the model does not take: not one whose
// value is out of bounds, and not a schema that has a fault of its own.
func blame(reply chat.Reply) string {
	e := complaint(reply)
	switch e.Code {
	case "unsupported_parameter", "unsupported_value", "unknown_parameter", "", "null", "400":
	default:
		return ""
	}
	if strings.HasPrefix(e.Message, "Invalid schema") {
		return ""
	}
	if e.Param != "" && e.Param != "null" {
		return string(e.Param)
	}
	return e.Message
}

// slowDown is the code of a rate limit on traffic that grows too fast. It used to come with 503.
const slowDown = "slow_down"

// kind refines what the status says by the error's type and code. The codes of an empty
// account end like that of a rate limit, so they are listed in full.
func kind(status int, e problem) fault.Kind {
	typ, code := e.Type, string(e.Code)
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
	case status == http.StatusBadRequest && tooLong(typ, code, e.Message):
		return fault.TooLong
	case code == "content_filter" || code == "content_policy_violation":
		return fault.Refused
	}
	return chat.StatusKind(status)
}

// tooLong reports whether an error is about the length of the prompt, in OpenAI's words or in
// those of compatible servers, which begin their messages so.
func tooLong(typ, code, message string) bool {
	starts := func(with string) bool { return strings.HasPrefix(strings.ToLower(message), with) }
	return code == "context_length_exceeded" || typ == "exceed_context_size_error" ||
		starts("this model's maximum context length") || starts("the request exceeds the available context size")
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
