package systemone

import (
	"cmp"
	"encoding/json"
	"net/http"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

func read(reply chat.Reply) (chat.Answer, error) {
	var d struct {
		Model   string                   `json:"model"`
		Answers map[string]chat.Decision `json:"answers"`
	}
	err := reply.Decode(&d)
	said := chat.Answer{Served: d.Model}
	answer, ok := d.Answers[questionName]
	switch {
	case err != nil:
	case !ok:
		err = fault.New(fault.BadOutput, nil, "the reply has no answer to the question")
	default:
		said.Decision = &answer
	}
	return said, err
}

// lifecycle knows of no end: nobody announces one there.
func lifecycle(reply chat.Reply) (chat.Lifecycle, error) {
	if err := reply.Decode(&struct{}{}); err != nil {
		return chat.Lifecycle{}, err
	}
	return chat.Lifecycle{Exists: true}, nil
}

// problem is an error as these servers write it: under error as OpenAI does, or under detail as
// FastAPI does, where it may be a text or a list of what is wrong.
type problem struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Kind    string `json:"error_type"`
}

// failure classifies a reply that is not 200. The body may be anything: proxies write HTML.
func failure(reply chat.Reply) error {
	var body struct {
		Error  json.RawMessage `json:"error"`
		Detail json.RawMessage `json:"detail"`
	}
	_ = json.Unmarshal(reply.Body, &body)
	e := problemOf(body.Error)
	if e == (problem{}) {
		e = problemOf(body.Detail)
	}
	return reply.Fault(kind(reply.Status), cmp.Or(e.Type, e.Kind), e.Message)
}

func problemOf(raw json.RawMessage) problem {
	var e problem
	if json.Unmarshal(raw, &e) != nil || e == (problem{}) {
		e = problem{Message: string(raw)}
	}
	return e
}

// kind is what the status says, but for 501: the server runs, and its model cannot decide.
func kind(status int) fault.Kind {
	if status == http.StatusNotImplemented {
		return fault.ModelGone
	}
	return chat.StatusKind(status)
}
