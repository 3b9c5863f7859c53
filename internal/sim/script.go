package sim

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Script says what the simulated models answer and how their providers fail.
type Script struct {
	// Answers maps the hex SHA-256 of a text part, a system text or an image's bytes to the answer.
	Answers map[string]Answer `yaml:"answers"`

	// Rules answer by what the text contains; the first that fits wins.
	Rules []Rule `yaml:"rules"`

	// Steps are tried in order on each accepted call; the first that fits takes effect.
	Steps []Step `yaml:"steps"`
}

// Step gives the calls that match an effect.
type Step struct {
	// Match picks the calls. The zero value picks all.
	Match Match `yaml:"match"`

	// Effect is what happens to them.
	Effect Effect `yaml:"effect"`
}

// Match picks calls. The counts are over the calls that fit the fields above them,
// whether or not an earlier step took the call.
type Match struct {
	// Provider is "openai", "gemini", "anthropic" or "systemone". Empty: any.
	Provider string `yaml:"provider"`

	// Model is a model's name. Empty: any.
	Model string `yaml:"model"`

	// Key is the API key sent. Empty: any.
	Key string `yaml:"key"`

	// Contains is a string in the text of the user. Empty: any.
	Contains string `yaml:"contains"`

	// Sends is a field that stands anywhere in the request, such as "responseLogprobs". Empty: any.
	Sends string `yaml:"sends"`

	// Nth picks one call, counted from 1. 0: all.
	Nth int `yaml:"nth"`

	// From picks the calls from this one on, counted from 1. Default 1.
	From int `yaml:"from"`

	// Count limits how many calls are picked from From on. 0: no limit.
	Count int `yaml:"count"`

	// Every picks each Every-th of the calls From and Count allow. 0: each.
	Every int `yaml:"every"`

	// Share picks this share of the remaining calls at random, 0 to 1. 0: all.
	Share float64 `yaml:"share"`
}

// Effect is what happens to a call. At most one of the fields Fault to Finish is set;
// those from Label on shape an answer and go together with each other.
type Effect struct {
	// Fault is an error by name, such as "insufficient_quota", in the provider's own form.
	Fault string `yaml:"fault"`

	// Status is an HTTP error status; Fault has its own.
	Status int `yaml:"status"`

	// Body is sent as it stands instead of a reply, with Status or 200.
	Body string `yaml:"body"`

	// Hang never answers: the call ends when the client goes away or the server closes.
	Hang bool `yaml:"hang"`

	// Cut closes the connection: "before" an answer, in the "middle" of its body, or with a TCP "reset".
	Cut string `yaml:"cut"`

	// Garbage spoils the reply: not_json, truncated, html, blank, bom, gzip or huge the body;
	// fenced or prose the text of the model in it.
	Garbage string `yaml:"garbage"`

	// Empty leaves out the "choices" (candidates, content) or the "content" in them.
	Empty string `yaml:"empty"`

	// Finish ends the reply for another reason: length, refusal, content_filter, safety, tool_calls,
	// or at Gemini one of its own such as SPII.
	Finish string `yaml:"finish"`

	// Code, Type and Message replace those of the error.
	Code    string `yaml:"code"`
	Type    string `yaml:"type"`
	Message string `yaml:"message"`

	// RetryAfter is the Retry-After of an error: seconds or anything else; "none" leaves it out.
	// Default: what Fault brings.
	RetryAfter string `yaml:"retry_after"`

	// Label is answered as it stands, asked for or not.
	Label string `yaml:"label"`

	// WrongLabel answers the label after the right one, as confidently.
	WrongLabel bool `yaml:"wrong_label"`

	// Confidence is stated as it stands.
	Confidence Raw `yaml:"confidence"`

	// Usage is "missing" or "absurd" (a thousand times too much).
	Usage string `yaml:"usage"`

	// Delay is added before anything is sent.
	Delay time.Duration `yaml:"delay"`

	// Drip is the pause between the bytes of the body.
	Drip time.Duration `yaml:"drip"`

	// Billed overrides what the ledger says. Default: errors are free; answers and what looks lost are billed.
	Billed *bool `yaml:"billed"`
}

