package docsift

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/anthropic"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/openai"
)

// policy is an opened policy with the breakers of its models.
type policy struct {
	cascade *cascade.Cascade
	models  []*guarded // in the order of the policy, each once

	hosted []*breaker.Breaker // of the models that can be down, which the local one cannot
}

// guarded is a model under one key, and its breaker. Where it stands in several stages, it
// stands or falls in all of them.
type guarded struct {
	raw     model.Model
	key     string // the name of the setting that holds its key
	rules   breaker.Options
	breaker *breaker.Breaker
}

// Policy returns the policy used when a request names none, and its models that have no key.
func (c *Classifier) Policy() (cascade.Policy, []cascade.Missing) {
	p, _ := c.policy(c.opts.Policy) // New has opened it
	return p.cascade.Policy(), p.cascade.Missing()
}

// requested returns the policy that a request names; "" means the default one.
func (c *Classifier) requested(name string) (*policy, error) {
	switch {
	case name == "" || name == c.opts.Policy:
		return c.policy(c.opts.Policy)
	case c.opts.RequestPolicies == nil && c.opts.Policy == "local", c.opts.RequestPolicies != nil && !slices.Contains(c.opts.RequestPolicies, name):
		return nil, fault.New(fault.NotFound, nil, "the policy %q cannot be asked for here", name)
	}
	return c.policy(name)
}

// policy returns an opened policy by name.
func (c *Classifier) policy(name string) (*policy, error) {
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
	p := &policy{}
	var err error
	p.cascade, err = cascade.New(spec, cascade.Options{Open: func(s cascade.Spec) (model.Model, error) {
		m, key, err := c.openModel(s)
		if err != nil {
			return nil, err
		}
		return p.guard(m, key, spec.Breaker), nil
	}})
	return p, err
}

// guard puts m behind the breaker of its name and key. When the breakers of all hosted
// models would refuse, the least bad one lets a call through, unless the policy fixes the cooldown.
func (p *policy) guard(m model.Model, key string, o cascade.Breaker) model.Model {
	for _, g := range p.models {
		if g.raw.Name() == m.Name() && g.key == key {
			return g.breaker.Guard(m)
		}
	}
	g := &guarded{raw: m, key: key, rules: breaker.Options{
		Failures: o.Failures, Rate: o.Rate, Window: o.Window, Calls: o.Calls,
		Cooldown: o.Cooldown, MaxCooldown: o.MaxCooldown, Healthy: o.Healthy, Step: o.Step,
	}}
	if !g.rules.Fixed() {
		g.rules.Last = func() bool { return breaker.LeastBad(p.hosted) == g.breaker }
	}
	g.breaker = breaker.New(g.rules)
	p.models = append(p.models, g)
	if m.Name() != "local" {
		p.hosted = append(p.hosted, g.breaker)
	}
	return g.breaker.Guard(m)
}

func (p *policy) ref() PolicyRef {
	spec := p.cascade.Policy()
	return PolicyRef{spec.Name, spec.Version, p.cascade.Dropped()}
}

// run takes a document through the policy's cascade and writes the outcome into res.
func (p *policy) run(ctx context.Context, in cascade.Input, res *Result) (err error) {
	start := time.Now()
	res.Outcome, err = p.cascade.Run(ctx, in)
	res.Timings.Cascade = milliseconds(time.Since(start))
	return err
}

// provider is how a provider's models are opened, and the settings that lead to them.
type provider struct {
	open func(chat.Options) *chat.Model
	url  string   // of the setting that holds its base URL
	keys []string // of the settings that may hold its key
}

func providerOf(s cascade.Spec) (provider, error) {
	switch s.Provider() {
	case "openai":
		return provider{openai.New, "OPENAI_BASE_URL", []string{"OPENAI_API_KEY"}}, nil
	case "google":
		return provider{gemini.New, "GOOGLE_GEMINI_BASE_URL", []string{"GOOGLE_API_KEY", "GEMINI_API_KEY"}}, nil
	case "anthropic":
		return provider{anthropic.New, "ANTHROPIC_BASE_URL", []string{"ANTHROPIC_API_KEY"}}, nil
	}
	return provider{}, fault.New(fault.Config, nil, "no provider %q; there are openai/…, google/…, anthropic/… and local", s.Provider())
}

// openModel returns the model that a spec names, and the name of the setting that holds its
// key, or fault.NoKey.
func (c *Classifier) openModel(s cascade.Spec) (m model.Model, keyName string, err error) {
	for _, m := range c.opts.Models {
		if m.Name() == s.Model {
			return m, "", nil
		}
	}
	if s.Model == "local" {
		return c.local, "", nil
	}
	p, err := providerOf(s)
	if err != nil {
		return nil, "", err
	}
	if len(s.Keys) > 0 {
		p.keys = s.Keys
	}
	base, err := c.baseURL(p.url)
	if err != nil {
		return nil, "", err
	}
	key, keyName, err := c.key(p.keys)
	if err != nil {
		return nil, "", err
	}
	return p.open(chat.Options{
		Settings: s.Settings, Model: s.ShortName(), Key: key, BaseURL: base, Client: c.opts.Client,
	}), keyName, nil
}

// baseURL returns the address in the named setting; "" means the provider's own.
func (c *Classifier) baseURL(name string) (string, error) {
	base := c.opts.Getenv(name)
	if u, err := url.Parse(base); base != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return "", fault.New(fault.Config, nil, "%s is not a web address: it begins with http:// or https://", name)
	}
	return base, nil
}

// key returns the API key in the first of the settings that is set, and that setting's name.
func (c *Classifier) key(names []string) (key, name string, err error) {
	for _, name := range names {
		key := strings.TrimSpace(c.opts.Getenv(name))
		switch {
		case key == "":
		case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
			return "", "", fault.New(fault.Config, nil, "%s is not a key: there is a space or a line break in it", name)
		default:
			return key, name, nil
		}
	}
	return "", "", fault.New(fault.NoKey, nil, "set %s", strings.Join(names, " or "))
}
