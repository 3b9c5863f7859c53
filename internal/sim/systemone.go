package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// systemOne is the System One wire format, in the manner of llama.cpp and vLLM. Of its questions
// it plays one choice. A key is taken and not asked for.
type systemOne struct{}

func (systemOne) provider() string { return SystemOne }
func (systemOne) maxBody() int64   { return 50 << 20 }

// maxSystemOneImages is llama.cpp's limit.
const maxSystemOneImages = 8

type systemOneRequest struct {
	Model        *string                      `json:"model"`
	State        json.RawMessage              `json:"state"` // a string, an object or a list
	Images       []string                     `json:"images"`
	Instructions *string                      `json:"instructions"`
	Questions    map[string]systemOneQuestion `json:"questions"`

	ChatTemplate json.RawMessage `json:"chat_template_kwargs"` // ignored
	CacheSalt    json.RawMessage `json:"cache_salt"`           // ignored
}

type systemOneQuestion struct {
	Type         *string         `json:"type"`
	Instructions *string         `json:"instructions"`
	Criteria     json.RawMessage `json:"criteria"`
}

func (systemOne) key(r *http.Request) (string, *problem) {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), nil
}

func (systemOne) read(body []byte, q *query, find func(string) (spec, bool)) *problem {
	var req systemOneRequest
	if d := decodeShape(body, &req, nil); d != nil {
		return systemOneShape(d)
	}
	if req.Model == nil || *req.Model == "" {
		return systemOneBad("\"model\" is missing")
	}
	q.model = *req.Model
	var ok bool
	if q.spec, ok = find(q.model); !ok {
		return &problem{status: http.StatusNotFound, kind: "NotFoundError", message: fmt.Sprintf("The model `%s` does not exist.", q.model)}
	}
	for _, check := range []func(*query) *problem{req.readState, req.readImages, req.readQuestions} {
		if p := check(q); p != nil {
			return p
		}
	}
	if n := q.promptTokens(); n > q.spec.context {
		return &problem{status: http.StatusBadRequest, kind: "exceed_context_size_error", message: fmt.Sprintf("request (%d tokens) exceeds the available context size (%d tokens)", n, q.spec.context)}
	}
	return nil
}

func (r *systemOneRequest) readState(q *query) *problem {
	texts, ok := leaves(r.State, 0)
	if !ok || len(texts) == 0 {
		return systemOneBad("\"state\" must be a non-empty string, object or array")
	}
	for _, text := range texts {
		q.say("user", text)
	}
	if r.Instructions != nil {
		q.say("system", *r.Instructions)
	}
	return nil
}

// leaves returns the texts in a JSON value, in order, or false where it is nested too deeply or is none.
func leaves(raw json.RawMessage, depth int) ([]string, bool) {
	var text string
	var list []json.RawMessage
	switch {
	case depth > maxSchemaDepth || len(raw) == 0:
		return nil, false
	case json.Unmarshal(raw, &text) == nil:
		return []string{text}, text != "" || depth > 0
	case json.Unmarshal(raw, &list) == nil:
	default:
		members, ok := orderedMembers(raw)
		if !ok {
			return []string{string(raw)}, depth > 0 // a number or a boolean
		}
		for _, m := range members {
			list = append(list, m.raw)
		}
	}
	var all []string
	for _, item := range list {
		texts, ok := leaves(item, depth+1)
		if !ok {
			return nil, false
		}
		all = append(all, texts...)
	}
	return all, true
}

func (r *systemOneRequest) readImages(q *query) *problem {
	switch {
	case len(r.Images) == 0:
		return nil
	case q.spec.images == nil:
		return systemOneBad("the model does not take images")
	case len(r.Images) > maxSystemOneImages:
		return systemOneBad("\"images\" has %d images, the maximum is %d", len(r.Images), maxSystemOneImages)
	}
	for i, url := range r.Images {
		head := dataURL.FindStringSubmatch(url)
		if head == nil {
			return systemOneBad("\"images\"[%d] is not a base64 data URL", i)
		}
		pic, err := readPicture(head[1], url[len(head[0]):])
		if err != nil {
			return systemOneBad("\"images\"[%d] cannot be decoded: %v", i, err)
		}
		q.images = append(q.images, pic)
	}
	return nil
}

