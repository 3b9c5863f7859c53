package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// geminiDecisions is the wire format of Gemini Decisions. Of its questions it plays one choice.
// How an image is written there is not confirmed: it is as in Google's Interactions.
type geminiDecisions struct{ gemini }

type geminiDecisionsRequest struct {
	Model     *string                   `json:"model"`
	Input     json.RawMessage           `json:"input"` // a string, a content or a list of contents
	Questions map[string]geminiQuestion `json:"questions"`
}

type geminiQuestion struct {
	Type         *string         `json:"type"`
	Instructions *string         `json:"instructions"`
	Criteria     json.RawMessage `json:"criteria"`
}

type geminiEvidence struct {
	Type     *string `json:"type"`
	Text     *string `json:"text"`
	Data     *string `json:"data"`
	MIMEType *string `json:"mime_type"`

	URI        json.RawMessage `json:"uri"`
	Resolution json.RawMessage `json:"resolution"` // ignored
}

func (geminiDecisions) read(body []byte, q *query, find func(string) (spec, bool)) *problem {
	var req geminiDecisionsRequest
	if d := decodeShape(body, &req, nil); d != nil {
		return geminiShape(d)
	}
	if req.Model == nil || *req.Model == "" {
		return geminiBad("* CreateDecisionRequest.model: model is not specified")
	}
	q.model = strings.TrimPrefix(*req.Model, "models/")
	var ok bool
	if q.spec, ok = find(q.model); !ok || !q.spec.decides {
		return &problem{status: http.StatusNotFound, kind: "NOT_FOUND",
			message: fmt.Sprintf("models/%s is not found for API version v1beta, or is not supported for decisions.", q.model)}
	}
	for _, check := range []func(*query) *problem{req.readInput, req.readQuestions} {
		if p := check(q); p != nil {
			return p
		}
	}
	if n := q.promptTokens(); n > q.spec.context {
		return geminiBad("The input token count (%d) exceeds the maximum number of tokens allowed (%d).", n, q.spec.context)
	}
	return nil
}

func (r *geminiDecisionsRequest) readInput(q *query) *problem {
	if r.Input == nil {
		return geminiBad("* CreateDecisionRequest.input: input is not specified")
	}
	var text string
	if json.Unmarshal(r.Input, &text) == nil {
		q.say("user", text)
		return nil
	}
	parts := make([]geminiEvidence, 1)
	var d *departure
	if strings.HasPrefix(strings.TrimSpace(string(r.Input)), "[") {
		d = decodeShape(r.Input, &parts, nil)
	} else {
		d = decodeShape(r.Input, &parts[0], nil)
	}
	if d != nil {
		d.path = append([]string{"input"}, d.path...)
		return geminiShape(d)
	}
	if len(parts) == 0 {
		return geminiBad("* CreateDecisionRequest.input: input must not be empty")
	}
	for i, part := range parts {
		if p := part.read(q, fmt.Sprintf("input[%d]", i)); p != nil {
			return p
		}
	}
	return nil
}

func (e geminiEvidence) read(q *query, at string) *problem {
	switch {
	case e.Type == nil:
		return geminiBad("* CreateDecisionRequest.%s.type: must be specified", at)
	case e.URI != nil, *e.Type == "audio", *e.Type == "video", *e.Type == "document":
		return unplayed("INVALID_ARGUMENT", "an input of type "+*e.Type+" or with a uri")
	case *e.Type == "text" && e.Text != nil && e.Data == nil:
		q.say("user", *e.Text)
		return nil
	case *e.Type == "image" && e.Text == nil:
		blob := geminiBlob{MIMEType: e.MIMEType, Data: e.Data}
		return blob.read(q, at)
	}
	return geminiBad("* CreateDecisionRequest.%s: a content of type %q does not have these fields", at, *e.Type)
}

func (r *geminiDecisionsRequest) readQuestions(q *query) *problem {
	switch n := len(r.Questions); {
	case n == 0:
		return geminiBad("* CreateDecisionRequest.questions: questions must not be empty")
	case n > maxGeminiQuestions:
		return geminiBad("* CreateDecisionRequest.questions: at most %d questions are allowed, got %d", maxGeminiQuestions, n)
	case n > 1:
		return unplayed("INVALID_ARGUMENT", "more than one question")
	}
	for id, question := range r.Questions {
		if id == "" || strings.TrimSpace(id) != id {
			return geminiBad("* CreateDecisionRequest.questions: %q is not a valid question id", id)
		}
		q.question = id
		return question.read(q, "questions."+id)
	}
	return nil
}

func (g geminiQuestion) read(q *query, at string) *problem {
	switch {
	case g.Type == nil:
		return geminiBad("* CreateDecisionRequest.%s.type: must be specified", at)
	case *g.Type == "noul", *g.Type == "score":
		return unplayed("INVALID_ARGUMENT", "a question of type "+*g.Type)
	case *g.Type != "choice":
		return geminiBad("* CreateDecisionRequest.%s.type: %q is not one of noul, choice and score", at, *g.Type)
	case g.Instructions == nil || strings.TrimSpace(*g.Instructions) == "":
		return geminiBad("* CreateDecisionRequest.%s.instructions: must be specified", at)
	}
	labels, wrong := criteria(g.Criteria)
	switch {
	case wrong != "":
		return geminiBad("* CreateDecisionRequest.%s.criteria: %s", at, wrong)
	case len(labels) < minOptions || len(labels) > maxOptions:
		return geminiBad("* CreateDecisionRequest.%s.criteria: a choice has %d to %d options, got %d", at, minOptions, maxOptions, len(labels))
	}
	q.decide(*g.Instructions+string(g.Criteria), labels)
	return nil
}

type geminiDecisionsReply struct {
	Answers        map[string]geminiDecision `json:"answers"`
	PromptFeedback *geminiBlocked            `json:"prompt_feedback,omitempty"`
	Usage          *geminiDecisionsUsage     `json:"usage,omitempty"`
}

type geminiDecision struct {
	Type          string   `json:"type"`
	Choice        string   `json:"choice,omitempty"`
	Noul          verbatim `json:"noul,omitempty"`
	Probabilities verbatim `json:"probabilities,omitempty"`
	Confidence    verbatim `json:"confidence"`
}

type geminiBlocked struct {
	BlockReason string `json:"block_reason"`
}

type geminiDecisionsUsage struct {
	Input  int `json:"total_input_tokens"`
	Cached int `json:"total_cached_tokens"`
	Output int `json:"total_output_tokens"`
	Total  int `json:"total_tokens"`
}

func (geminiDecisions) reply(q *query, t turn) any {
	d := decided(t, -1)
	answer := geminiDecision{Type: "choice", Choice: d.choice, Probabilities: d.object(q.choices), Confidence: verbatim(d.confidence())}
	r := geminiDecisionsReply{Answers: map[string]geminiDecision{}}
	switch {
	case t.finish == "tool_calls":
		r.Answers[q.question] = geminiDecision{Type: "noul", Noul: verbatim(d.confidence()), Confidence: verbatim(d.confidence())}
	case t.finish == "stop", t.finish == "length":
		r.Answers[q.question] = answer
	default:
		r.PromptFeedback = &geminiBlocked{"PROHIBITED_CONTENT"}
	}
	if t.empty == "choices" {
		clear(r.Answers)
	}
	if !t.noUsage {
		r.Usage = &geminiDecisionsUsage{Input: t.usage.prompt, Output: t.usage.output(), Total: t.usage.total()}
	}
	return r
}
