package httpapi

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// maxQuestions is how many questions one request may ask.
const maxQuestions = 400

// inquiry is what a request to a decision endpoint asks.
type inquiry struct {
	model     string
	material  docsift.Material
	questions []question
}

// question is one question and how its answer is to be written.
type question struct {
	docsift.Question

	kind   string
	name   *string // nil where it has none
	at     string
	values []json.RawMessage // the choices as they came in, where a format gives them back
}

// The kinds of questions.
const (
	choiceKind    = "choice"
	predicateKind = "predicate"
	scoreKind     = "score"
)

// yesOrNo makes q a question whose first choice is that it is true.
func (q *question) yesOrNo(whenTrue, whenFalse string) {
	q.kind, q.Judgement = predicateKind, true
	q.Instructions = "Is this true of it? " + q.Instructions
	q.Choices = []docsift.Choice{{Label: "true", Description: whenTrue}, {Label: "false", Description: whenFalse}}
}

// scale makes q a question about levels.
func (q *question) scale(levels []docsift.Choice) {
	q.kind, q.Judgement, q.Choices = scoreKind, true, levels
	q.Instructions += "\nThe answers are the levels of a scale, the lowest first."
}

// decisionFormat is a way to put questions and to write answers.
type decisionFormat struct {
	read  func(body value, maxPicture int64) (inquiry, error)
	write func(in inquiry, ds []docsift.Decision) any
}

// decisions answers POST /v1/decisions.
func (a *API) decisions(w http.ResponseWriter, r *http.Request, c Caller) {
	a.answerQuestions(w, r, c, decisionFormat{readDecisions, writeDecisions})
}

// systemOne answers POST /v1/systemone.
func (a *API) systemOne(w http.ResponseWriter, r *http.Request, c Caller) {
	a.answerQuestions(w, r, c, decisionFormat{readSystemOne, writeSystemOne})
}

func (a *API) answerQuestions(w http.ResponseWriter, r *http.Request, c Caller, f decisionFormat) {
	body, leave, err := a.receiveJSON(w, r)
	defer leave()
	var in inquiry
	if err == nil {
		in, err = f.read(body, a.maxDocument())
	}
	refuse := func(w http.ResponseWriter, err error) { a.refuse(w, nil, err) }
	if err != nil {
		refuse(w, err)
		return
	}
	in.material.Client = c.client()
	parts := func() []any { return []any{body.raw} }
	a.once(w, r, work{caller: c, parts: parts, refuse: refuse, do: func(w http.ResponseWriter, r *http.Request) {
		ds, err := a.decide(r, in)
		if err != nil {
			a.refuse(w, ds, err)
			return
		}
		a.traceFailures(w, ds)
		writeJSON(w, http.StatusOK, f.write(in, ds))
	}})
}

// decide puts the questions. When none is answered and a failure is to blame, that is the error.
func (a *API) decide(r *http.Request, in inquiry) ([]docsift.Decision, error) {
	policy := a.policyOf(in.model)
	questions := make([]docsift.Question, len(in.questions))
	for i, q := range in.questions {
		questions[i] = q.Question
	}
	ds, err := a.opts.Classifier.Decide(r.Context(), in.material, questions, policy)
	if err != nil {
		return nil, in.place(err)
	}
	for _, d := range ds {
		if d.Choice >= 0 {
			return ds, nil
		}
		if err == nil && !declined(d) {
			err = d.Err
		}
	}
	return ds, err
}

// place says which part of the request an error is about.
func (in inquiry) place(err error) error {
	if e, ok := errors.AsType[*docsift.QuestionError](err); ok {
		return value{at: in.questions[e.Index].at}.about(err)
	}
	if fault.KindOf(err) == fault.NotFound {
		return value{at: "model"}.about(err)
	}
	return err
}

// policyOf returns the policy that a model's name means: "docsift/guide" and "guide" the policy guide;
// "docsift" and the names of real models the default one, which is "".
func (a *API) policyOf(name string) string {
	if policy, ok := strings.CutPrefix(name, "docsift/"); ok {
		return policy
	}
	if name != "docsift" && slices.Contains(a.opts.Classifier.Policies(), name) {
		return name
	}
	return ""
}

