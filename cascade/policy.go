package cascade

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

// Policy says which models are asked, in which order, and what is enough.
type Policy struct {
	Name        string `yaml:"name"`
	Version     string `yaml:"version"`
	Description string `yaml:"description"`

	// Confidence is what an answer needs to be accepted, in [0,1], unless its stage says otherwise.
	Confidence float64 `yaml:"confidence"`

	// Deadline bounds the whole way of one document through the stages. Default 60s.
	Deadline time.Duration `yaml:"deadline"`

	// Retries is how often a stage is tried again when all its models failed and at least one
	// failure may pass. Default 0.
	Retries int `yaml:"retries"`

	// Reask asks a model once more at once when its answer is none.
	Reask bool `yaml:"reask"`

	// Hedge asks the next equal model beside one that has not answered after this long, and takes
	// the first answer; both may be billed. Default 0: never.
	Hedge time.Duration `yaml:"hedge"`

	// OnFailure says what follows when no model of a stage could answer.
	OnFailure OnFailure `yaml:"on_failure"`

	Breaker Breaker `yaml:"breaker"`
	Stages  []Stage `yaml:"stages"`

	// LastResort is asked once when nothing else has answered. Optional.
	LastResort *Spec `yaml:"last_resort"`
}

// OnFailure says what follows when no model of a stage could answer.
type OnFailure string

// What may follow a failed stage.
const (
	Continue OnFailure = "continue" // ask the next stage; the default
	Stop     OnFailure = "stop"     // ask no further stage
)

// Breaker is when a model is left alone, and for how long. Zero values mean the breaker's
// defaults. A policy that sets no more than failures and cooldown gets just that: it opens on a
// run of failures alone, and the cooldown neither grows nor ends by steps.
type Breaker struct {
	Failures    int           `yaml:"failures"`     // in a row
	Rate        float64       `yaml:"rate"`         // share of failed calls in the window, in (0,1]
	Window      time.Duration `yaml:"window"`       // of the rate
	Calls       int           `yaml:"calls"`        // that the window must hold for the rate to count
	Garbled     float64       `yaml:"garbled"`      // share of answers that are none in the window, in (0,1]
	Cooldown    time.Duration `yaml:"cooldown"`     // the first one
	MaxCooldown time.Duration `yaml:"max_cooldown"` // to which it grows
	Healthy     time.Duration `yaml:"healthy"`      // after which it halves again
	Step        time.Duration `yaml:"step"`         // how long a healed model gets 10 % of the calls, and then 50 %
}

func (b Breaker) check() error {
	switch {
	case b.Failures < 0:
		return errors.New("failures cannot be negative")
	case !probability(b.Rate):
		return fmt.Errorf("rate %v is outside 0 to 1", b.Rate)
	case !probability(b.Garbled):
		return fmt.Errorf("garbled %v is outside 0 to 1", b.Garbled)
	case b.Calls < 0:
		return errors.New("calls cannot be negative")
	case b.Cooldown != 0 && b.Cooldown < minDuration:
		return fmt.Errorf("cooldown %v is too short: CIRCUIT_BREAKER_TIMEOUT is a number of seconds, in a file give a unit, such as 30s", b.Cooldown)
	case b.MaxCooldown != 0 && b.MaxCooldown < b.Cooldown:
		return fmt.Errorf("max_cooldown %v is shorter than cooldown %v", b.MaxCooldown, b.Cooldown)
	}
	for name, d := range map[string]time.Duration{"window": b.Window, "max_cooldown": b.MaxCooldown, "healthy": b.Healthy, "step": b.Step} {
		if d != 0 && d < minDuration {
			return fmt.Errorf("%s %v is too short: give a unit, such as 10s", name, d)
		}
	}
	return nil
}

// Stage is one sieve: models that are each as good as the other, and how they see the document.
type Stage struct {
	Name string `yaml:"name"`

	// Views are the ways to show the document, best first; the first that can be had is used.
	// A stage that none of them fits is skipped.
	Views []View `yaml:"views"`

	// Chars bounds the text shown, in characters. Default 1000.
	Chars int `yaml:"chars"`

	// Confidence overrides the policy's. With 0 any category is accepted.
	Confidence *float64 `yaml:"confidence"`

	// Agree doubts an answer, however sure, where an earlier stage leaned towards another category.
	Agree bool `yaml:"agree"`

	// Models are equivalent: the first that answers counts.
	Models []Spec `yaml:"models"`

	// Backups are asked when every model of the stage failed. Their answer is taken as it is.
	Backups []Spec `yaml:"backups"`

	// UnknownToBackups asks the backups too when the stage's answer is "unknown".
	UnknownToBackups bool `yaml:"unknown_to_backups"`
}

