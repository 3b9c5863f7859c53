package anthropic

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

type reply struct {
	Model      string    `json:"model"`
	Content    chat.Text `json:"content"`
	StopReason string    `json:"stop_reason"`
}

func read(r chat.Reply) (chat.Answer, error) {
	var m reply
	err := r.Decode(&m)
	if err == nil {
		err = finished(m.StopReason)
	}
	return chat.Answer{Text: string(m.Content), Served: m.Model}, err
}

// finished returns why a message that ended for this reason is no answer.
func finished(reason string) error {
	switch reason {
	case "refusal":
		return fault.New(fault.Refused, nil, "the model declined to answer")
	case "max_tokens", "model_context_window_exceeded":
		return fault.New(fault.BadOutput, nil, "the answer is truncated at the limit of tokens")
	case "tool_use":
		return fault.New(fault.BadOutput, nil, "the model called a tool instead of answering")
	}
	return nil
}

func lifecycle(r chat.Reply) (chat.Lifecycle, error) {
	var said struct {
		Lifecycle string `json:"lifecycle"`
		RetiresAt string `json:"retires_at"` // RFC 3339
	}
	if err := r.Decode(&said); err != nil {
		return chat.Lifecycle{}, err
	}
	day, _, _ := strings.Cut(said.RetiresAt, "T")
	return chat.Lifecycle{Exists: said.Lifecycle != "retired", Shutdown: day}, nil
}

type problem struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Details struct {
		ErrorCode string `json:"error_code"`
	} `json:"details"`
}

// complaint reads the body of a reply that is not 200. It may be anything: proxies write HTML.
func complaint(r chat.Reply) problem {
	var body struct {
		Error problem `json:"error"`
	}
	_ = json.Unmarshal(r.Body, &body)
	return body.Error
}

// failure classifies a reply that is not 200.
func failure(r chat.Reply) error {
	e := complaint(r)
	return r.Fault(kind(r.Status, e), cmp.Or(e.Details.ErrorCode, e.Type), e.Message)
}

// blame returns the words that name a parameter which the model does not take: not a schema that
// has a fault of its own, and not what may quote the document.
func blame(r chat.Reply) string {
	said := complaint(r).Message
	if strings.HasPrefix(said, "output_config.format.schema") || strings.HasPrefix(said, "messages") {
		return ""
	}
	return said
}

// kind refines what the status says by the error's type. Two ways of being out of money come
// as an invalid request, which only the first words of the message tell apart.
func kind(status int, e problem) fault.Kind {
	broke := strings.HasPrefix(e.Message, "Your credit balance is too low") ||
		strings.HasPrefix(e.Message, "You have reached your specified")
	switch {
	case e.Details.ErrorCode == "enforced_spend_limit_reached", e.Type == "billing_error":
		return fault.Quota
	case e.Type == "invalid_request_error" && broke:
		return fault.Quota
	case status == http.StatusBadRequest && tooLong(e.Message):
		return fault.TooLong
	}
	return chat.StatusKind(status)
}

// tooLong reports whether an error is about the length of the prompt: only its first words say so.
func tooLong(message string) bool {
	return strings.HasPrefix(message, "prompt is too long") || strings.HasPrefix(message, "input length and `max_tokens` exceed context limit")
}
