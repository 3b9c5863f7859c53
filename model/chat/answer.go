package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// maxQuote is how many runes of a model's words a note repeats.
const maxQuote = 40

// ParseAnswer reads a chat model's answer into a Response with Label, Confidence, Score,
// Scores and Notes. It looks through Markdown fences, prose and thoughts for one JSON object.
// A category outside t is taxonomy.Unknown, and a confidence that is no probability is
// ScoreNone; a note says so. An answer that cannot be one is fault.BadOutput.
func ParseAnswer(t *taxonomy.Taxonomy, text string) (model.Response, error) {
	return parse(t, text, nil)
}

// parse is ParseAnswer for an answer whose tokens may be known. Where they tell how likely the
// label was, the confidence is the smaller of that and the one that is stated.
func parse(t *taxonomy.Taxonomy, text string, tokens []Token) (model.Response, error) {
	said, err := find(text)
	if err != nil {
		return model.Response{}, err
	}
	name, err := said.category()
	if err != nil {
		return model.Response{}, err
	}
	resp := read(t, name, said)
	if resp.Score == model.ScoreStated && len(tokens) > 0 {
		if p, scores, ok := odds(t, resp.Label, saying{text, said.at, tokens}); ok {
			resp.Confidence, resp.Score, resp.Scores = min(p, resp.Confidence), model.ScoreLogprob, scores
			return resp, nil
		}
	}
	p := resp.Confidence
	if resp.Score == model.ScoreNone {
		p = 1 / float64(len(t.Categories)+1) // nothing is known: all alike
	}
	resp.Scores = model.Spread(t, resp.Label, p)
	return resp, nil
}

func read(t *taxonomy.Taxonomy, name string, said statement) model.Response {
	label, ok := resolve(t, name)
	if !ok {
		// It is sure of its own word, not of unknown: the confidence does not carry over.
		note := fmt.Sprintf("category %q is not in the list", cut(name, maxQuote))
		return model.Response{Label: taxonomy.Unknown, Score: model.ScoreNone, Notes: []string{note}}
	}
	resp := model.Response{Label: label}
	if label != name {
		resp.Notes = append(resp.Notes, fmt.Sprintf("category was written %q", cut(name, maxQuote)))
	}
	var note string
	resp.Confidence, resp.Score, note = said.probability()
	if note != "" {
		resp.Notes = append(resp.Notes, note)
	}
	return resp
}

// resolve returns the category that name means: the same word but for case, and for spaces
// and hyphens in place of underscores. What could mean two categories means none.
func resolve(t *taxonomy.Taxonomy, name string) (string, bool) {
	if t.Has(name) || name == taxonomy.Unknown {
		return name, true
	}
	var found []string
	for _, have := range append(t.Names(), taxonomy.Unknown) {
		if plain(have) == plain(name) {
			found = append(found, have)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

func plain(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune(" _-\t\r\n", r) })
	return strings.Join(words, "_")
}

// statement is what an answer says of the two fields, each time that it says it.
type statement struct {
	categories, confidences []json.RawMessage

	at int // where the first of the categories stands; -1 when that is not known
}

// category returns the one category that is named.
func (s statement) category() (string, error) {
	if !same(s.categories) {
		return "", bad("the answer names two categories")
	}
	var name *string
	if err := json.Unmarshal(s.categories[0], &name); err != nil || name == nil {
		return "", bad("the category in the answer is not a text")
	}
	return *name, nil
}

func same(values []json.RawMessage) bool {
	for _, v := range values {
		if !bytes.Equal(v, values[0]) {
			return false
		}
	}
	return true
}

func bad(format string, args ...any) error { return fault.New(fault.BadOutput, nil, format, args...) }
