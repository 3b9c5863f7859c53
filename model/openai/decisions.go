package openai

import (
	"cmp"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

// decisionsSuffix tells a model that is asked for decisions from the same one that chats: they
// have their own prices and their own health.
const decisionsSuffix = "@decisions"

// NewDecisions returns the model that o names, asked through Decisions: it gives a probability
// for each category. Its name may end in @decisions. Nothing is sent.
func NewDecisions(o Options) *Model {
	o.Model = strings.TrimSuffix(o.Model, decisionsSuffix)
	p := completions()
	o.Name = cmp.Or(o.Name, p.Name+"/"+o.Model+decisionsSuffix)
	p.Params, p.Blame = chat.Params{}, nil // which are those of the one that chats
	p.Features = func(chat.Options) chat.Features { return chat.Deciding(chat.Yes, chat.No) }
	p.AskPath, p.Body, p.Read = "/decisions", decisionsBody, readDecisions
	p.Usage = chat.UsageFields{
		Field:      "usage",
		Required:   []string{"input_tokens"},
		Input:      []string{"input_tokens"},
		Cached:     []string{"input_tokens_details.cached_tokens"},
		CacheWrite: []string{"input_tokens_details.cache_write_tokens"},
		Output:     []string{"output_tokens"},
		Reasoning:  []string{"output_tokens_details.reasoning_tokens"},
	}
	return chat.New(o, p)
}

// questionName is what the one question of a request is called.
const questionName = "category"

type decisionsRequest struct {
	Model     string     `json:"model"`
	Input     []evidence `json:"input"`
	Questions []question `json:"questions"`
}

type evidence struct {
	Type    string         `json:"type"`
	Role    string         `json:"role"`
	Content []evidencePart `json:"content"`
}

type evidencePart struct {
	Type     string `json:"type"`
	Text     string `json:"text,omitempty"`
	ImageURL string `json:"image_url,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

type question struct {
	Type         string   `json:"type"`
	Name         string   `json:"name"`
	Instructions string   `json:"instructions"`
	Choices      []option `json:"choices"`
}

type option struct {
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

func decisionsBody(a chat.Ask) ([]byte, error) {
	asked, err := a.Question()
	if err != nil {
		return nil, err
	}
	q := question{Type: "choice", Name: questionName, Instructions: asked.Instructions}
	for _, c := range asked.Choices {
		q.Choices = append(q.Choices, option{c.Name, c.Description})
	}
	return chat.Encode(decisionsRequest{
		Model:     a.Model,
		Input:     []evidence{{Type: "message", Role: "user", Content: evidenceOf(a)}},
		Questions: []question{q},
	})
}

func evidenceOf(a chat.Ask) []evidencePart {
	parts := []evidencePart{{Type: "input_text", Text: strings.Join(a.Data, "")}}
	for _, img := range a.Images {
		parts = append(parts, evidencePart{Type: "input_image", ImageURL: dataURL(img), Detail: a.Detail})
	}
	return parts
}

func readDecisions(reply chat.Reply) (chat.Answer, error) {
	var d struct {
		Model   word            `json:"model"`
		Answers []chat.Decision `json:"answers"`
	}
	err := reply.Decode(&d)
	said := chat.Answer{Served: string(d.Model)}
	switch {
	case err != nil:
	case len(d.Answers) != 1:
		err = fault.New(fault.BadOutput, nil, "there are %d answers to one question", len(d.Answers))
	case d.Answers[0].Name != questionName && d.Answers[0].Name != "":
		err = fault.New(fault.BadOutput, nil, "the answer is to another question")
	default:
		said.Decision = &d.Answers[0]
	}
	return said, err
}
