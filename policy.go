package docsift

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/limit"
	"github.com/docsift/docsift/model/meter"
)

// policy is an opened policy with the breakers and limiters of its models.
type policy struct {
	cascade *cascade.Cascade
	models  []*guarded // in the order of the policy, each once

	prices *price.Book

	hosted []*breaker.Breaker // of the models that can be down, which the local one cannot

	sum   string // a digest of what decides its answers
	local bool   // the local model is among those that are asked
}

// guarded is a model under one key on one server, and its breaker. Where it stands in several
// stages, it stands or falls in all of them.
type guarded struct {
	keyed
	rules   breaker.Options
	breaker *breaker.Breaker
}

// Policy returns the policy used when a request names none, and its models that have no key.
func (c *Classifier) Policy() (cascade.Policy, []cascade.Missing) {
	p, _ := c.policy(c.opts.Policy) // New has opened it
	return p.cascade.Policy(), p.cascade.Missing()
}

// Policies returns the names of the policies that a request may name, the default one first.
func (c *Classifier) Policies() []string {
	all := append([]string{c.opts.Policy}, cascade.Builtin()...)
	for _, p := range c.opts.Policies {
		all = append(all, p.Name)
	}
	var names []string
	for _, name := range all {
		if !slices.Contains(names, name) && c.allowed(name) {
			names = append(names, name)
		}
	}
	return names
}

// requested returns the policy that a request names; "" means the default one.
func (c *Classifier) requested(name string) (*policy, error) {
	name = cmp.Or(name, c.opts.Policy)
	if !c.allowed(name) {
		return nil, fault.New(fault.NotFound, nil, "the policy %q cannot be asked for here", name)
	}
	return c.policy(name)
}

