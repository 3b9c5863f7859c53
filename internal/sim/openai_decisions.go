package sim

import (
	"encoding/json"
	"fmt"
	"slices"
)

// openaiDecisions is OpenAI's Decisions wire format. Of its questions it plays one choice.
type openaiDecisions struct{ openai }

type decisionsRequest struct {
	Model            *string            `json:"model"`
	Input            json.RawMessage    `json:"input"` // a string or messages
	Questions        []decisionQuestion `json:"questions"`
	PromptCacheKey   *string            `json:"prompt_cache_key"`
	SafetyIdentifier *string            `json:"safety_identifier"`

	PromptCacheOptions json.RawMessage `json:"prompt_cache_options"` // ignored
}

type decisionQuestion struct {
	Type         *string          `json:"type"`
	Name         *string          `json:"name"`
	Instructions json.RawMessage  `json:"instructions"` // a string, or parts, which are refused
	Choices      []decisionChoice `json:"choices"`
	Levels       json.RawMessage  `json:"levels"` // of a score
}

type decisionChoice struct {
	Value       json.RawMessage `json:"value"` // a string, or a boolean, which is refused
	Description *string         `json:"description"`
}

type decisionMessage struct {
	Type    *string         `json:"type"`
	Role    *string         `json:"role"`
	Content json.RawMessage `json:"content"` // a string or parts
}

type decisionPart struct {
	Type     *string `json:"type"`
	Text     *string `json:"text"`
	ImageURL *string `json:"image_url"`
	Detail   *string `json:"detail"`

	JSON            json.RawMessage `json:"json"`
	CacheBreakpoint json.RawMessage `json:"prompt_cache_breakpoint"` // ignored
}

func (openaiDecisions) read(body []byte, q *query, find func(string) (spec, bool)) *problem {
	var req decisionsRequest
	if d := decodeShape(body, &req, nil); d != nil {
		return openaiShape(d, nil)
	}
	if req.Model == nil || *req.Model == "" {
		return openaiMissing("model")
	}
	q.model = *req.Model
	var ok bool
	if q.spec, ok = find(q.model); !ok || !q.spec.decides {
		return &problem{status: 404, kind: "invalid_request_error", code: "model_not_found", param: "model",
			message: fmt.Sprintf("The model `%s` does not exist, or is not supported by this endpoint.", q.model)}
	}
	for _, check := range []func(*query) *problem{req.readInput, req.readQuestions} {
		if p := check(q); p != nil {
			return p
		}
	}
	if n := q.promptTokens(); n > q.spec.context {
		return openaiBad("input", "context_length_exceeded", "Your input exceeds the context window of this model (%d tokens of %d).", n, q.spec.context)
	}
	return nil
}