// Spec names a model and how to call it.
type Spec struct {
	// Model is provider/model, such as "openai/gpt-6-luna", or "local". An @decisions
	// or @systemone at its end says the API too.
	Model string `yaml:"model"`

	// API is how the model is asked: chat, decisions or systemone. Default what its provider's
	// models are made for, mostly chat.
	API string `yaml:"api"`

	// BaseURL is where the model's server is. Default what the provider's setting says.
	BaseURL string `yaml:"base_url"`

	// Free says that the model's answers cost nothing, as those of one's own server do.
	Free bool `yaml:"free"`

	// ProviderUsed is what answers report as provider_used. Default the provider's name.
	ProviderUsed string `yaml:"provider_used"`

	// Title is how reasons name the model to people. Default the model's name.
	Title string `yaml:"title"`

	// Side is how large a page this model is shown, in pixels of the longer side, for one that
	// bills another size better than that of the view. Default the view's.
	Side int `yaml:"side"`

	// Keys are the settings that may hold the API key; the first one set counts.
	// Default the provider's usual name.
	Keys []string `yaml:"keys"`

	// Limits are what one key may take of the model. What the provider says of them counts too.
	Limits Limits `yaml:"limits"`

	chat.Settings `yaml:",inline"`
}

// Provider returns the part of Model before the slash.
func (s Spec) Provider() string {
	provider, _, _ := strings.Cut(s.Model, "/")
	return provider
}

// ShortName returns the part of Model after the slash.
func (s Spec) ShortName() string {
	_, short, ok := strings.Cut(s.Model, "/")
	if !ok {
		return s.Model
	}
	return short
}

// View is how a stage sees a document.
type View string

// The views. Those with an image show the selected text beside it where there is any.
const (
	TextView  View = "text"        // selected text only
	SmallView View = "small_image" // the first page, 512 pixels
	PageView  View = "page_image"  // the first page, 1024 pixels, where small print is legible
)

// Side returns the longer side of the view's image in pixels; 0 for none.
func (v View) Side() int {
	switch v {
	case SmallView:
		return 512
	case PageView:
		return 1024
	}
	return 0
}

// ParsePolicy reads a policy in YAML. ${NAME} and ${NAME:-default} in its values are looked up
// with getenv. The file name is used in messages. Anything wrong is fault.Config.
func ParsePolicy(file string, data []byte, getenv func(string) string) (Policy, error) {
	p, err := parsePolicy(data, getenv)
	if err != nil {
		return Policy{}, fault.New(fault.Config, nil, "%s: %v%s", file, err, origin(data, err))
	}
	return p, nil
}

// origin names the settings on the line that an error speaks of: their values are to blame.
func origin(data []byte, err error) string {
	var n int
	if _, scanErr := fmt.Sscanf(err.Error(), "line %d:", &n); scanErr != nil || n < 1 {
		return ""
	}
	lines := strings.Split(string(data), "\n")
	if n > len(lines) {
		return ""
	}
	if m := reference().FindStringSubmatch(lines[n-1]); m != nil {
		return "; the value comes from " + m[1]
	}
	return ""
}

