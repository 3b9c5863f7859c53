package httpapi

import (
	"strconv"
	"strings"

	"github.com/docsift/docsift"
)

// readSystemOne reads a request in the format of /v1/systemone: a state and named questions.
func readSystemOne(body value, _ int64) (in inquiry, err error) {
	if in.model, err = optionalText(body.field("model")); err != nil {
		return in, err
	}
	state := body.field("state")
	if in.material.Text, err = stateText(state); err != nil {
		return in, err
	}
	if strings.TrimSpace(in.material.Text) == "" {
		return in, state.wrong("is empty")
	}
	questions := body.field("questions")
	if questions.kind() != '{' {
		return in, questions.unlike("an object")
	}
	seen := make(map[string]bool)
	for id, v := range questions.fields() {
		q, err := readNamed(id, v)
		switch {
		case err != nil:
			return in, err
		case seen[id]:
			return in, v.wrong("is there twice")
		}
		seen[id] = true
		in.questions = append(in.questions, q)
	}
	if n := len(in.questions); n == 0 || n > maxQuestions {
		return in, questions.wrong("there are %d questions, and from 1 to %d are possible", n, maxQuestions)
	}
	return in, nil
}

// stateText returns a text as it is and other JSON as it was written.
func stateText(v value) (string, error) {
	switch v.kind() {
	case '"':
		return v.text()
	case '{', '[':
		return string(v.raw), nil
	}
	return "", v.unlike("a text, an object or a list")
}

// nounKind is a yes-or-no question as System One calls it.
const nounKind = "noul"

func readNamed(id string, v value) (q question, err error) {
	q.name, q.at = &id, v.at
	kind, err := v.field("type").text()
	if err != nil {
		return q, err
	}
	if q.Instructions, err = stateText(v.field("instructions")); err != nil {
		return q, err
	}
	criteria := v.field("criteria")
	switch kind {
	case choiceKind:
		q.kind = choiceKind
		q.Choices, err = readCriteria(criteria)
	case scoreKind:
		var levels []docsift.Choice
		levels, err = readScale(criteria)
		q.scale(levels)
	case nounKind:
		var yes, no string
		if yes, err = optionalText(criteria.field("true")); err == nil {
			no, err = optionalText(criteria.field("false"))
		}
		q.yesOrNo(yes, no)
	default:
		err = v.field("type").wrong("%.40q is no kind of question here; there are choice, noul and score", kind)
	}
	return q, err
}

// readCriteria reads labels and what they mean, in their order.
func readCriteria(v value) (choices []docsift.Choice, err error) {
	if v.kind() != '{' {
		return nil, v.unlike("an object")
	}
	for label, meaning := range v.fields() {
		c := docsift.Choice{Label: label}
		if c.Description, err = optionalText(meaning); err != nil {
			return nil, err
		}
		choices = append(choices, c)
	}
	if n := len(choices); n < 2 || n > maxChoices {
		return nil, v.wrong("there are %d choices, and from 2 to %d are possible", n, maxChoices)
	}
	return choices, nil
}

// readScale reads the levels of a scale, the lowest first.
func readScale(v value) ([]docsift.Choice, error) {
	all, err := listOfChoices(v, "levels")
	if err != nil {
		return nil, err
	}
	levels := make([]docsift.Choice, len(all))
	for i, item := range all {
		if levels[i].Label, err = item.text(); err != nil {
			return nil, err
		}
	}
	return levels, nil
}

type systemOneReply struct {
	Model   string                     `json:"model"`
	Answers map[string]systemOneAnswer `json:"answers"`
	Usage   decisionUsage              `json:"usage"`
	Docsift struct {
		callNote

		// Unanswered says of questions that are not among the answers why.
		Unanswered map[string]answerNote `json:"unanswered"`
	} `json:"docsift"`
}

type systemOneAnswer struct {
	Type          string             `json:"type"`
	Choice        *string            `json:"choice,omitempty"`
	Noul          *float64           `json:"noul,omitempty"`
	Score         *float64           `json:"score,omitempty"`
	Legend        map[string]string  `json:"legend,omitempty"`
	Probabilities map[string]float64 `json:"probabilities,omitempty"`
	Confidence    *float64           `json:"confidence,omitempty"`
	Docsift       answerNote         `json:"docsift"`
}

func writeSystemOne(in inquiry, ds []docsift.Decision) any {
	out := systemOneReply{Answers: make(map[string]systemOneAnswer)}
	out.Usage, out.Docsift.callNote = sum(ds)
	out.Docsift.Unanswered = make(map[string]answerNote)
	out.Model = "docsift/" + out.Docsift.Policy.Name
	for i, q := range in.questions {
		if ds[i].Choice < 0 {
			out.Docsift.Unanswered[*q.name] = noteOf(ds[i])
			continue
		}
		out.Answers[*q.name] = q.named(ds[i])
	}
	return out
}

func (q question) named(d docsift.Decision) systemOneAnswer {
	a := systemOneAnswer{Type: q.kind, Docsift: noteOf(d)}
	if q.kind == predicateKind {
		yes := rounded(d.Probabilities[0])
		a.Type, a.Noul = nounKind, &yes
		return a
	}
	sure := rounded(d.Probabilities[d.Choice])
	a.Confidence, a.Probabilities = &sure, make(map[string]float64)
	if q.kind == choiceKind {
		a.Choice = &q.Choices[d.Choice].Label
		for i, p := range d.Probabilities {
			a.Probabilities[q.Choices[i].Label] = rounded(p)
		}
		return a
	}
	at := level(d.Probabilities)
	a.Score, a.Legend = &at, make(map[string]string)
	for i, p := range d.Probabilities {
		a.Probabilities[strconv.Itoa(i)], a.Legend[strconv.Itoa(i)] = rounded(p), q.Choices[i].Label
	}
	return a
}
