package docsift

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/anthropic"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/model/openai"
)

// policy is an opened policy with the breakers of its models.
type policy struct {
	cascade  *cascade.Cascade
	breakers map[string]*breaker.Breaker // by model name
	raw      map[string]model.Model      // without the breaker
	models   []string                    // in the order of the policy, each once
}

// ModelStatus is what an operator sees of one model of a policy.
type ModelStatus struct {
	Policy    string     `json:"policy"`
	Model     string     `json:"model"`
	Provider  string     `json:"provider"`
	Breaker   string     `json:"breaker"`    // closed, open or half_open
	Failures  int        `json:"failures"`   // in a row
	LastError string     `json:"last_error"` // "" when it never failed
	LastAt    *time.Time `json:"last_failure_at"`
	Until     *time.Time `json:"open_until"` // when an open breaker lets a call through
}

// Models returns the state of every model of the policies in use.
func (c *Classifier) Models() []ModelStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []ModelStatus{}
	for _, name := range sortedKeys(c.policies) {
		p := c.policies[name]
		for _, m := range p.models {
			s := p.breakers[m].Status()
			all = append(all, ModelStatus{
				Policy: name, Model: m, Provider: cascade.Spec{Model: m}.Provider(), Breaker: string(s.State),
				Failures: s.Failures, LastError: s.LastError, LastAt: orNil(s.LastAt), Until: orNil(s.Until),
			})
		}
	}
	return all
}

// Policy returns the policy used when a request names none, and its models that have no key.
func (c *Classifier) Policy() (cascade.Policy, []cascade.Missing) {
	p, _ := c.policy("") // New has opened it
	return p.cascade.Policy(), p.cascade.Missing()
}

// policy returns an opened policy by name; "" means the default one.
func (c *Classifier) policy(name string) (*policy, error) {
	name = cmp.Or(name, c.opts.Policy)
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.policies[name]; p != nil {
		return p, nil
	}
	p, err := c.openPolicy(name)
	if err != nil {
		return nil, err
	}
	c.policies[name] = p
	return p, nil
}

func (c *Classifier) openPolicy(name string) (*policy, error) {
	i := slices.IndexFunc(c.opts.Policies, func(p cascade.Policy) bool { return p.Name == name })
	var spec cascade.Policy
	if i >= 0 {
		spec = c.opts.Policies[i]
	} else if found, err := cascade.Find(name, c.opts.Getenv); err == nil {
		spec = found
	} else {
		return nil, err
	}
	p := &policy{breakers: make(map[string]*breaker.Breaker), raw: make(map[string]model.Model)}
	var err error
	p.cascade, err = cascade.New(spec, cascade.Options{Open: func(s cascade.Spec) (model.Model, error) {
		m, err := c.openModel(s)
		if err != nil {
			return nil, err
		}
		return p.guard(m, spec.Breaker), nil
	}})
	return p, err
}

// guard puts m behind the breaker of its name. A model that stands in several stages stands
// or falls in all of them.
func (p *policy) guard(m model.Model, o cascade.Breaker) model.Model {
	b := p.breakers[m.Name()]
	if b == nil {
		b = breaker.New(breaker.Options{Failures: o.Failures, Cooldown: o.Cooldown})
		p.breakers[m.Name()] = b
		p.raw[m.Name()] = m
		p.models = append(p.models, m.Name())
	}
	return b.Guard(m)
}

func (p *policy) ref() PolicyRef {
	spec := p.cascade.Policy()
	return PolicyRef{spec.Name, spec.Version, p.cascade.Dropped()}
}

// newLocal returns the model that needs no key. Every policy shares it: what it compiles for
// a taxonomy is kept.
func newLocal() model.Model { return local.New(local.Options{}) }

// openModel returns the model that a spec names, or fault.NoKey.
func (c *Classifier) openModel(s cascade.Spec) (model.Model, error) {
	for _, m := range c.opts.Models {
		if m.Name() == s.Model {
			return m, nil
		}
	}
	if s.Model == "local" {
		return c.local, nil
	}
	env := c.opts.Getenv
	switch s.Provider() {
	case "openai":
		key, err := c.key(s, "OPENAI_API_KEY")
		return openai.New(openai.Options{
			Settings: s.Settings, Model: s.ShortName(), Key: key, BaseURL: env("OPENAI_BASE_URL"), Client: c.opts.Client,
		}), err
	case "google":
		key, err := c.key(s, "GOOGLE_API_KEY", "GEMINI_API_KEY")
		return gemini.New(gemini.Options{
			Settings: s.Settings, Model: s.ShortName(), Key: key, BaseURL: env("GOOGLE_GEMINI_BASE_URL"), Client: c.opts.Client,
		}), err
	case "anthropic":
		key, err := c.key(s, "ANTHROPIC_API_KEY")
		return anthropic.New(anthropic.Options{
			Settings: s.Settings, Model: s.ShortName(), Key: key, BaseURL: env("ANTHROPIC_BASE_URL"), Client: c.opts.Client,
		}), err
	}
	return nil, fault.New(fault.Config, nil, "no provider %q; there are openai/…, google/…, anthropic/… and local", s.Provider())
}

// key returns the first of the settings that holds an API key.
func (c *Classifier) key(s cascade.Spec, usual ...string) (string, error) {
	names := s.Keys
	if len(names) == 0 {
		names = usual
	}
	for _, name := range names {
		if v := strings.TrimSpace(c.opts.Getenv(name)); v != "" {
			return v, nil
		}
	}
	return "", fault.New(fault.NoKey, nil, "set %s", strings.Join(names, " or "))
}

func sortedKeys(m map[string]*policy) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