func parsePolicy(data []byte, getenv func(string) string) (Policy, error) {
	expanded, err := expand(string(data), getenv)
	if err != nil {
		return Policy{}, err
	}
	var p Policy
	dec := yaml.NewDecoder(bytes.NewReader([]byte(expanded)))
	dec.KnownFields(true)
	if err := dec.Decode(&p); err != nil {
		if errors.Is(err, io.EOF) {
			return p, errors.New("the file is empty")
		}
		if e, ok := errors.AsType[*yaml.TypeError](err); ok {
			return p, errors.New(strings.Join(e.Errors, "; "))
		}
		return p, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	p.setDefaults()
	return p, p.check()
}

// reference matches ${NAME} and ${NAME:-default}.
var reference = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}`)
})

// expand replaces ${NAME} and ${NAME:-default}. Secrets have no place in a policy: its text
// goes into messages, so names that look like one are refused.
func expand(text string, getenv func(string) string) (string, error) {
	var refused error
	out := reference().ReplaceAllStringFunc(text, func(ref string) string {
		m := reference().FindStringSubmatch(ref)
		if strings.HasSuffix(m[1], "_KEY") || strings.HasSuffix(m[1], "_SECRET") || strings.HasSuffix(m[1], "_TOKEN") {
			refused = fmt.Errorf("%s: a secret cannot be part of a policy; name it under keys", ref)
		}
		value := getenv(m[1])
		if value == "" {
			value = m[2]
		}
		if strings.ContainsAny(value, "\n\r{}[]#&*") {
			refused = fmt.Errorf("the value of %s cannot stand in a policy", m[1])
		}
		return value
	})
	return out, refused
}

func (p *Policy) setDefaults() {
	if p.Deadline == 0 {
		p.Deadline = time.Minute
	}
	if p.OnFailure == "" {
		p.OnFailure = Continue
	}
	for i := range p.Stages {
		s := &p.Stages[i]
		if s.Chars == 0 {
			s.Chars = 1000
		}
		s.Models, s.Backups = named(s.Models), named(s.Backups)
	}
	if p.LastResort != nil {
		p.LastResort = &named([]Spec{*p.LastResort})[0]
	}
}

func (p *Policy) check() error {
	switch {
	case !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`).MatchString(p.Name):
		return fmt.Errorf("name %q: use lower-case letters, digits, - and _", p.Name)
	case p.Version == "":
		return errors.New("version is missing: answers carry it, so that two policies can be told apart")
	case !probability(p.Confidence):
		return fmt.Errorf("confidence %v is outside 0 to 1", p.Confidence)
	case p.Retries < 0 || p.Retries > 10:
		return fmt.Errorf("retries %d is outside 0 to 10", p.Retries)
	case p.Deadline < minDuration:
		return fmt.Errorf("deadline %v is too short: give a unit, such as 60s", p.Deadline)
	case p.Hedge != 0 && p.Hedge < minDuration:
		return fmt.Errorf("hedge %v is too short: give a unit, such as 2s", p.Hedge)
	case p.OnFailure != Continue && p.OnFailure != Stop:
		return fmt.Errorf("on_failure %q: use %s or %s", p.OnFailure, Continue, Stop)
	case len(p.Stages) == 0:
		return errors.New("no stages")
	}
	if err := p.Breaker.check(); err != nil {
		return fmt.Errorf("breaker: %w", err)
	}
	seen := make(map[string]bool)
	for i, s := range p.Stages {
		if s.Name == "" || seen[s.Name] {
			return fmt.Errorf("stage %d: it needs a name of its own", i+1)
		}
		seen[s.Name] = true
		if err := s.check(); err != nil {
			return fmt.Errorf("stage %s: %w", s.Name, err)
		}
	}
	if p.LastResort != nil {
		if err := p.LastResort.check(); err != nil {
			return fmt.Errorf("last_resort: %w", err)
		}
	}
	return nil
}

func (s Stage) check() error {
	switch {
	case len(s.Views) == 0:
		return fmt.Errorf("views is missing: %s, %s or %s", TextView, SmallView, PageView)
	case len(s.Models) == 0:
		return errors.New("it has no models")
	case s.Chars < 0:
		return fmt.Errorf("chars %d is negative", s.Chars)
	case s.Confidence != nil && !probability(*s.Confidence):
		return fmt.Errorf("confidence %v is outside 0 to 1", *s.Confidence)
	case s.UnknownToBackups && len(s.Backups) == 0:
		return errors.New("unknown_to_backups needs backups")
	}
	for _, v := range s.Views {
		if v != TextView && v.Side() == 0 {
			return fmt.Errorf("view %q: use %s, %s or %s", v, TextView, SmallView, PageView)
		}
	}
	var seats []string
	for _, spec := range slices.Concat(s.Models, s.Backups) {
		if err := spec.check(); err != nil {
			return err
		}
		seat := spec.Model + " " + spec.BaseURL
		if slices.Contains(seats, seat) {
			return fmt.Errorf("model %s stands in it twice", spec.Model)
		}
		seats = append(seats, seat)
	}
	return nil
}

func (s Spec) check() error {
	if s.Model == "" {
		return errors.New("a model needs its name, such as openai/gpt-6-luna")
	}
	if s.Side != 0 && (s.Side < minSide || s.Side > maxSide) {
		return fmt.Errorf("model %s: side %d: give a number of pixels from %d to %d", s.Model, s.Side, minSide, maxSide)
	}
	if err := cmp.Or(s.Check(), s.Limits.check(), s.checkServer()); err != nil {
		return fmt.Errorf("model %s: %w", s.Model, err)
	}
	return nil
}

// Below minSide nothing can be told of a page; maxSide is the largest that pages are drawn.
const (
	minSide = 256
	maxSide = 4096
)

// minDuration is the least that a deadline can sensibly be. A number without a unit reads as
// nanoseconds, and is caught by it.
const minDuration = 100 * time.Millisecond

func probability(p float64) bool { return p >= 0 && p <= 1 }