func (r *systemOneRequest) readQuestions(q *query) *problem {
	switch n := len(r.Questions); {
	case n == 0:
		return systemOneBad("\"questions\" must not be empty")
	case n > 1:
		return unplayed("unprocessable_entity_error", "more than one question")
	}
	for id, question := range r.Questions {
		if id == "" {
			return systemOneBad("a question id is empty")
		}
		q.question = id
		return question.read(q)
	}
	return nil
}

func (s systemOneQuestion) read(q *query) *problem {
	switch {
	case s.Type == nil:
		return systemOneBad("question %q has no \"type\"", q.question)
	case *s.Type == "noul", *s.Type == "score":
		return unplayed("unprocessable_entity_error", "a question of type "+*s.Type)
	case *s.Type != "choice":
		return systemOneBad("question %q: unknown type %q", q.question, *s.Type)
	case s.Instructions == nil || *s.Instructions == "":
		return systemOneBad("question %q: \"instructions\" must not be empty", q.question)
	}
	labels, wrong := criteria(s.Criteria)
	switch {
	case wrong != "":
		return systemOneBad("question %q: %s", q.question, wrong)
	case len(labels) < minOptions:
		return systemOneBad("question %q has %d options, at least %d are needed", q.question, len(labels), minOptions)
	case len(labels) > q.spec.options:
		return systemOneBad("question %q has %d options, at most %d are supported", q.question, len(labels), q.spec.options)
	}
	q.decide(*s.Instructions+string(s.Criteria), labels)
	return nil
}

func systemOneBad(format string, args ...any) *problem {
	return &problem{status: http.StatusUnprocessableEntity, kind: "unprocessable_entity_error", message: fmt.Sprintf(format, args...)}
}

func systemOneShape(d *departure) *problem {
	field := bracketed(d.path)
	switch d.kind {
	case unknownField:
		return systemOneBad("unknown field %q", field)
	case repeatedField:
		return systemOneBad("field %q stands twice", field)
	case wrongType:
		return systemOneBad("field %q must be of type %s, not %s", field, d.want, d.got)
	}
	return &problem{status: http.StatusBadRequest, kind: "invalid_request_error", message: "the request body is not valid JSON"}
}

type systemOneError struct {
	Error struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Type    string `json:"type"`
	} `json:"error"`
}

func (systemOne) failure(p problem, _ string) any {
	var e systemOneError
	e.Error.Code, e.Error.Message, e.Error.Type = p.status, p.message, p.kind
	return e
}

type systemOneReply struct {
	Model   string                     `json:"model"`
	Answers map[string]systemOneAnswer `json:"answers"`
	Usage   *systemOneUsage            `json:"usage,omitempty"`
}

type systemOneAnswer struct {
	Type          string   `json:"type"`
	Choice        string   `json:"choice,omitempty"`
	Noul          verbatim `json:"noul,omitempty"`
	Probabilities verbatim `json:"probabilities,omitempty"`
	Confidence    verbatim `json:"confidence,omitempty"`
}

type systemOneUsage struct {
	Input  int `json:"input_tokens"`
	Output int `json:"output_tokens"`
}

func (systemOne) reply(q *query, t turn) any {
	d := decided(t, -1)
	answer := systemOneAnswer{Type: "choice", Choice: d.choice, Probabilities: d.object(q.choices), Confidence: verbatim(d.confidence())}
	switch t.finish {
	case "refusal", "safety", "content_filter":
		answer = systemOneAnswer{Type: "refusal"}
	case "tool_calls":
		answer = systemOneAnswer{Type: "noul", Noul: verbatim(d.confidence())}
	}
	r := systemOneReply{Model: q.model, Answers: map[string]systemOneAnswer{q.question: answer}}
	if t.empty == "choices" {
		clear(r.Answers)
	}
	if !t.noUsage {
		r.Usage = &systemOneUsage{Input: t.usage.prompt, Output: t.usage.output()}
	}
	return r
}

func (systemOne) stamp(h http.Header, requestID string) { h.Set("X-Request-Id", requestID) }

// limits sets nothing: a server of one's own has none.
func (systemOne) limits(http.Header, left) {}
