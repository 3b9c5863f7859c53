package docsift

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Question is what is asked about a Material, and the choices, of which one is right.
type Question struct {
	// Instructions are the question in the caller's words, which hosted models follow. "" asks
	// what kind of document it is.
	Instructions string

	// Choices are 2 to 255. One called "unknown" or "other" stands for none of the others.
	Choices []Choice

	// Judgement says that this is about more than the kind of a document: the local model is
	// not asked, and every choice is meant as it is called.
	Judgement bool
}

// Choice is one answer to a Question.
type Choice struct {
	Label       string // any text of up to 1000 bytes
	Description string // what it means, for hosted models; may be empty
}

// Decision is the answer to a Question.
type Decision struct {
	Result

	// Choice is the index of the choice made, and -1 when no model answered.
	Choice int

	// Probabilities are those of the choices, in their order. Together they make 1. It is nil
	// when no model answered.
	Probabilities []float64

	// Err is what Classify would return beside the Result.
	Err error
}

// atOnce is how many questions about one material are under way together.
const atOnce = 16

// Decide answers questions about a material, each by its own way through the policy, whose name may
// be "" for the default one. The answers are in the order of the questions. Where all models would
// say "unknown" and that is none of the choices, the likeliest one is made, and Review says so. An
// error is about the policy, the material or, as a QuestionError, a question, and then nothing was
// sent to any provider.
func (c *Classifier) Decide(ctx context.Context, m Material, questions []Question, policy string) ([]Decision, error) {
	pol, err := c.requested(policy)
	if err != nil {
		return nil, err
	}
	asked := make([]asked, len(questions))
	for i, q := range questions {
		if asked[i], err = c.ask(q); err != nil {
			return nil, &QuestionError{i, err}
		}
	}
	h, err := c.handle(ctx, m)
	if err != nil {
		return nil, err
	}
	out := make([]Decision, len(asked))
	h.decideAll(ctx, pol, asked, out)
	return out, nil
}

// decideAll answers every question into out. The last one is the caller's own, which spares most of
// them another goroutine.
func (h *handed) decideAll(ctx context.Context, pol *policy, asked []asked, out []Decision) {
	places := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range asked {
		if i == len(asked)-1 {
			out[i] = h.decide(ctx, pol, &asked[i])
			break
		}
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			out[i] = h.decide(ctx, pol, &asked[i])
		})
	}
	all.Wait()
}

// QuestionError is what is wrong with one of the questions that Decide was given.
type QuestionError struct {
	Index int // of the question
	Err   error
}

// Error returns which question it is and what is wrong with it.
func (e *QuestionError) Error() string { return fmt.Sprintf("question %d: %v", e.Index+1, e.Err) }

// Unwrap returns what is wrong.
func (e *QuestionError) Unwrap() error { return e.Err }

func (q Question) categories() []taxonomy.Category {
	choices := make([]taxonomy.Category, len(q.Choices))
	for i, c := range q.Choices {
		choices[i] = taxonomy.Category{Name: c.Label, Description: c.Description}
	}
	return choices
}

// asked is a question in the words of the cascade. It is immutable.
type asked struct {
	taxonomy *taxonomy.Taxonomy
	names    []string // by choice: its category, or taxonomy.Unknown
}

// ask returns a question in the words of the cascade, made now or earlier.
func (c *Classifier) ask(q Question) (asked, error) {
	key := q.key()
	if a, ok := c.asked.get(key); ok {
		return a, nil
	}
	a, err := c.translate(q)
	if err == nil {
		c.asked.put(key, a)
	}
	return a, err
}

// translate makes a taxonomy of a question. Kinds of documents bring what is known of them.
func (c *Classifier) translate(q Question) (asked, error) {
	if n := len(q.Choices); n < 2 || n > taxonomy.MaxCategories {
		return asked{}, fault.New(fault.Invalid, nil, "there are %d choices, and from 2 to %d are possible", n, taxonomy.MaxCategories)
	}
	choices, none := q.categories(), -1
	if !q.Judgement {
		none = q.none()
		c.acquaint(choices)
	}
	if none >= 0 {
		choices = slices.Delete(choices, none, none+1)
	}
	t, err := taxonomy.Ask(q.Instructions, choices, !q.Judgement)
	if err != nil {
		return asked{}, err
	}
	names := t.Names()
	if none >= 0 {
		names = slices.Insert(names, none, taxonomy.Unknown)
	}
	return asked{t, names}, nil
}

// none returns the index of the choice that stands for none of the others, or -1.
func (q Question) none() int {
	for _, word := range []string{taxonomy.Unknown, "other"} {
		if i := slices.IndexFunc(q.Choices, func(c Choice) bool { return strings.EqualFold(c.Label, word) }); i >= 0 {
			return i
		}
	}
	return -1
}

// acquaint gives choices what the added taxonomies know of categories called the same.
func (c *Classifier) acquaint(choices []taxonomy.Category) {
	for _, t := range c.opts.Taxonomies {
		for i, choice := range choices {
			k := slices.IndexFunc(t.Categories, func(known taxonomy.Category) bool { return known.Name == choice.Name })
			if k < 0 {
				continue
			}
			choices[i] = t.Categories[k]
			if choice.Description != "" {
				choices[i].Description = choice.Description
			}
		}
	}
}

// decide takes one question through a policy. What would bring a server down is an error here:
// nobody else would catch it.
func (h *handed) decide(ctx context.Context, pol *policy, q *asked) (d Decision) {
	start := time.Now()
	defer func() {
		if p := recover(); p != nil {
			d.Err = fault.New(fault.Internal, fmt.Errorf("panic: %v\n%s", p, debug.Stack()), "internal error")
		}
		d.finish(start, d.Err)
	}()
	d.Result, d.Choice = h.result, -1
	d.ID = newID()
	d.Taxonomy, d.Policy = TaxonomyRef{q.taxonomy.ID, q.taxonomy.Version}, pol.ref()
	content := h.content()
	timed(content, &d.Timings)
	d.Err = pol.run(ctx, cascade.Input{Taxonomy: q.taxonomy, Document: h.facts, Content: content, Account: model.Account{Client: h.client, Run: d.ID}}, &d.Result)
	d.Document.note(content)
	if d.Model != "" {
		d.Choice, d.Probabilities = q.weigh(&d.Outcome)
	}
	return d
}