// Raw is a JSON value as it stands in a reply. In a script it is any scalar: 1.7, "95%", high, .nan, null,
// or missing to leave the property out.
type Raw string

// Missing leaves a property out.
const Missing Raw = "missing"

// UnmarshalYAML reads any scalar.
func (r *Raw) UnmarshalYAML(n *yaml.Node) error {
	switch {
	case n.Kind != yaml.ScalarNode:
		return fmt.Errorf("line %d: confidence must be a scalar", n.Line)
	case n.Value == string(Missing):
		*r = Missing
	case n.Tag == "!!str":
		*r = Raw(quote(n.Value))
	case strings.EqualFold(n.Value, ".nan"):
		*r = "NaN"
	default:
		*r = Raw(n.Value)
	}
	return nil
}

// maxScript is the largest script read, in bytes.
const maxScript = 64 << 20

// LoadScript reads a script in YAML or JSON and refuses one that names what the simulator does not know,
// giving the line.
func LoadScript(r io.Reader) (Script, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxScript+1))
	if err != nil {
		return Script{}, fmt.Errorf("read script: %w", err)
	}
	if len(data) > maxScript {
		return Script{}, fmt.Errorf("read script: larger than %d bytes", maxScript)
	}
	if b := bytes.TrimSpace(data); len(b) > 0 && b[0] == '{' {
		data = bytes.ReplaceAll(data, []byte("\t"), []byte(" ")) // JSON may indent by tabs, YAML may not
	}
	var s Script
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return Script{}, fmt.Errorf("read script: %w", tidied(err))
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Script{}, errors.New("read script: more than one document")
	}
	s.keepNulls(data)
	if where, err := s.validate(); err != nil {
		return Script{}, fmt.Errorf("read script: line %d: %w", nodeAt(data, where).Line, err)
	}
	return s, nil
}

// keepNulls tells a confidence of null from none, which the decoder does not.
func (s Script) keepNulls(data []byte) {
	list := nodeAt(data, []string{"steps"})
	for i := range s.Steps {
		effect := child(child(list, strconv.Itoa(i)), "effect")
		if n := child(effect, "confidence"); n != nil && n.Tag == "!!null" {
			s.Steps[i].Effect.Confidence = "null"
		}
	}
}