// allowed reports whether a request may name a policy, if there is such a one.
func (c *Classifier) allowed(name string) bool {
	switch {
	case name == c.opts.Policy:
		return true
	case c.opts.RequestPolicies == nil:
		return c.opts.Policy != "local"
	}
	return slices.Contains(c.opts.RequestPolicies, name)
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

// PolicyNamed returns a policy that a request may name as it is written, whether its models have keys or
// not. "" means the default one.
func (c *Classifier) PolicyNamed(name string) (cascade.Policy, error) {
	name = cmp.Or(name, c.opts.Policy)
	if !c.allowed(name) {
		return cascade.Policy{}, fault.New(fault.NotFound, nil, "the policy %q cannot be asked for here", name)
	}
	return c.written(name)
}

func (c *Classifier) written(name string) (cascade.Policy, error) {
	if i := slices.IndexFunc(c.opts.Policies, func(p cascade.Policy) bool { return p.Name == name }); i >= 0 {
		return c.opts.Policies[i], nil
	}
	return cascade.Find(name, c.opts.Getenv)
}

func (c *Classifier) openPolicy(name string) (*policy, error) {
	spec, err := c.written(name)
	if err != nil {
		return nil, err
	}
	p := &policy{prices: c.opts.Prices}
	p.cascade, err = cascade.New(spec, cascade.Options{Open: func(s cascade.Spec) ([]cascade.Opened, error) {
		keyed, err := c.openModel(s)
		if err != nil {
			return nil, err
		}
		opened := make([]cascade.Opened, len(keyed))
		for i, k := range keyed {
			opened[i] = p.guard(k, spec, c.opts)
			opened[i].Model = remembered(opened[i].Model, c.opts.Memory)
		}
		return opened, nil
	}})
	if err != nil {
		return nil, err
	}
	return p, p.identify()
}

// keyed is a model under one key on one server.
type keyed struct {
	model.Model // metered
	raw         model.Model
	key         string // the name of the setting that holds it
	base        string // URL that the policy gives; "" when that of the settings holds
	print       string // of the key and the address, for others who have the same

	count func(model.Model) model.Model // returns what stands for raw metered in the same way

	limited model.Model
	limiter *limit.Limiter // of the name, the key and the server, in all policies; nil where there are no limits
}

// limit puts m behind the limiter of its name, key and server. A provider counts by key, whatever policy
// asks, so all policies share it. The caller holds c.mu.
func (c *Classifier) limit(m keyed, s cascade.Spec) keyed {
	id := [3]string{m.Name(), m.key, m.base}
	l := c.limiters[id]
	if l == nil {
		l = limit.New(limit.Options{})
		c.limiters[id] = l
	}
	set := s.Limits
	l.Tighten(limit.Options{Concurrency: int(set.Concurrency), Limits: limit.Limits{
		RPM: int(set.RPM), TPM: int(set.TPM), ITPM: int(set.ITPM), OTPM: int(set.OTPM), RPD: int(set.RPD), TPD: int(set.TPD),
	}})
	m.limiter = l
	m.limited = l.Guard(m.Model, limit.Terms{Wait: set.Wait, Estimate: func(req model.Request) price.Tokens {
		return chat.Reserve(s.Model, s.Settings, req)
	}})
	return m
}

// guard puts m behind the breaker of its name, key and server. When the breakers of all hosted
// models would refuse, the least bad one lets a call through, unless the policy fixes the cooldown.
func (p *policy) guard(m keyed, spec cascade.Policy, opts Options) cascade.Opened {
	for _, g := range p.models {
		if g.Name() == m.Name() && g.key == m.key && g.base == m.base {
			return g.opened(m)
		}
	}
	o := spec.Breaker
	g := &guarded{keyed: m, rules: breaker.Options{
		Failures: o.Failures, Rate: o.Rate, Garbled: o.Garbled, Window: o.Window, Calls: o.Calls,
		Cooldown: o.Cooldown, MaxCooldown: o.MaxCooldown, Healthy: o.Healthy, Step: o.Step,
		Slow:    min(10*time.Second, spec.Patience()), // so that a call cut off in time counts
		Changed: func(c breaker.Change) { alert(opts.Log, m, c) },
	}}
	if !g.rules.Fixed() {
		g.rules.Last = func() bool { return breaker.LeastBad(p.hosted) == g.breaker }
	}
	g.share(spec.Name, opts.Sharing)
	p.models = append(p.models, g)
	if m.Name() != "local" {
		p.hosted = append(p.hosted, g.breaker)
	}
	return g.opened(m)
}

// opened returns m behind g's breaker.
func (g *guarded) opened(m keyed) cascade.Opened {
	return cascade.Opened{Model: g.breaker.Guard(m.limited), Key: m.key, Load: func() float64 {
		switch {
		case !g.breaker.Takes():
			return 2
		case m.limiter != nil:
			return m.limiter.Load()
		}
		return 0
	}}
}

// alert tells the operator that a model is left alone, or comes back. What time alone does not
// mend is an error: somebody has to act.
func alert(log *slog.Logger, m keyed, c breaker.Change) {
	attrs := []any{"model", m.Name(), "key", m.key}
	if m.base != "" {
		attrs = append(attrs, "server", host(m.base))
	}
	switch kind := fault.KindOf(c.Why); {
	case c.To == breaker.Closed:
		log.Info("model is back", attrs...)
	case c.Elsewhere:
		log.Info("model is left alone for a while: it failed elsewhere", append(attrs, "error", c.Why)...)
	case kind == fault.Quota || kind == fault.Auth || kind == fault.ModelGone:
		log.Error("model is left alone: somebody has to act", append(attrs, "alert", kind, "error", c.Why)...)
	default:
		log.Warn("model is left alone for a while", append(attrs, "alert", kind, "error", c.Why)...)
	}
}

func (p *policy) ref() PolicyRef {
	spec := p.cascade.Policy()
	return PolicyRef{spec.Name, spec.Version, p.cascade.Dropped()}
}

// run takes a document through the policy's cascade and writes the outcome into res.
func (p *policy) run(ctx context.Context, in cascade.Input, res *Result) (err error) {
	start := time.Now()
	res.GuideCost = guideCost(p.prices, start)
	res.Outcome, err = p.cascade.Run(ctx, in)
	res.Timings.Cascade = milliseconds(time.Since(start))
	return err
}

// openModel returns the model that a spec names, once for each of its keys, or fault.NoKey.
func (c *Classifier) openModel(s cascade.Spec) ([]keyed, error) {
	for _, m := range c.opts.Models {
		if m.Name() == s.Model {
			return []keyed{c.metered(m, "", s)}, nil
		}
	}
	if s.Model == "local" {
		count := func(m model.Model) model.Model { return meter.New(m, meter.Options{Free: true, Watch: c.opts.Watch}) }
		free := count(c.local)
		return []keyed{{Model: free, raw: c.local, count: count, limited: free}}, nil
	}
	p, err := providerOf(s)
	if err != nil {
		return nil, err
	}
	base, err := c.baseURL(p, s)
	if err != nil {
		return nil, err
	}
	keys, names, err := c.keysOf(p, s)
	if err != nil {
		return nil, err
	}
	all := make([]keyed, len(keys))
	for i, key := range keys {
		o := chat.Options{Settings: s.Settings, Name: s.Model, Model: s.ServerName(), Key: key, KeyHeader: p.header, BaseURL: base, Client: c.opts.Client}
		open := p.apis[s.API]
		at := open(o) // which knows its address
		o.Found = c.opts.Features(at.BaseURL(), at.Name())
		all[i] = c.metered(open(o), names[i], s)
		all[i].print = fingerprint(base, key)
	}
	return all, nil
}

// metered returns m with its requests written down and priced, and its limits kept.
func (c *Classifier) metered(m model.Model, key string, s cascade.Spec) keyed {
	o := meter.Options{
		Key: key, Free: s.Free, Prices: c.opts.Prices, Ledger: c.opts.Ledger, Watch: c.opts.Watch, Log: c.opts.Log,
		Estimate: func(req model.Request) (price.Tokens, bool) { return chat.Estimate(s.Model, s.Settings, req) },
	}
	count := func(m model.Model) model.Model { return meter.New(m, o) }
	return c.limit(keyed{Model: count(m), raw: m, key: key, base: s.BaseURL, count: count}, s)
}
