package httpapi

import (
	"encoding/json"

	"github.com/docsift/docsift"
)

// readDecisions reads a request in the format of OpenAI's /v1/decisions. Fields that mean nothing
// here, such as a cache key, are passed over.
func readDecisions(body value, maxPicture int64) (in inquiry, err error) {
	if m := body.field("model"); m.kind() != 0 {
		if in.model, err = m.text(); err != nil {
			return in, err
		}
	}
	if in.material, err = readInput(body.field("input"), maxPicture); err != nil {
		return in, err
	}
	list := body.field("questions")
	all, err := list.list()
	if err != nil {
		return in, err
	}
	if len(all) == 0 || len(all) > maxQuestions {
		return in, list.wrong("there are %d questions, and from 1 to %d are possible", len(all), maxQuestions)
	}
	for _, v := range all {
		q, err := readQuestion(v)
		if err != nil {
			return in, err
		}
		in.questions = append(in.questions, q)
	}
	return in, nil
}

func readQuestion(v value) (q question, err error) {
	q.at = v.at
	kind, err := v.field("type").text()
	if err != nil {
		return q, err
	}
	if name := v.field("name"); name.kind() != 0 {
		text, err := name.text()
		if err != nil {
			return q, err
		}
		q.name = &text
	}
	if q.Instructions, err = readInstructions(v.field("instructions")); err != nil {
		return q, err
	}
	switch kind {
	case choiceKind:
		q.kind = choiceKind
		q.Choices, q.values, err = readChoices(v.field("choices"))
	case predicateKind:
		q.yesOrNo("", "")
	case scoreKind:
		var levels []docsift.Choice
		levels, err = readLevels(v.field("levels"))
		q.scale(levels)
	default:
		err = v.field("type").wrong("%.40q is no kind of question here; there are choice, predicate and score", kind)
	}
	return q, err
}

// readChoices reads the choices of a question. A text and a boolean that read alike stay apart.
func readChoices(v value) (choices []docsift.Choice, values []json.RawMessage, err error) {
	all, err := listOfChoices(v, "choices")
	if err != nil {
		return nil, nil, err
	}
	seen := make(map[string]bool, len(all))
	for _, item := range all {
		c, raw, err := readChoice(item)
		if err != nil {
			return nil, nil, err
		}
		if seen[c.Label] && raw[0] != '"' {
			c.Label += " (boolean)"
		}
		if seen[c.Label] {
			return nil, nil, item.field("value").wrong("is there twice")
		}
		seen[c.Label] = true
		choices, values = append(choices, c), append(values, raw)
	}
	return choices, values, nil
}

func readChoice(item value) (c docsift.Choice, raw json.RawMessage, err error) {
	v := item.field("value")
	switch v.kind() {
	case 't', 'f':
		c.Label = string(v.raw)
	case '"':
		c.Label, err = v.text()
	default:
		err = v.unlike("a text or a boolean")
	}
	if err == nil {
		c.Description, err = optionalText(item.field("description"))
	}
	return c, json.RawMessage(v.raw), err
}

func readLevels(v value) ([]docsift.Choice, error) {
	all, err := listOfChoices(v, "levels")
	if err != nil {
		return nil, err
	}
	levels := make([]docsift.Choice, len(all))
	for i, item := range all {
		if levels[i].Label, err = item.field("label").text(); err != nil {
			return nil, err
		}
		if levels[i].Description, err = optionalText(item.field("description")); err != nil {
			return nil, err
		}
	}
	return levels, nil
}

func listOfChoices(v value, what string) ([]value, error) {
	all, err := v.list()
	if err == nil && (len(all) < 2 || len(all) > maxChoices) {
		err = v.wrong("there are %d %s, and from 2 to %d are possible", len(all), what, maxChoices)
	}
	return all, err
}

func optionalText(v value) (string, error) {
	if v.kind() == 0 {
		return "", nil
	}
	return v.text()
}

type decisionsReply struct {
	Model   string           `json:"model"`
	Answers []decisionAnswer `json:"answers"`
	Usage   decisionUsage    `json:"usage"`
	Docsift callNote         `json:"docsift"`
}

type decisionAnswer struct {
	Type          string          `json:"type"`
	Name          *string         `json:"name"`
	Choice        json.RawMessage `json:"choice,omitempty"`
	Probability   *float64        `json:"probability,omitempty"`
	Score         *float64        `json:"score,omitempty"`
	Confidence    *float64        `json:"confidence,omitempty"`
	Probabilities []any           `json:"probabilities,omitempty"` // choiceShare or levelShare
	Docsift       answerNote      `json:"docsift"`
}

type choiceShare struct {
	Value       json.RawMessage `json:"value"`
	Probability float64         `json:"probability"`
}

type levelShare struct {
	Value       int     `json:"value"` // from 0
	Label       string  `json:"label"`
	Probability float64 `json:"probability"`
}

func writeDecisions(in inquiry, ds []docsift.Decision) any {
	var out decisionsReply
	out.Usage, out.Docsift = sum(ds)
	out.Model = "docsift/" + out.Docsift.Policy.Name
	for i, q := range in.questions {
		out.Answers = append(out.Answers, q.answer(ds[i]))
	}
	return out
}

func (q question) answer(d docsift.Decision) decisionAnswer {
	a := decisionAnswer{Type: q.kind, Name: q.name, Docsift: noteOf(d)}
	if d.Choice < 0 {
		a.Type = "refusal"
		return a
	}
	sure := rounded(d.Probabilities[d.Choice])
	switch q.kind {
	case choiceKind:
		a.Choice, a.Confidence = q.values[d.Choice], &sure
		for i, p := range d.Probabilities {
			a.Probabilities = append(a.Probabilities, choiceShare{q.values[i], rounded(p)})
		}
	case predicateKind:
		yes := rounded(d.Probabilities[0])
		a.Probability = &yes
	case scoreKind:
		at := level(d.Probabilities)
		a.Score, a.Confidence = &at, &sure
		for i, p := range d.Probabilities {
			a.Probabilities = append(a.Probabilities, levelShare{i, q.Choices[i].Label, rounded(p)})
		}
	}
	return a
}
