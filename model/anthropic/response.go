package anthropic

import (
	"cmp"
	"encoding/json"
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

// failure classifies a reply that is not 200. The body may be anything: proxies write HTML.
func failure(r chat.Reply) error {
	var body struct {
		Error problem `json:"error"`
	}
	_ = json.Unmarshal(r.Body, &body)
	e := body.Error
	return r.Fault(kind(r.Status, e), cmp.Or(e.Details.ErrorCode, e.Type), e.Message)
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
	}
	return chat.StatusKind(status)
}