// tidied writes the several lines of a YAML error in one.
func tidied(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	return errors.New(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; "))
}

// validate returns the first error and the keys that lead to it.
func (s Script) validate() ([]string, error) {
	for key, a := range s.Answers {
		if b, err := hex.DecodeString(key); err != nil || len(b) != 32 || key != strings.ToLower(key) {
			return []string{"answers", key}, fmt.Errorf("%q is not the hex SHA-256 of anything", key)
		}
		if err := a.validate(); err != nil {
			return []string{"answers", key}, err
		}
	}
	for i, r := range s.Rules {
		where := []string{"rules", strconv.Itoa(i)}
		if r.Contains == "" {
			return where, errors.New("contains is empty")
		}
		if err := r.Answer.validate(); err != nil {
			return where, err
		}
	}
	for i, st := range s.Steps {
		if err := st.validate(); err != nil {
			return []string{"steps", strconv.Itoa(i)}, err
		}
	}
	return nil, nil
}

func (a Answer) validate() error {
	switch {
	case a.Label == "":
		return errors.New("label is empty")
	case !(a.Confidence >= 0 && a.Confidence <= 1):
		return fmt.Errorf("confidence %v is not between 0 and 1", a.Confidence)
	}
	return nil
}

func (st Step) validate() error {
	if err := st.Match.validate(); err != nil {
		return fmt.Errorf("match: %w", err)
	}
	if err := st.Effect.validate(st.Match.Provider); err != nil {
		return fmt.Errorf("effect: %w", err)
	}
	return nil
}

func (m Match) validate() error {
	switch {
	case m.Provider != "" && !slices.Contains([]string{OpenAI, Gemini, Anthropic, SystemOne}, m.Provider):
		return fmt.Errorf("no provider %q", m.Provider)
	case m.Nth < 0 || m.From < 0 || m.Count < 0 || m.Every < 0:
		return errors.New("nth, from, count and every must not be negative")
	case m.Nth > 0 && (m.From > 0 || m.Count > 0 || m.Every > 0):
		return errors.New("nth excludes from, count and every")
	case !(m.Share >= 0 && m.Share <= 1):
		return fmt.Errorf("share %v is not between 0 and 1", m.Share)
	}
	return nil
}

func (e Effect) validate(provider string) error {
	if e == (Effect{}) {
		return errors.New("it does nothing")
	}
	var main []string
	add := func(set bool, name string) {
		if set {
			main = append(main, name)
		}
	}
	add(e.Fault != "", "fault")
	add(e.Status != 0 && e.Body == "", "status")
	add(e.Body != "", "body")
	add(e.Hang, "hang")
	add(e.Cut != "", "cut")
	add(e.Garbage != "", "garbage")
	add(e.Empty != "", "empty")
	add(e.Finish != "", "finish")
	if len(main) > 1 {
		return fmt.Errorf("%s exclude each other", strings.Join(main, " and "))
	}
	if e.Status != 0 && e.Fault != "" {
		return errors.New("fault has its own status")
	}
	if !e.failing() && (e.Code != "" || e.Type != "" || e.Message != "" || e.RetryAfter != "") {
		return errors.New("code, type, message and retry_after need fault or status")
	}
	return e.validateValues(provider)
}

// failing reports whether the effect answers an error in the provider's form.
func (e Effect) failing() bool { return e.Fault != "" || (e.Status != 0 && e.Body == "") }

func (e Effect) validateValues(provider string) error {
	known := func(value string, values ...string) bool { return value == "" || slices.Contains(values, value) }
	finishes := []string{"length", "refusal", "content_filter", "safety", "tool_calls"}
	if provider == Gemini {
		finishes = append(finishes, "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "OTHER", "MALFORMED_FUNCTION_CALL")
	}
	least := 400
	if e.Body != "" {
		least = 200
	}
	switch {
	case e.Fault != "" && !faultExists(e.Fault):
		return fmt.Errorf("no fault %q; there are %s", e.Fault, strings.Join(faultNames(), ", "))
	case e.Status != 0 && (e.Status < least || e.Status > 599 || (http.StatusText(e.Status) == "" && e.Status != statusOverloaded)):
		return fmt.Errorf("status %d cannot be answered here", e.Status)
	case !known(e.Cut, "before", "middle", "reset"):
		return fmt.Errorf("cut %q is not before, middle or reset", e.Cut)
	case !known(e.Garbage, "not_json", "truncated", "html", "blank", "bom", "gzip", "huge", "fenced", "prose"):
		return fmt.Errorf("no garbage %q", e.Garbage)
	case !known(e.Empty, "choices", "content"):
		return fmt.Errorf("empty %q is not choices or content", e.Empty)
	case !known(e.Finish, finishes...):
		return fmt.Errorf("no finish %q", e.Finish)
	case !known(e.Usage, "missing", "absurd"):
		return fmt.Errorf("usage %q is not missing or absurd", e.Usage)
	case e.Delay < 0 || e.Drip < 0:
		return errors.New("delay and drip must not be negative")
	case strings.ContainsAny(e.RetryAfter, "\r\n"):
		return errors.New("retry_after spans lines")
	}
	return nil
}

// nodeAt returns the value that the keys lead to, or the last one on the way that is there.
func nodeAt(data []byte, keys []string) *yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return &yaml.Node{Line: 1}
	}
	n := doc.Content[0]
	for _, key := range keys {
		next := child(n, key)
		if next == nil {
			break
		}
		n = next
	}
	return n
}

// child returns the value of a key or a list position, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.AliasNode:
		return child(n.Alias, key)
	case n.Kind == yaml.SequenceNode:
		i, err := strconv.Atoi(key)
		if err != nil || i >= len(n.Content) {
			return nil
		}
		return n.Content[i]
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
