package anthropic

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

type reply struct {
	Model      string       `json:"model"`
	Content    []replyBlock `json:"content"`
	StopReason string       `json:"stop_reason"`
	Usage      *usage       `json:"usage"`
}

type replyBlock struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type usage struct {
	InputTokens              int `json:"input_tokens"`
	CacheReadInputTokens     int `json:"cache_read_input_tokens"`
	CacheCreationInputTokens int `json:"cache_creation_input_tokens"`
	OutputTokens             int `json:"output_tokens"`
	OutputTokensDetails      struct {
		ThinkingTokens int `json:"thinking_tokens"`
	} `json:"output_tokens_details"`
}

// read turns a reply into a response. What it cost is in the response beside an error too.
func read(t *taxonomy.Taxonomy, r chat.Reply) (model.Response, error) {
	if r.Status != http.StatusOK {
		return model.Response{}, failure(r)
	}
	var said reply
	if err := r.Decode(&said); err != nil {
		return model.Response{}, err
	}
	resp, err := answer(t, said)
	resp.Served = said.Model
	resp.Usage = said.Usage.model()
	return resp, err
}

func answer(t *taxonomy.Taxonomy, said reply) (model.Response, error) {
	switch said.StopReason {
	case "refusal":
		return model.Response{}, fault.New(fault.Refused, nil, "the model declined to answer")
	case "max_tokens", "model_context_window_exceeded":
		return model.Response{}, fault.New(fault.BadOutput, nil, "the answer is truncated at the limit of tokens")
	case "tool_use":
		return model.Response{}, fault.New(fault.BadOutput, nil, "the model called a tool instead of answering")
	}
	var text strings.Builder
	for _, b := range said.Content {
		if b.Type == "text" { // and not thoughts
			text.WriteString(b.Text)
		}
	}
	return chat.ParseAnswer(t, text.String())
}

// model adds up the input, of which Anthropic counts what was not cached apart.
func (u *usage) model() model.Usage {
	if u == nil {
		return model.Usage{}
	}
	return model.Usage{
		Known:      true,
		Input:      u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens,
		Cached:     u.CacheReadInputTokens,
		CacheWrite: u.CacheCreationInputTokens,
		Output:     u.OutputTokens,
		Reasoning:  u.OutputTokensDetails.ThinkingTokens,
	}
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
