// Package cascade passes a document through finer and finer sieves. Doubt moves a document
// down, to the next stage; failure moves it sideways, to the next equal model. The two never
// mix, so no chain can loop.
package cascade

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Options is what a Cascade needs beside its policy.
type Options struct {
	// Open returns the model that a spec names, once for each key that there is for it, metered
	// and wrapped as the caller likes. It returns fault.NoKey when no key is configured: the model
	// is then left out. Required.
	Open func(Spec) ([]Opened, error)
}

// Opened is a model under one key.
type Opened struct {
	Model model.Model
	Key   string // the name of the setting that holds it; "" when it needs none

	// Load is the share of the key's limits that is in use; above 1 it cannot be asked now. Of
	// several keys the one with the least is asked first. Default: always 0.
	Load func() float64
}

// Cascade runs documents through one policy. It is safe for concurrent use.
type Cascade struct {
	policy     Policy
	stages     []stage
	lastResort []seat // one for each key
	missing    []Missing
	dropped    []string
	retries    *retryBudget
}

// stage is a Stage with its models opened.
type stage struct {
	Stage
	models, backups []seat
}

// seat is a model in its place in a policy.
type seat struct {
	Opened
	spec Spec
	role Role
}

// Missing is a model that a policy names and that has no key.
type Missing struct {
	Stage  string `json:"stage"`
	Model  string `json:"model"`
	Reason string `json:"reason"`
}

// Input is one document to classify.
type Input struct {
	Taxonomy *taxonomy.Taxonomy
	Document model.Facts
	Content  *extract.Content // whose letters are read when the text is asked for and there is none
	Account  model.Account    // Client, Run and Again, under which requests are written down; optional

	Prompt     string   // replaces the instructions of chat models; optional
	Confidence *float64 // replaces the policy's; optional

	Explain model.Explain // optional
}

// New opens the models of a policy. Those without a key are left out, and stages without
// models are dropped; when nothing is left, the error is fault.NoKey and names a setting.
func New(p Policy, o Options) (*Cascade, error) {
	p.Stages = slices.Clone(p.Stages)
	p.setDefaults()
	if err := p.check(); err != nil {
		return nil, fault.New(fault.Config, nil, "policy %s: %v", p.Name, err)
	}
	c := &Cascade{policy: p, retries: newRetryBudget()}
	for _, s := range p.Stages {
		st := stage{Stage: s}
		var err error
		if st.models, err = c.open(s.Name, s.Models, Primary, o); err != nil {
			return nil, err
		}
		if st.backups, err = c.open(s.Name, s.Backups, Backup, o); err != nil {
			return nil, err
		}
		if len(st.models)+len(st.backups) == 0 {
			c.dropped = append(c.dropped, s.Name)
			continue
		}
		c.stages = append(c.stages, st)
	}
	if p.LastResort != nil {
		seats, err := c.open("last_resort", []Spec{*p.LastResort}, LastResort, o)
		if err != nil {
			return nil, err
		}
		c.lastResort = seats
	}
	if len(c.stages) == 0 {
		return nil, fault.New(fault.NoKey, nil, "policy %s: none of its models has a key: %s", p.Name, c.missing[0].Reason)
	}
	return c, nil
}

// open returns the seats of those specs that have a key. The first of a stage's models is
// its primary, the others its fallbacks.
func (c *Cascade) open(stageName string, specs []Spec, role Role, o Options) ([]seat, error) {
	var seats []seat
	for _, spec := range specs {
		opened, err := o.Open(spec)
		switch {
		case fault.KindOf(err) == fault.NoKey:
			c.missing = append(c.missing, Missing{stageName, spec.Model, fault.Message(err)})
			continue
		case err != nil:
			return nil, fmt.Errorf("policy %s: stage %s: model %s: %w", c.policy.Name, stageName, spec.Model, err)
		}
		for _, m := range opened {
			if m.Load == nil {
				m.Load = func() float64 { return 0 }
			}
			seats = append(seats, seat{m, spec, role})
		}
		if role == Primary {
			role = Fallback
		}
	}
	return seats, nil
}

// Policy returns the policy that the cascade runs.
func (c *Cascade) Policy() Policy { return c.policy }

// Missing returns the models that were left out for want of a key.
func (c *Cascade) Missing() []Missing { return slices.Clone(c.missing) }

// Dropped returns the names of the stages that have no model left.
func (c *Cascade) Dropped() []string { return slices.Clone(c.dropped) }

// Run classifies one document. It returns fault.NoModel when models were asked and none
// answered, with the attempts in the Outcome, and fault.Canceled when ctx was cancelled.
// A document that no stage could see, that every model abstained from, or that all of them
// declined to judge is no error: its label is taxonomy.Unknown and it needs review.
func (c *Cascade) Run(ctx context.Context, in Input) (Outcome, error) {
	r := &run{cascade: c, in: in, threshold: c.policy.Confidence, show: shower{content: in.Content}}
	if in.Confidence != nil {
		r.threshold = *in.Confidence
	}
	bounded, cancel := context.WithTimeout(ctx, c.policy.Deadline)
	defer cancel()
	end, _ := bounded.Deadline()
	r.patience = patience(time.Until(end))

	r.descend(bounded)
	if !r.answered() && r.failed {
		r.askLastResort(bounded)
	}
	switch err := ctx.Err(); {
	case r.final == nil && errors.Is(err, context.Canceled):
		return r.outcome(), fault.New(fault.Canceled, err, "canceled")
	case !r.answered() && r.failed && !r.refused():
		return r.outcome(), r.allFailed()
	}
	return r.outcome(), nil
}
