package sim

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The numbers that decisions endpoints allow.
const (
	minOptions         = 2
	maxOptions         = 255
	maxOpenAIQuestions = 400
	maxGeminiQuestions = 1000
)

// decide makes q a question for one of the labels.
func (q *query) decide(instructions string, labels []string) {
	q.system = append(q.system, instructions)
	q.choices = labels
	q.bareLabel = true
}

// decision is what a decisions endpoint says: the label, and a probability for each.
type decision struct {
	choice  string
	chances []stated
}

// stated is the probability of a label as it is written: a number, or whatever a script has.
type stated struct {
	label string
	p     Raw
}

// decided puts a turn into probabilities, each rounded to some decimals on its own, as OpenAI
// rounds them; -1 keeps them all.
func decided(t turn, decimals int) decision {
	d := decision{choice: t.content}
	for i, c := range t.chances {
		p := c.p
		if decimals >= 0 {
			unit := math.Pow10(decimals)
			p = math.Round(p*unit) / unit
		}
		one := stated{c.label, number(p)}
		if i == 0 && t.raw != "" {
			one.p = t.raw
		}
		d.chances = append(d.chances, one)
	}
	if t.empty == "content" {
		d.chances = nil
	}
	return d
}

// confidence returns what the endpoints call so: the probability of the label.
func (d decision) confidence() Raw {
	if len(d.chances) == 0 || d.chances[0].p == Missing {
		return "0"
	}
	return d.chances[0].p
}

// object writes the probabilities as an object by label, in the order of the labels.
func (d decision) object(labels []string) verbatim {
	return d.each(labels, "{", "}", func(s stated) string {
		if s.p == Missing {
			return ""
		}
		return quote(s.label) + ":" + string(s.p)
	})
}

// list writes the probabilities as a list of objects, in the order of the labels.
func (d decision) list(labels []string) verbatim {
	return d.each(labels, "[", "]", func(s stated) string {
		if s.p == Missing {
			return `{"value":` + quote(s.label) + `}`
		}
		return `{"value":` + quote(s.label) + `,"probability":` + string(s.p) + `}`
	})
}

func (d decision) each(labels []string, open, shut string, write func(stated) string) verbatim {
	sorted := slices.Clone(d.chances)
	slices.SortStableFunc(sorted, func(a, b stated) int { return slices.Index(labels, a.label) - slices.Index(labels, b.label) })
	var parts []string
	for _, s := range sorted {
		if part := write(s); part != "" {
			parts = append(parts, part)
		}
	}
	return verbatim(open + strings.Join(parts, ",") + shut)
}

// verbatim is a part of a body that need not be JSON: a script may want NaN in it.
type verbatim string

// A verbatim part stands between these until the body is written. Nothing else is called so.
const (
	verbatimOpen = "\x01verbatim\x01"
	verbatimShut = "\x01end\x01"
)

// MarshalJSON writes the part as a text between marks, for unmarked.
func (v verbatim) MarshalJSON() ([]byte, error) {
	return json.Marshal(verbatimOpen + string(v) + verbatimShut)
}

// unmarked puts the verbatim parts of a body in their places.
func unmarked(body []byte) []byte {
	open, shut := `"`+strings.Trim(quote(verbatimOpen), `"`), strings.Trim(quote(verbatimShut), `"`)+`"`
	parts := strings.Split(string(body), open)
	for i, part := range parts[1:] {
		text, rest, _ := strings.Cut(part, shut)
		var plain string
		_ = json.Unmarshal([]byte(`"`+text+`"`), &plain) // it has just been marshaled
		parts[i+1] = plain + rest
	}
	return []byte(strings.Join(parts, ""))
}

// plausible returns the confidence of an answer to a choice between n: the likeliest label has
// the share of chance at least.
func plausible(confidence float64, n int) float64 { return max(confidence, 1/float64(max(n, 1))) }

// probability returns the number that r writes, if it is a probability.
func (r Raw) probability() (float64, bool) {
	f, err := strconv.ParseFloat(string(r), 64)
	return f, err == nil && f >= 0 && f <= 1
}

// criteria reads the labels of a choice and checks that each has a description or null.
func criteria(raw json.RawMessage) (labels []string, wrong string) {
	members, ok := orderedMembers(raw)
	if !ok {
		return nil, "criteria must be an object"
	}
	for _, m := range members {
		var about *string
		switch {
		case json.Unmarshal(m.raw, &about) != nil:
			return nil, "the description of " + strconv.Quote(m.name) + " must be a string or null"
		case slices.Contains(labels, m.name):
			return nil, "the option " + strconv.Quote(m.name) + " stands twice"
		case strings.TrimSpace(m.name) == "":
			return nil, "an option has no name"
		}
		labels = append(labels, m.name)
	}
	return labels, ""
}
