package gemini

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

// NewDecisions returns the model that o names, asked through Gemini Decisions: it gives a
// probability for each category. Nothing is sent.
func NewDecisions(o Options) *Model {
	o.Model = strings.TrimPrefix(o.Model, "models/")
	p := generation()
	p.Params, p.Blame = chat.Params{}, nil // which are those of the one that chats
	p.Features = func(chat.Options) chat.Features { return chat.Deciding(chat.Yes, chat.Yes) }
	p.AskPath, p.Body, p.Read = "/v1beta/decisions", decisionsBody, readDecisions
	p.Usage = chat.UsageFields{
		Field:    "usage",
		Required: []string{"total_input_tokens"},
		Input:    []string{"total_input_tokens"},
		Cached:   []string{"total_cached_tokens"},
		Output:   []string{"total_output_tokens"},
	}
	return chat.New(o, p)
}

// questionName is what the one question of a request is called.
const questionName = "category"

type decisionsRequest struct {
	Model     string              `json:"model"`
	Input     []evidence          `json:"input"`
	Questions map[string]question `json:"questions"`
}

// evidence is a text or an image.
type evidence struct {
	Type     string `json:"type"`
	Text     string `json:"text,omitempty"`
	MIMEType string `json:"mime_type,omitempty"`
	Data     []byte `json:"data,omitempty"` // base64
}

type question struct {
	Type         string          `json:"type"`
	Instructions string          `json:"instructions"`
	Criteria     json.RawMessage `json:"criteria"`
}

func decisionsBody(a chat.Ask) ([]byte, error) {
	asked, err := a.Question()
	if err != nil {
		return nil, err
	}
	for i, c := range asked.Choices { // that a description may be null is not said anywhere
		asked.Choices[i].Description = cmp.Or(c.Description, strings.ReplaceAll(c.Name, "_", " "))
	}
	criteria, err := asked.Criteria()
	if err != nil {
		return nil, err
	}
	return chat.Encode(decisionsRequest{
		Model:     "models/" + a.Model,
		Input:     evidenceOf(a),
		Questions: map[string]question{questionName: {"choice", asked.Instructions, criteria}},
	})
}

func evidenceOf(a chat.Ask) []evidence {
	parts := []evidence{{Type: "text", Text: strings.Join(a.Data, "")}}
	for _, img := range a.Images {
		parts = append(parts, evidence{Type: "image", MIMEType: img.MIME, Data: img.Bytes})
	}
	return parts
}

func readDecisions(reply chat.Reply) (chat.Answer, error) {
	var d struct {
		Model          string                   `json:"model"`
		Answers        map[string]chat.Decision `json:"answers"`
		PromptFeedback struct {
			BlockReason string `json:"block_reason"`
		} `json:"prompt_feedback"`
	}
	err := reply.Decode(&d)
	said := chat.Answer{Served: strings.TrimPrefix(d.Model, "models/")}
	answer, ok := d.Answers[questionName]
	switch {
	case err != nil:
	case d.PromptFeedback.BlockReason != "":
		err = fault.New(fault.Refused, nil, "the provider's filter refuses the document")
	case !ok:
		err = fault.New(fault.BadOutput, nil, "the reply has no answer to the question")
	default:
		said.Decision = &answer
	}
	return said, err
}
