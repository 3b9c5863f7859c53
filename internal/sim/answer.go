package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Answer is what the simulated model says of a document.
type Answer struct {
	// Label is one of the labels asked for; another one is passed over.
	Label string `yaml:"label"`

	// Confidence is the stated confidence, 0 to 1. Default 0.9.
	Confidence float64 `yaml:"confidence"`
}

// Rule answers documents whose text holds a string.
type Rule struct {
	// Contains is looked for in the text of the user, case and all.
	Contains string `yaml:"contains"`

	// Answer is given when it is found.
	Answer `yaml:",inline"`
}

// Call is an accepted request as an Options.Answer function sees it.
type Call struct {
	// Provider and Model say who is asked.
	Provider, Model string

	// System and Text are the text parts of the system and of the user.
	System, Text []string

	// Images are the bytes of the images, decoded.
	Images [][]byte

	// Labels are the labels to choose from, in the order of the schema.
	Labels []string
}

// The confidences stated by the default rule.
const (
	confidenceKnown   = 0.9
	confidenceUnknown = 0.3
)

// unknownLabel is the answer when nothing in the text points to a label.
const unknownLabel = "unknown"

// answer picks the answer to a call: the hook, the script's key, the key, the script's rules, the rules,
// then the default rule. An answer whose label was not asked for is passed over.
func (s *Server) answer(c Call) Answer {
	script := s.currentScript()
	tries := []func() (Answer, bool){
		func() (Answer, bool) { return s.hooked(c) },
		func() (Answer, bool) { return keyed(script.Answers, c) },
		func() (Answer, bool) { return keyed(s.opts.Answers, c) },
		func() (Answer, bool) { return ruled(script.Rules, c) },
		func() (Answer, bool) { return ruled(s.opts.Rules, c) },
	}
	for _, try := range tries {
		a, ok := try()
		if !ok || (len(c.Labels) > 0 && !slices.Contains(c.Labels, a.Label)) {
			continue
		}
		if a.Confidence == 0 {
			a.Confidence = confidenceKnown
		}
		return a
	}
	return counted(c)
}

func (s *Server) hooked(c Call) (Answer, bool) {
	if s.opts.Answer == nil {
		return Answer{}, false
	}
	a := s.opts.Answer(c)
	return a, a.Label != ""
}

func keyed(key map[string]Answer, c Call) (Answer, bool) {
	if len(key) == 0 {
		return Answer{}, false
	}
	for _, text := range slices.Concat(c.Text, c.System) {
		if a, ok := key[digest([]byte(text))]; ok {
			return a, true
		}
	}
	for _, img := range c.Images {
		if a, ok := key[digest(img)]; ok {
			return a, true
		}
	}
	return Answer{}, false
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func ruled(rules []Rule, c Call) (Answer, bool) {
	for _, r := range rules {
		for _, text := range c.Text {
			if strings.Contains(text, r.Contains) {
				return r.Answer, true
			}
		}
	}
	return Answer{}, false
}

// counted is the default rule: the label whose words, singular or plural, stand most often in the user's text.
func counted(c Call) Answer {
	seen := make(map[string]int)
	for _, text := range c.Text {
		for _, w := range words(text) {
			seen[w]++
		}
	}
	best := Answer{Label: unknownLabel, Confidence: confidenceUnknown}
	most := 0
	for _, label := range c.Labels {
		n := 0
		for _, w := range words(label) {
			n += seen[w] + seen[w+"s"]
		}
		if n > most && label != unknownLabel {
			best, most = Answer{label, confidenceKnown}, n
		}
	}
	if most == 0 && len(c.Labels) > 0 && !slices.Contains(c.Labels, unknownLabel) {
		best.Label = fallbackLabel(c.Labels)
	}
	return best
}

// fallbackLabel stands in for unknown where the labels do not have it.
func fallbackLabel(labels []string) string {
	if slices.Contains(labels, "other") {
		return "other"
	}
	return labels[0]
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// render writes the content of a reply in the form the request asked for.
func (q *query) render(label string, confidence Raw) string {
	switch {
	case q.bareLabel:
		return label
	case q.schema != nil:
		f := filler{root: q.schema, slot: labelSlot(q.schema), label: label, confidence: confidence}
		f.value("", q.schema, 0)
		return f.out.String()
	case !q.asksForJSON():
		return label
	case confidence == Missing:
		return `{"classification":` + quote(label) + `}`
	}
	return `{"classification":` + quote(label) + `,"confidence":` + string(confidence) + `}`
}

// labels are the labels the request asks to choose from, in order.
func (q *query) labels(otherwise []string) []string {
	if q.choices != nil {
		return q.choices
	}
	if q.schema == nil {
		return otherwise
	}
	slot := labelSlot(q.schema)
	if slot == nil {
		return otherwise
	}
	return slot.stringEnum()
}

func (q *query) asksForJSON() bool {
	if q.wantsJSON {
		return true
	}
	return slices.ContainsFunc(slices.Concat(q.system, q.texts), func(text string) bool {
		return strings.Contains(strings.ToLower(text), "json")
	})
}

// number writes a confidence as JSON.
func number(f float64) Raw {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "null"
	}
	return Raw(strconv.FormatFloat(f, 'f', -1, 64))
}

// scaled writes a confidence for a schema that counts to maximum, such as percent.
func (r Raw) scaled(maximum float64) string {
	f, err := strconv.ParseFloat(string(r), 64)
	if err != nil || maximum <= 1 || f > 1 {
		return string(r)
	}
	return string(number(math.Round(f * maximum)))
}