// declined reports whether a question stayed unanswered though nothing failed: the models had
// nothing to say, or would not.
func declined(d docsift.Decision) bool {
	return d.Err == nil || fault.KindOf(d.Err) == fault.NoModel && !slices.ContainsFunc(d.Attempts, func(at cascade.Attempt) bool {
		return at.Error != nil && at.Error.Code != fault.Refused
	})
}

// traceFailures logs why questions beside answered ones stayed unanswered.
func (a *API) traceFailures(w http.ResponseWriter, ds []docsift.Decision) {
	for _, d := range ds {
		if d.Err != nil {
			a.trace(w, status(d.Err), d.Err)
		}
	}
}

// answerNote is what docsift adds to an answer: how it came about.
type answerNote struct {
	ID             string           `json:"id"`
	ProviderUsed   string           `json:"provider_used"` // "" when no model answered
	Model          string           `json:"model"`
	Confidence     *float64         `json:"confidence"`
	ConfidenceKind model.ScoreKind  `json:"confidence_kind"`
	Upgraded       bool             `json:"upgraded"`
	Degraded       bool             `json:"degraded"`
	Review         cascade.Review   `json:"review"`
	Cost           cascade.Cost     `json:"cost"`
	Attempts       int              `json:"attempts"`
	Reason         string           `json:"reason"` // why nobody answered, as the last model asked said
	Error          *cascade.Problem `json:"error"`
}

func noteOf(d docsift.Decision) answerNote {
	note := answerNote{
		ID: d.ID, ProviderUsed: d.ProviderUsed, Model: d.Model, Confidence: d.Confidence, ConfidenceKind: d.ConfidenceKind,
		Upgraded: d.Upgraded, Degraded: d.Degraded, Review: d.Review, Cost: d.Cost, Attempts: len(d.Attempts), Error: d.Error,
	}
	if n := len(d.Attempts); n > 0 && d.Choice < 0 {
		note.Reason = d.Attempts[n-1].Reason
	}
	return note
}

// callNote is what docsift adds to an answer as a whole.
type callNote struct {
	Policy     docsift.PolicyRef `json:"policy"`
	Cost       cascade.Cost      `json:"cost"`
	UsageKnown bool              `json:"usage_known"`
}

// sum adds up what all questions took.
func sum(ds []docsift.Decision) (decisionUsage, callNote) {
	note := callNote{Cost: cascade.Cost{Known: true}, UsageKnown: true}
	var u decisionUsage
	for _, d := range ds {
		note.Policy, note.Cost, note.UsageKnown = d.Policy, note.Cost.Plus(d.Cost), note.UsageKnown && d.Usage.Known
		u.Input += d.Usage.Input
		u.InputDetails.Cached += d.Usage.Cached
		u.InputDetails.CacheWrite += d.Usage.CacheWrite
		u.Output += d.Usage.Output
		u.OutputDetails.Reasoning += d.Usage.Reasoning
	}
	u.Total = u.Input + u.Output
	return u, note
}

// decisionUsage is the tokens of all attempts.
type decisionUsage struct {
	Input        int `json:"input_tokens"`
	InputDetails struct {
		Cached     int `json:"cached_tokens"`
		CacheWrite int `json:"cache_write_tokens"`
	} `json:"input_tokens_details"`
	Output        int `json:"output_tokens"`
	OutputDetails struct {
		Reasoning int `json:"reasoning_tokens"`
	} `json:"output_tokens_details"`
	Total int `json:"total_tokens"`
}

// rounded writes a probability with six digits: the sum of 255 is off by less than a thousandth.
func rounded(p float64) float64 { return math.Round(p*1e6) / 1e6 }

// level returns where on a scale, counted from 0, an answer stands on average.
func level(probabilities []float64) float64 {
	sum := 0.0
	for i, p := range probabilities {
		sum += float64(i) * p
	}
	return rounded(sum)
}