func (r *decisionsRequest) readInput(q *query) *problem {
	if r.Input == nil {
		return openaiMissing("input")
	}
	var text string
	if json.Unmarshal(r.Input, &text) == nil {
		q.say("user", text)
		return nil
	}
	var messages []decisionMessage
	if d := decodeShape(r.Input, &messages, nil); d != nil {
		return openaiShape(d, []string{"input"})
	}
	if len(messages) == 0 {
		return openaiBad("input", "empty_array", "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	}
	for i, m := range messages {
		if p := m.read(q, []string{"input", fmt.Sprint(i)}); p != nil {
			return p
		}
	}
	return nil
}

func (m decisionMessage) read(q *query, at []string) *problem {
	param := bracketed(at)
	switch {
	case m.Type != nil && *m.Type != "message":
		return unplayed("invalid_request_error", "an input of type '"+*m.Type+"'")
	case m.Role == nil:
		return openaiMissing(param + ".role")
	case !slices.Contains([]string{"user", "system", "developer", "assistant"}, *m.Role):
		return openaiValue(param+".role", *m.Role, "user", "developer", "system", "assistant")
	case m.Content == nil:
		return openaiMissing(param + ".content")
	}
	var text string
	if json.Unmarshal(m.Content, &text) == nil {
		q.say(*m.Role, text)
		return nil
	}
	var parts []decisionPart
	here := append(slices.Clip(at), "content")
	if d := decodeShape(m.Content, &parts, nil); d != nil {
		return openaiShape(d, here)
	}
	if len(parts) == 0 {
		return openaiBad(param+".content", "empty_array", "Invalid '%s.content': empty array. Expected an array with minimum length 1, but got an empty array instead.", param)
	}
	for i, part := range parts {
		if p := part.read(q, *m.Role, append(slices.Clip(here), fmt.Sprint(i))); p != nil {
			return p
		}
	}
	return nil
}

func (p decisionPart) read(q *query, role string, at []string) *problem {
	param := bracketed(at)
	switch {
	case p.Type == nil:
		return openaiMissing(param + ".type")
	case *p.Type == "input_json":
		return unplayed("invalid_request_error", "a part of type 'input_json'")
	case *p.Type == "input_text" && (p.ImageURL != nil || p.Detail != nil), *p.Type == "input_image" && p.Text != nil:
		return openaiBad(param, "invalid_value", "Invalid content part at '%s': a part of type '%s' holds another part's field.", param, *p.Type)
	case *p.Type == "input_text" && p.Text == nil:
		return openaiMissing(param + ".text")
	case *p.Type == "input_text":
		q.say(role, *p.Text)
		return nil
	case *p.Type == "input_image" && role != "user":
		return openaiValue(param+".type", *p.Type, "input_text")
	case *p.Type == "input_image":
		image := &openaiImage{URL: p.ImageURL, Detail: p.Detail}
		return image.read(q, append(slices.Clip(at), "image_url"))
	}
	return openaiValue(param+".type", *p.Type, "input_text", "input_image", "input_json")
}

func (r *decisionsRequest) readQuestions(q *query) *problem {
	switch n := len(r.Questions); {
	case n == 0:
		return openaiBad("questions", "empty_array", "Invalid 'questions': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	case n > maxOpenAIQuestions:
		return openaiBad("questions", "array_above_max_length", "Invalid 'questions': array too long. Expected an array with maximum length %d, but got an array with length %d instead.", maxOpenAIQuestions, n)
	case n > 1:
		return unplayed("invalid_request_error", "more than one question")
	}
	return r.Questions[0].read(q, "questions[0]")
}

func (d decisionQuestion) read(q *query, at string) *problem {
	var instructions string
	switch {
	case d.Type == nil:
		return openaiMissing(at + ".type")
	case *d.Type == "predicate", *d.Type == "score":
		return unplayed("invalid_request_error", "a question of type '"+*d.Type+"'")
	case *d.Type != "choice":
		return openaiValue(at+".type", *d.Type, "predicate", "choice", "score")
	case d.Levels != nil:
		return openaiBad(at+".levels", "unknown_parameter", "Unknown parameter: '%s.levels'.", at)
	case d.Instructions == nil:
		return openaiMissing(at + ".instructions")
	case json.Unmarshal(d.Instructions, &instructions) != nil:
		return unplayed("invalid_request_error", "instructions other than a string")
	case len(d.Choices) < minOptions:
		return openaiBad(at+".choices", "array_below_min_length", "Invalid '%s.choices': array too short. Expected an array with minimum length %d, but got an array with length %d instead.", at, minOptions, len(d.Choices))
	case len(d.Choices) > maxOptions:
		return openaiBad(at+".choices", "array_above_max_length", "Invalid '%s.choices': array too long. Expected an array with maximum length %d, but got an array with length %d instead.", at, maxOptions, len(d.Choices))
	}
	if d.Name != nil {
		q.question = *d.Name
	}
	var labels []string
	for i, c := range d.Choices {
		var label string
		param := fmt.Sprintf("%s.choices[%d].value", at, i)
		switch {
		case c.Value == nil:
			return openaiMissing(param)
		case json.Unmarshal(c.Value, &label) != nil:
			return unplayed("invalid_request_error", "a choice other than a string")
		case slices.Contains(labels, label):
			return openaiBad(param, "invalid_value", "Invalid '%s': choices must be unique, and '%s' stands twice.", param, label)
		}
		labels = append(labels, label)
		if c.Description != nil {
			q.system = append(q.system, *c.Description)
		}
	}
	q.decide(instructions, labels)
	return nil
}

type decisionsReply struct {
	Model   string           `json:"model"`
	Answers []decisionAnswer `json:"answers"`
	Usage   *decisionsUsage  `json:"usage,omitempty"`
}

type decisionAnswer struct {
	Type          string   `json:"type"`
	Name          *string  `json:"name"`
	Choice        string   `json:"choice,omitempty"`
	Confidence    verbatim `json:"confidence,omitempty"`
	Probability   verbatim `json:"probability,omitempty"` // of a predicate
	Probabilities verbatim `json:"probabilities,omitempty"`
}

type decisionsUsage struct {
	Input        int `json:"input_tokens"`
	InputDetails struct {
		Cached     int `json:"cached_tokens"`
		CacheWrite int `json:"cache_write_tokens"`
	} `json:"input_tokens_details"`
	Output        int `json:"output_tokens"`
	OutputDetails struct {
		Reasoning int `json:"reasoning_tokens"`
	} `json:"output_tokens_details"`
	Total int `json:"total_tokens"`
}

func (openaiDecisions) reply(q *query, t turn) any {
	d := decided(t, 2)
	name := orNull(q.question)
	answer := decisionAnswer{Type: "choice", Name: name, Choice: d.choice, Confidence: verbatim(d.confidence()), Probabilities: d.list(q.choices)}
	switch t.finish {
	case "refusal", "safety", "content_filter":
		answer = decisionAnswer{Type: "refusal", Name: name}
	case "tool_calls":
		answer = decisionAnswer{Type: "predicate", Name: name, Probability: verbatim(d.confidence())}
	}
	r := decisionsReply{Model: q.model, Answers: []decisionAnswer{answer}}
	if t.empty == "choices" {
		r.Answers = []decisionAnswer{}
	}
	if !t.noUsage {
		r.Usage = &decisionsUsage{Input: t.usage.prompt, Output: t.usage.output(), Total: t.usage.total()}
	}
	return r
}
