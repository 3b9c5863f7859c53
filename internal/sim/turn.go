package sim

import (
	"slices"
	"strconv"
	"strings"
)

// turn is what the model says, before it is written in a provider's form.
type turn struct {
	content string
	label   string
	finish  string // stop, or one of Effect.Finish
	empty   string // as Effect.Empty
	usage   usage  // as the reply says
	billed  usage
	noUsage bool
	// chances are the probabilities of the labels, the stated one first.
	chances []chance
	raw     Raw // stands for the first of them at a decisions endpoint; empty: none does
}

type usage struct {
	prompt, content, reasoning int // tokens
}

func (u usage) output() int { return u.content + u.reasoning }
func (u usage) total() int  { return u.prompt + u.output() }

type chance struct {
	label string
	p     float64
}

// compose decides what the model says to a query under an effect.
func (s *Server) compose(q *query, e Effect) turn {
	labels := q.labels(s.opts.Labels)
	a := s.answer(q.call(labels))
	if e.WrongLabel && len(labels) > 1 {
		a.Label = labels[(slices.Index(labels, a.Label)+1)%len(labels)]
	}
	if e.Label != "" {
		a.Label = e.Label
	}
	confidence := number(a.Confidence)
	if e.Confidence != "" {
		confidence = e.Confidence
		if p, err := strconv.ParseFloat(string(confidence), 64); err == nil && p >= 0 && p <= 1 {
			a.Confidence = p // of its tokens, too
		}
	}
	t := turn{
		content: q.render(a.Label, confidence),
		label:   a.Label,
		finish:  "stop",
		empty:   e.Empty,
		chances: spread(a, labels),
	}
	t.deform(e)
	t.usage = usage{prompt: q.promptTokens(), content: textTokens(t.content), reasoning: q.reasoning}
	if q.choices != nil {
		t.decide(a, e.Confidence, labels)
	}
	t.fit(q.maxTokens)
	t.billed = t.usage
	t.misreport(e.Usage)
	return t
}

// decide settles the probabilities of a decision, which writes nothing.
func (t *turn) decide(a Answer, scripted Raw, labels []string) {
	t.usage.content = 0
	a.Confidence = plausible(a.Confidence, len(labels))
	if p, ok := scripted.probability(); ok {
		a.Confidence = p
	} else {
		t.raw = scripted
	}
	t.chances = spread(a, labels)
}

// deform spoils the content as the effect says.
func (t *turn) deform(e Effect) {
	switch e.Garbage {
	case "fenced":
		t.content = "```json\n" + t.content + "\n```"
	case "prose":
		t.content = "This document looks like " + strings.ReplaceAll(t.label, "_", " ") + " to me."
	}
	if e.Finish != "" {
		t.finish = e.Finish
	}
	if e.Finish == "length" {
		t.content = t.content[:len(t.content)/2]
	}
}

// fit cuts the reply to the tokens asked for; reasoning spends them first.
func (t *turn) fit(maxTokens int) {
	if maxTokens == 0 || t.usage.output() <= maxTokens {
		return
	}
	t.finish = "length"
	t.usage.reasoning = min(t.usage.reasoning, maxTokens)
	t.usage.content = maxTokens - t.usage.reasoning
	t.content = strings.ToValidUTF8(t.content[:min(len(t.content), 4*t.usage.content)], "")
}

func (t *turn) misreport(how string) {
	switch how {
	case "missing":
		t.noUsage = true
	case "absurd":
		t.usage.prompt *= 1000
		t.usage.content *= 1000
	}
}

// spread gives the answered label its confidence and shares the rest among the others.
func spread(a Answer, labels []string) []chance {
	all := []chance{{a.Label, a.Confidence}}
	others := slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return l == a.Label })
	for _, l := range others {
		all = append(all, chance{l, (1 - a.Confidence) / float64(len(others))})
	}
	return all
}
