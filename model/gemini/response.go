package gemini

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

type generated struct {
	Candidates     []candidate `json:"candidates"`
	PromptFeedback struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback"`
	ModelVersion string `json:"modelVersion"`
	ResponseID   string `json:"responseId"`
}

type candidate struct {
	FinishReason   string          `json:"finishReason"`
	LogprobsResult json.RawMessage `json:"logprobsResult"` // of any shape: see tokens
	Content        struct {
		Parts []struct {
			Text         string    `json:"text"`
			Thought      bool      `json:"thought"`
			FunctionCall *struct{} `json:"functionCall"`
		} `json:"parts"`
	} `json:"content"`
}

func read(reply chat.Reply) (chat.Answer, error) {
	var g generated
	err := reply.Decode(&g)
	said := chat.Answer{Served: g.ModelVersion, RequestID: g.ResponseID}
	if err == nil {
		said.Text, err = words(g)
	}
	if err == nil {
		said.Tokens = tokens(g.Candidates[0].LogprobsResult)
	}
	return said, err
}

func words(g generated) (string, error) {
	switch {
	case g.PromptFeedback.BlockReason != "":
		return "", fault.New(fault.Refused, nil, "the provider's filter refuses the document")
	case len(g.Candidates) == 0:
		return "", fault.New(fault.BadOutput, nil, "the reply has no candidates")
	}
	first := g.Candidates[0]
	if err := finished(first.FinishReason); err != nil {
		return "", err
	}
	var text strings.Builder
	for _, p := range first.Content.Parts {
		if p.FunctionCall != nil {
			return "", fault.New(fault.BadOutput, nil, "the model called a tool instead of answering")
		}
		if !p.Thought {
			text.WriteString(p.Text)
		}
	}
	return text.String(), nil
}

// tokens returns the tokens of the answer, or none where they are not in the form expected.
func tokens(raw json.RawMessage) []chat.Token {
	var said struct {
		Chosen []token `json:"chosenCandidates"`
		Top    []struct {
			Candidates []token `json:"candidates"`
		} `json:"topCandidates"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &said) != nil {
		return nil
	}
	tokens := make([]chat.Token, len(said.Chosen))
	for i, c := range said.Chosen {
		tokens[i] = c.token()
		if i < len(said.Top) {
			for _, alt := range said.Top[i].Candidates {
				tokens[i].Top = append(tokens[i].Top, alt.token())
			}
		}
	}
	return tokens
}

type token struct {
	Token   string  `json:"token"`
	Logprob float64 `json:"logProbability"` // a zero is left out, as of a token that is certain
}

func (t token) token() chat.Token { return chat.Token{Text: t.Token, Logprob: t.Logprob} }

// finished returns why a candidate that ended for this reason is no answer.
func finished(reason string) error {
	switch reason {
	case "STOP", "FINISH_REASON_UNSPECIFIED", "":
		return nil
	case "MAX_TOKENS":
		return fault.New(fault.BadOutput, nil, "the answer is truncated at the limit of tokens")
	case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
		"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
		return fault.New(fault.Refused, nil, "the provider's filter withheld the answer (%s)", reason)
	case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS":
		return fault.New(fault.BadOutput, nil, "the model called a tool instead of answering")
	}
	return fault.New(fault.BadOutput, nil, "the model stopped for a reason that is not known (%.40q)", reason)
}

// lifecycle knows of no end: Google announces none there.
func lifecycle(reply chat.Reply) (chat.Lifecycle, error) {
	if err := reply.Decode(&struct{}{}); err != nil {
		return chat.Lifecycle{}, err
	}
	return chat.Lifecycle{Exists: true}, nil
}

type problem struct {
	Status  string   `json:"status"`
	Message string   `json:"message"`
	Details []detail `json:"details"`
}

// detail has the fields of every kind of google.rpc detail that matters here.
type detail struct {
	Reason     string `json:"reason"`
	RetryDelay string `json:"retryDelay"`
	Metadata   struct {
		QuotaLimit string `json:"quota_limit"`
	} `json:"metadata"`
	Violations []struct {
		QuotaID string `json:"quotaId"`
	} `json:"violations"`
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
	code := e.Status
	for _, d := range e.Details {
		code = cmp.Or(d.Reason, code)
	}
	err := reply.Fault(kind(reply.Status, e), code, e.Message)
	for _, d := range e.Details {
		if wait, parseErr := time.ParseDuration(d.RetryDelay); parseErr == nil && wait > 0 {
			err.RetryAfter = min(wait, 24*time.Hour)
		}
	}
	if err.Kind == fault.Quota && slices.ContainsFunc(e.Details, detail.perDay) {
		err.RetryAfter = untilMidnight(time.Now())
	}
	return err
}

// blame returns the words that name a parameter which the model does not take: not a schema that
// has a fault of its own, and not what may quote the document.
func blame(reply chat.Reply) string {
	said := complaint(reply).Message
	if strings.HasPrefix(said, "* GenerateContentRequest.generation_config.response_") || strings.Contains(said, "contents[") {
		return ""
	}
	return said
}

// kind refines what the status says by the error's details. A day's quota does not come back
// by waiting, so it is like money spent. FAILED_PRECONDITION is about the account, too.
func kind(status int, e problem) fault.Kind {
	for _, d := range e.Details {
		if d.Reason == "API_KEY_INVALID" {
			return fault.Auth
		}
		if status == http.StatusTooManyRequests && d.perDay() {
			return fault.Quota
		}
	}
	switch {
	case status == http.StatusBadRequest && e.Status == "FAILED_PRECONDITION":
		return fault.Auth
	case status == http.StatusBadRequest && tooLong(e.Message):
		return fault.TooLong
	}
	return chat.StatusKind(status)
}

// tooLong reports whether an error is about the length of the prompt: only its first words say so.
func tooLong(message string) bool {
	return strings.HasPrefix(message, "The input token count") || strings.HasPrefix(message, "Request payload size exceeds the limit")
}

func (d detail) perDay() bool {
	for _, v := range d.Violations {
		if strings.Contains(v.QuotaID, "PerDay") {
			return true
		}
	}
	return strings.Contains(d.Metadata.QuotaLimit, "PerDay")
}
