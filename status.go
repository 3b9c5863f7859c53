package docsift

import (
	"maps"
	"slices"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/limit"
)

// ModelStatus is what an operator sees of one model of a policy.
type ModelStatus struct {
	Policy    string     `json:"policy"`
	Model     string     `json:"model"`
	Provider  string     `json:"provider"`
	Key       string     `json:"key"`        // the name of the setting that holds its key; "" when it needs none
	Server    string     `json:"server"`     // the host of its base_url; "" when the policy gives none
	Breaker   string     `json:"breaker"`    // closed, open, half_open or ramping
	Failures  int        `json:"failures"`   // in a row
	LastError string     `json:"last_error"` // "" when it never failed
	LastAt    *time.Time `json:"last_failure_at"`
	Until     *time.Time `json:"open_until"` // when an open breaker lets a call through

	Rate      float64    `json:"failure_rate"`  // the share of failed calls lately
	Share     float64    `json:"share"`         // of calls that pass: 1 when closed, between while ramping
	Parked    bool       `json:"parked"`        // open for a reason that time alone does not mend, such as a spent quota
	Limited   *time.Time `json:"limited_until"` // until when the provider asked not to be called
	Forced    *Forced    `json:"forced"`        // set by hand; null when it is not
	Elsewhere bool       `json:"elsewhere"`     // open because of failures in another process
	Priced    bool       `json:"priced"`        // its price is known
	EndsOn    string     `json:"ends_on"`       // the day it is switched off, as YYYY-MM-DD; "" when none is known
	Rules     string     `json:"rules"`         // when its breaker opens and how it comes back, for people

	Load        float64       `json:"load"`        // how much of its fullest limit is used, in [0,1]; 1: a call would wait
	Limits      []LimitStatus `json:"limits"`      // those known, of its key in all policies; [] when none is
	Waiting     int           `json:"waiting"`     // calls that wait for their turn
	InFlight    int           `json:"in_flight"`   // calls under way
	Concurrency int           `json:"concurrency"` // how many may be under way now; 0: any number
	Held        *time.Time    `json:"held_until"`  // until when no call leaves with its key
}

// LimitStatus is one limit on what a key may take of a model.
type LimitStatus struct {
	Name   string  `json:"name"`   // such as "requests per minute"
	Most   int     `json:"most"`   // that holds now
	Full   int     `json:"full"`   // what it grows back to; 0 when that is not known
	Used   float64 `json:"used"`   // share, in [0,1]
	Source string  `json:"source"` // policy, provider, or refusals: lowered for a while after the provider refused calls
}

// Forced is a breaker's state that somebody set by hand.
type Forced struct {
	State string     `json:"state"` // open or closed
	Until *time.Time `json:"until"` // when it ends; null: when it is released
	By    string     `json:"by"`
	Why   string     `json:"why"`
}

// Models returns the state of every model of the policies in use.
func (c *Classifier) Models() []ModelStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []ModelStatus{}
	for _, name := range slices.Sorted(maps.Keys(c.policies)) {
		for _, g := range c.policies[name].models {
			s := g.status(name)
			s.Priced, s.EndsOn = c.opts.Prices.Knows(s.Model, time.Now()), c.opts.Prices.Shutdown(s.Model)
			all = append(all, s)
		}
	}
	return all
}

func (g *guarded) status(policy string) ModelStatus {
	s, m := g.breaker.Status(), g.Name()
	out := ModelStatus{
		Policy: policy, Model: m, Provider: cascade.Spec{Model: m}.Provider(), Key: g.key, Server: host(g.base), Breaker: string(s.State),
		Failures: s.Failures, LastError: s.LastError, LastAt: orNil(s.LastAt), Until: orNil(s.Until),
		Rate: s.Rate, Share: s.Share, Parked: s.Parked, Limited: orNil(s.Limited), Rules: g.rules.Rules(),
		Elsewhere: s.Elsewhere,
	}
	if f := s.Forced; f != nil {
		out.Forced = &Forced{string(f.State), orNil(f.Until), f.By, f.Why}
	}
	out.Limits = []LimitStatus{}
	if g.limiter != nil {
		out.limited(g.limiter.Status())
	}
	return out
}

func (m *ModelStatus) limited(s limit.Status) {
	m.Load, m.Waiting, m.InFlight, m.Concurrency, m.Held = s.Load, s.Waiting, s.InFlight, s.Concurrency, orNil(s.Held)
	for _, l := range s.Limits {
		m.Limits = append(m.Limits, LimitStatus{l.Name, l.Most, l.Full, l.Used, string(l.From)})
	}
}

// Force holds the breakers of a model open or closed until f ends or is released, whatever its
// calls say, in every policy in use. "" means all models but "local", which costs nothing. It fails with fault.NotFound when no
// policy in use has the model, and with fault.Invalid when the state is neither.
func (c *Classifier) Force(model string, f Forced) error {
	forced := breaker.Forced{State: breaker.State(f.State), By: f.By, Why: f.Why}
	if f.Until != nil {
		forced.Until = *f.Until
	}
	return c.eachBreaker(model, func(name string, b *breaker.Breaker) error {
		if model == "" && name == "local" {
			return nil
		}
		return b.Force(forced)
	})
}

// Release ends what Force began.
func (c *Classifier) Release(model string) error {
	return c.eachBreaker(model, func(_ string, b *breaker.Breaker) error { b.Release(); return nil })
}

func (c *Classifier) eachBreaker(model string, do func(string, *breaker.Breaker) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := false
	for _, p := range c.policies {
		for _, g := range p.models {
			if model != "" && g.Name() != model {
				continue
			}
			found = true
			if err := do(g.Name(), g.breaker); err != nil {
				return err
			}
		}
	}
	if !found {
		return fault.New(fault.NotFound, nil, "no policy in use has the model %q", model)
	}
	return nil
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
