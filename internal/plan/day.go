package plan

import (
	"slices"
	"strings"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/internal/price"
)

// day is a policy's day, in shares of its documents.
type day struct {
	o     Options
	flows []flow
	left  float64 // share of the documents that no stage answers
}

// flow is what reaches one stage.
type flow struct {
	stage          cascade.Stage
	text, textless float64 // shares of all documents
	asked          []ask
}

// reach is the share of all documents that come to the stage.
func (f flow) reach() float64 { return f.text + f.textless }

// ask is the mean request to one model of a stage: its tokens as the model counts them.
type ask struct {
	model   string
	input   float64
	cached  float64 // part of input
	output  float64
	nano    float64 // nano-dollars
	priced  bool
	counted bool // false: how the model counts pictures is not known
}

// newDay lets a document's share run through the stages: of what reaches one, its answers stay
// and the rest goes on. A stage that sees text alone is passed over by documents without any.
func newDay(p cascade.Policy, o Options) day {
	d := day{o: o}
	text, textless := 1-o.NoText, o.NoText
	for _, s := range p.Stages {
		answers, ok := o.Answers[s.Name]
		if !ok {
			answers = DefaultAnswers(s)
		}
		f := flow{stage: s, text: text}
		if _, sees := imageView(s); sees {
			f.textless = textless
			textless *= 1 - answers
		}
		text *= 1 - answers
		for _, spec := range slices.Concat(s.Models, s.Backups) {
			f.asked = append(f.asked, d.mean(f, spec))
		}
		d.flows = append(d.flows, f)
	}
	d.left = text + textless
	return d
}

// imageView returns the first view of s that shows a page.
func imageView(s cascade.Stage) (cascade.View, bool) {
	i := slices.IndexFunc(s.Views, func(v cascade.View) bool { return v.Side() > 0 })
	if i < 0 {
		return "", false
	}
	return s.Views[i], true
}

// mean returns the mean request to a model of f's stage, over documents with and without text.
func (d day) mean(f flow, spec cascade.Spec) ask {
	a := d.o.request(spec, f.stage.Views[0], min(f.stage.Chars, d.o.Text))
	if f.textless == 0 {
		return a
	}
	view, _ := imageView(f.stage)
	b := d.o.request(spec, view, 0)
	w := f.text / f.reach()
	mix := func(x, y float64) float64 { return w*x + (1-w)*y }
	return ask{
		model: a.model, input: mix(a.input, b.input), cached: mix(a.cached, b.cached), output: mix(a.output, b.output),
		nano: mix(a.nano, b.nano), priced: a.priced && b.priced, counted: a.counted && b.counted,
	}
}

// request returns one request for a page seen as v, with some characters of its text beside it.
//
//	input tokens  = text factor × (prompt + chars / 4) + image tokens
//	output tokens = text factor × output
//
// The text factor and the image tokens are the model's in the price book.
func (o Options) request(spec cascade.Spec, v cascade.View, chars int) ask {
	if spec.Model == local {
		return ask{model: local, priced: true, counted: true}
	}
	t, counted := o.tokens(spec.Model, v.Side(), chars, spec)
	each, priced := o.Book.Cost(spec.Model, o.At, t)
	if o.Batch {
		each, priced = o.Book.Batch(spec.Model, o.At, t)
	}
	if spec.Free {
		each = 0
	}
	return ask{
		model: spec.Model, input: float64(t.Input), cached: float64(t.Cached), output: float64(t.Output),
		nano: float64(each), priced: spec.Free || priced && counted, counted: counted,
	}
}

func (o Options) tokens(model string, side, chars int, spec cascade.Spec) (price.Tokens, bool) {
	t := price.Tokens{
		Input:  o.Book.TextTokens(model, o.Prompt+textTokens(chars)),
		Output: o.Book.TextTokens(model, o.Output),
	}
	prompt := o.Book.TextTokens(model, o.Prompt)
	if least := o.Book.CacheMin(model); o.CacheHits > 0 && least > 0 && prompt >= least {
		t.Cached = round(o.CacheHits * float64(prompt))
		t.CacheWrite = prompt - t.Cached // what was not found is kept for the next, at a price
	}
	if side == 0 {
		return t, true
	}
	if spec.Side > 0 {
		side = spec.Side
	}
	image, ok := o.Book.ImageTokens(model, o.At, o.page(side, spec.Detail))
	t.Input += image
	return t, ok
}

// page returns the page with its longer side in pixels.
func (o Options) page(side int, detail string) price.Picture {
	long := max(o.Page.Width, o.Page.Height)
	scale := func(n int) int { return max(1, round(float64(n)*float64(side)/float64(long))) }
	return price.Picture{Width: scale(o.Page.Width), Height: scale(o.Page.Height), Detail: detail}
}

// uses returns what each model does that is asked when only Fallback fails.
func (d day) uses() []Use {
	var all []Use
	for _, f := range d.flows {
		for _, r := range d.rounds(f) {
			n := float64(d.o.Docs)
			all = append(all, Use{
				Stage: f.stage.Name, Model: r.model, Documents: round(n * f.reach()), Requests: round(n * r.sent),
				Input: round(n * r.billed * r.input), Cached: round(n * r.billed * r.cached), Output: round(n * r.billed * r.output),
				Cost: cost(n*r.billed*r.nano, r.priced),
			})
		}
	}
	return all
}

// asked is one model's part of a stage, in requests for each document of the day.
type asked struct {
	ask
	sent, billed float64
}

func (d day) rounds(f flow) []asked {
	first := asked{f.asked[0], f.reach(), f.reach()}
	if len(f.asked) == 1 || d.o.Fallback == 0 || first.model == local {
		return []asked{first}
	}
	failed := d.o.Fallback * f.reach()
	first.billed -= failed
	return []asked{first, {f.asked[1], failed, failed}}
}

// models returns the hosted models of the policy, each once.
func (d day) models() []string {
	var names []string
	for _, f := range d.flows {
		for _, a := range f.asked {
			if a.model != local && !slices.Contains(names, a.model) {
				names = append(names, a.model)
			}
		}
	}
	return names
}

func provider(model string) string {
	name, _, _ := strings.Cut(model, "/")
	return name
}
