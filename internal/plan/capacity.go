package plan

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Pressure is how full one limit of one model is.
type Pressure struct {
	Model string  `json:"model"`
	Limit string  `json:"limit"`
	Most  int     `json:"most_per_day"` // requests or tokens
	Used  int     `json:"used_per_day"`
	Share float64 `json:"share"` // Used / Most

	// Docs is the number of documents a day at which it is full, if nothing else is changed.
	Docs int `json:"docs_per_day_when_full"`
}

// Capacity is how many documents a day some providers take.
type Capacity struct {
	Who string `json:"who"` // a provider, "all", or "without" one

	// Most is how many the limits let through if the day is even; nil when it is not known.
	Most *int `json:"most_docs_per_day"`

	// Planned is Most × the load that is planned with.
	Planned *int `json:"planned_docs_per_day"`

	// Headroom is Planned / the day's documents − 1.
	Headroom *float64 `json:"headroom"`

	// AtLeast says that models whose limits are not known would add to it.
	AtLeast bool `json:"at_least"`

	Binds string   `json:"binds,omitempty"` // the limit that is reached first
	Gaps  []string `json:"gaps"`            // stages that none of them serves

	// Unknown are the stages of whose models no limit is known: Most is nil for them.
	Unknown []string `json:"unknown_stages"`
}

// ceiling is one limit over a day, and what a request takes of it.
type ceiling struct {
	name string
	most float64
	of   func(ask) float64
}

// ceilings returns the limits of a model over the day. Of the limits by the minute,
//
//	documents a day = 60 × hours × min(rpm / requests, tpm / tokens, itpm / input, otpm / output), at most rpd
//
// with requests and tokens for each document. Cached tokens do not count towards itpm. Batches
// know queues alone; one that takes its whole day holds its place for as long, so a queue is
// filled once a day.
func (d day) ceilings(model string) []ceiling {
	l, minutes := d.o.Limits[model], 60*float64(d.o.Hours)
	one := func(ask) float64 { return 1 }
	input := func(a ask) float64 { return a.input }
	all := []ceiling{
		{"requests per minute", minutes * float64(l.RPM), one},
		{"requests per day", float64(l.RPD), one},
		{"tokens per minute", minutes * float64(l.TPM), func(a ask) float64 { return a.input + a.output }},
		{"input tokens per minute", minutes * float64(l.ITPM), func(a ask) float64 { return a.input - a.cached }},
		{"output tokens per minute", minutes * float64(l.OTPM), func(a ask) float64 { return a.output }},
	}
	if d.o.Batch {
		all = []ceiling{
			{"tokens queued in batches", float64(l.Queue), input},
			{"requests queued in batches", float64(l.QueueRequests), one},
		}
	}
	return slices.DeleteFunc(all, func(c ceiling) bool { return c.most == 0 })
}

// pressures returns how full each limit of each model gets, the fullest first.
func (d day) pressures() []Pressure {
	all := []Pressure{}
	for _, m := range d.models() {
		for _, c := range d.ceilings(m) {
			used := 0.0
			for _, f := range d.flows {
				for _, r := range d.rounds(f) {
					if r.model == m {
						used += r.sent * c.of(r.ask) * float64(d.o.Docs)
					}
				}
			}
			if used > 0 {
				all = append(all, Pressure{Model: m, Limit: c.name, Most: round(c.most), Used: round(used), Share: used / c.most, Docs: int(float64(d.o.Docs) * c.most / used)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Pressure) int { return cmp.Compare(b.Share, a.Share) })
	return all
}

// capacities fills in what each provider takes alone, all take together, and all but one.
func (d day) capacities(p *Plan) {
	asked := slices.ContainsFunc(d.flows, func(f flow) bool { return f.reach() > 0 && f.asked[0].model != local })
	var names []string
	for _, m := range d.models() {
		if asked && !slices.Contains(names, provider(m)) {
			names = append(names, provider(m))
		}
	}
	if len(names) == 0 {
		return
	}
	all := d.capacity("all", func(string) bool { return true })
	p.All = &all
	for _, n := range names {
		p.Alone = append(p.Alone, d.capacity(n, func(o string) bool { return o == n }))
		p.Lost = append(p.Lost, d.capacity("without "+n, func(o string) bool { return o != n }))
	}
}

// capacity returns the largest day that the providers in use can take, whichever way its
// documents are spread over the equal models of each stage, if no request fails. It solves
//
//	maximize D    with    share(stage) × D ≤ Σ requests(stage, model)     for each stage
//	              and     Σ requests(stage, model) × taken ≤ most         for each limit of a model
func (d day) capacity(who string, in func(provider string) bool) Capacity {
	c := Capacity{Who: who, Gaps: []string{}, Unknown: []string{}}
	var p problem
	for _, f := range d.flows {
		if f.reach() == 0 || f.asked[0].model == local {
			continue
		}
		served := slices.DeleteFunc(slices.Clone(f.asked), func(a ask) bool { return a.model == local || !in(provider(a.model)) })
		known := slices.DeleteFunc(slices.Clone(served), func(a ask) bool { return !a.counted || len(d.ceilings(a.model)) == 0 })
		switch {
		case len(served) == 0:
			c.Gaps = append(c.Gaps, f.stage.Name)
			continue
		case len(known) == 0:
			c.Unknown = append(c.Unknown, f.stage.Name)
			continue
		case len(known) < len(served):
			c.AtLeast = true
		}
		p.stages = append(p.stages, stageLoad{f.reach(), known})
	}
	if len(p.stages) == 0 || len(c.Unknown) > 0 {
		return c
	}
	most, binds := p.solve(d.ceilings)
	floor := int(math.Floor(most * (1 + 1e-9))) // the sums are not exact
	planned := int(float64(floor) * d.o.Load)
	headroom := float64(planned)/float64(d.o.Docs) - 1
	c.Most, c.Planned, c.Headroom, c.Binds = &floor, &planned, &headroom, binds
	return c
}

// problem is the linear program of capacity.
type problem struct{ stages []stageLoad }

type stageLoad struct {
	share  float64
	models []ask
}

// solve returns the largest number of documents, and the limit that most of it hangs on.
func (p problem) solve(limits func(model string) []ceiling) (float64, string) {
	var asks []ask
	var a [][]float64
	var b []float64
	width := 1
	for _, s := range p.stages {
		width += len(s.models)
	}
	for _, s := range p.stages {
		row := make([]float64, width)
		row[0] = s.share
		for _, m := range s.models {
			asks = append(asks, m)
			row[len(asks)] = -1
		}
		a, b = append(a, row), append(b, 0)
	}
	names := make([]string, len(a))
	var seen []string
	for _, m := range asks {
		if slices.Contains(seen, m.model) {
			continue
		}
		seen = append(seen, m.model)
		for _, c := range limits(m.model) {
			row := make([]float64, width)
			for i, other := range asks {
				if other.model == m.model {
					row[i+1] = c.of(other)
				}
			}
			a, b, names = append(a, row), append(b, c.most), append(names, fmt.Sprintf("%s of %s", c.name, m.model))
		}
	}
	most, weight := maximize(a, b)
	binds := 0
	for i := range weight {
		if weight[i] > weight[binds]+1e-9*most {
			binds = i
		}
	}
	return most, names[binds]
}
