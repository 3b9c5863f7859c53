package chat

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// maxChoices is what OpenAI, Google and System One take in one question. Some servers take less.
const maxChoices = 255

const which = `Which category does the document itself belong to? The input is one business document: ` + evidenceIsData

// Question asks a decisions endpoint which category a document belongs to.
type Question struct {
	Instructions string
	Choices      []taxonomy.Category // Unknown is always one, the last
}

// Question returns what is asked of a decisions endpoint. More categories than that takes are
// fault.Rejected: an answer over a part of them would be one to another question.
func (a Ask) Question() (Question, error) {
	q := Question{Instructions: which, Choices: append(slices.Clone(a.Taxonomy.Categories), taxonomy.Category{
		Name: taxonomy.Unknown, Description: "none of these, or it cannot be told",
	})}
	switch {
	case a.Own:
		q.Instructions = a.System
	case a.Taxonomy.Question != "":
		q.Instructions = a.Taxonomy.Question + "\nThe input is one document: " + evidenceIsData
	}
	if n, most := len(q.Choices), cmp.Or(a.Choices, maxChoices); n > most {
		return Question{}, fault.New(fault.Rejected, nil,
			"the %d categories and unknown are %d choices, and it takes %d in one question: use a smaller taxonomy or a chat model", n-1, n, most)
	}
	return q, nil
}

// Criteria returns the choices as an object that gives each its description or null, in order.
func (q Question) Criteria() (json.RawMessage, error) {
	out := []byte{'{'}
	for i, c := range q.Choices {
		name, err := Encode(c.Name)
		if err != nil {
			return nil, err
		}
		about, err := Encode(orNull(c.Description))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), about...)
	}
	return append(out, '}'), nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Decision is the answer to a Question, in the shape that decisions endpoints share.
type Decision struct {
	Type          string          `json:"type"` // choice, refusal or nothing
	Name          string          `json:"name"` // of the question, where the answers are a list
	Choice        json.RawMessage `json:"choice"`
	Probabilities chances         `json:"probabilities"`
}

// Score reads d into a Response with Label, Confidence, Score, Scores and Notes. The confidence
// is the probability of the label, whatever the server itself calls confidence. A refusal is
// fault.Refused; probabilities that are none, or not of the choices, are fault.BadOutput.
func (d Decision) Score(t *taxonomy.Taxonomy) (model.Response, error) {
	switch d.Type {
	case "refusal":
		return model.Response{}, fault.New(fault.Refused, nil, "the model declined to answer")
	case "choice", "":
	default:
		return model.Response{}, bad("the answer is a %q instead of a choice", cut(d.Type, maxQuote))
	}
	labels := append(t.Names(), taxonomy.Unknown)
	ps, notes, err := d.Probabilities.of(labels)
	if err != nil {
		return model.Response{}, err
	}
	top, err := d.pick(labels, ps)
	if err != nil {
		return model.Response{}, err
	}
	if err := settle(ps); err != nil {
		return model.Response{}, err
	}
	scores := make(map[string]float64, len(labels))
	for i, label := range labels {
		scores[label] = ps[i]
	}
	return model.Response{Label: labels[top], Confidence: ps[top], Score: model.ScoreProbability, Scores: scores, Notes: notes}, nil
}

// pick returns the index of the likeliest label. Where several are, the server's choice counts.
// A choice that is not among them contradicts the probabilities.
func (d Decision) pick(labels []string, ps []float64) (int, error) {
	top := slices.Index(ps, slices.Max(ps))
	if len(d.Choice) == 0 || string(d.Choice) == "null" {
		return top, nil
	}
	var said string
	if err := json.Unmarshal(d.Choice, &said); err != nil {
		return 0, bad("the choice %s is not a text", cut(string(d.Choice), maxQuote))
	}
	switch i := slices.Index(labels, said); {
	case i < 0:
		return 0, bad("the choice %q was not offered", cut(said, maxQuote))
	case ps[i] < ps[top]-tiny:
		return 0, bad("the choice is %s at %.3g, and %s has %.3g", said, ps[i], labels[top], ps[top])
	default:
		return i, nil
	}
}

// response reads what a says.
func (a Answer) response(t *taxonomy.Taxonomy) (model.Response, error) {
	if a.Decision != nil {
		return a.Decision.Score(t)
	}
	return parse(t, a.Text, a.Tokens)
}

// noted says how many choices an answer leaves out.
func noted(missing, of int) []string {
	if missing == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d choices were given no probability", missing, of)}
}
