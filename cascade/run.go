package cascade

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// run is one document on its way.
type run struct {
	cascade   *Cascade
	in        Input
	threshold float64
	show      shower

	attempts []Attempt
	final    *answer // accepted
	first    *answer // the first one doubted
	best     *answer // the latest one doubted
	failed   bool    // no model answered at the latest stage that was asked
}

// answer is a category that a model picked.
type answer struct {
	model.Response
	seat
	stage   int
	attempt int     // its index among the attempts
	need    float64 // the confidence that it needs
	doubt   string  // why it was not accepted
	after   string  // for a backup asked about an unknown: the model that did not know
}

// descend asks stage after stage until an answer is accepted.
func (r *run) descend(ctx context.Context) {
	for i := range r.cascade.stages {
		st := &r.cascade.stages[i]
		view, req, why := r.request(ctx, st)
		if why != "" {
			r.attempts = append(r.attempts, Attempt{Stage: st.Name, Outcome: Skipped, Notes: []string{why}, Cost: Cost{Known: true}})
			continue
		}
		ans := r.ask(ctx, i, view, req)
		switch {
		case ctx.Err() != nil && ans == nil:
			r.failed = true
			return
		case ans == nil && r.cascade.policy.OnFailure == Stop:
			return
		case ans != nil && r.weigh(ctx, ans, view, req):
			return
		}
	}
}

// request shows the document the way the stage sees it, or says why it cannot.
func (r *run) request(ctx context.Context, st *stage) (View, model.Request, string) {
	req := model.Request{Taxonomy: r.in.Taxonomy, Document: r.in.Document, Prompt: r.in.Prompt}
	why := ""
	for _, v := range st.Views {
		var err error
		if req.Text, req.Images, err = r.show.view(ctx, v, st.Chars); err == nil {
			return v, req, ""
		}
		why = fault.Message(err)
	}
	return "", req, why
}

// ask puts the question to the stage's models, then to its backups, and returns the first
// answer. When all failed and a failure may pass, it waits and goes round again.
func (r *run) ask(ctx context.Context, stage int, view View, req model.Request) *answer {
	st := &r.cascade.stages[stage]
	seats := append(append([]seat(nil), st.models...), st.backups...)
	for round := 0; ; round++ {
		var again []seat
		wait := time.Duration(math.MaxInt64)
		for _, s := range seats {
			ans, err := r.try(ctx, stage, s, view, req)
			if err == nil {
				r.failed = false
				return ans
			}
			if ctx.Err() != nil {
				break
			}
			if fault.KindOf(err).MayPass() {
				again = append(again, s)
				wait = min(wait, max(fault.RetryAfter(err), jittered(backoff(round))))
			}
		}
		r.failed = true
		if len(again) == 0 || round >= r.cascade.policy.Retries || !sleep(ctx, wait) {
			return nil
		}
		seats = again
	}
}

// try makes one attempt and writes it down.
func (r *run) try(ctx context.Context, stage int, s seat, view View, req model.Request) (*answer, error) {
	start := time.Now()
	resp, err := s.model.Score(ctx, req)
	if err == nil {
		resp = enclosed(resp, r.in.Taxonomy)
	}
	at := Attempt{
		Model: s.spec.Model, ProviderUsed: s.providerUsed(), Role: s.role, View: view,
		Category: resp.Label, Confidence: confidence(resp), Score: resp.Score,
		LatencyMS: milliseconds(time.Since(start)), Usage: resp.Usage,
		Served: resp.Served, RequestID: resp.RequestID, Reason: resp.Reason, Notes: resp.Notes,
	}
	if at.Stage = "last_resort"; s.role != LastResort {
		at.Stage = r.cascade.stages[stage].Name
	}
	at.Cost = r.cascade.cost(s.spec, start, resp, err)
	if err != nil {
		at.Outcome, at.Error = Failed, &Problem{fault.KindOf(err), fault.Message(err)}
		r.attempts = append(r.attempts, at)
		return nil, err
	}
	at.Outcome = Unsure // until it is weighed
	r.attempts = append(r.attempts, at)
	return &answer{Response: resp, seat: s, stage: stage, attempt: len(r.attempts) - 1}, nil
}

// weigh decides whether an answer is the last word.
func (r *run) weigh(ctx context.Context, ans *answer, view View, req model.Request) bool {
	st := &r.cascade.stages[ans.stage]
	accept := r.threshold
	if st.Confidence != nil {
		accept = *st.Confidence
	}
	if ans.need = accept; accept == 0 {
		ans.need = r.threshold
	}
	switch {
	case ans.Label == "":
		r.mark(ans, Abstained)
		return false
	case ans.role == Backup:
		r.accept(ans)
		return true
	case ans.Label != taxonomy.Unknown && (accept == 0 || ans.Score != model.ScoreNone && ans.Confidence >= accept):
		r.accept(ans)
		return true
	}
	r.doubt(ans)
	return ans.Label == taxonomy.Unknown && st.UnknownToBackups && r.askBackups(ctx, ans, view, req)
}

// askBackups asks the backups of the stage whose answer is unknown, until one of them knows.
func (r *run) askBackups(ctx context.Context, unknown *answer, view View, req model.Request) bool {
	for _, s := range r.cascade.stages[unknown.stage].backups {
		ans, err := r.try(ctx, unknown.stage, s, view, req)
		switch {
		case err != nil:
		case ans.Label == "":
			r.mark(ans, Abstained)
		case ans.Label == taxonomy.Unknown:
			r.mark(ans, UnknownLabel)
		default:
			ans.need, ans.after = r.threshold, unknown.spec.title()
			r.accept(ans)
			return true
		}
	}
	return false
}

// askLastResort makes the one call that is left when everything else has failed.
func (r *run) askLastResort(ctx context.Context) {
	s := r.cascade.lastResort
	if s == nil {
		return
	}
	view, req, why := r.request(ctx, &r.cascade.stages[0])
	if why != "" {
		return
	}
	if ans, err := r.try(ctx, 0, *s, view, req); err == nil && ans.Label != "" {
		ans.need = r.threshold
		r.accept(ans)
	}
}

func (r *run) accept(ans *answer) {
	r.final = ans
	r.mark(ans, Accepted)
	if ans.Label == taxonomy.Unknown {
		r.mark(ans, UnknownLabel)
	}
}

func (r *run) doubt(ans *answer) {
	switch {
	case ans.Label == taxonomy.Unknown:
		ans.doubt = "unknown classification"
		r.mark(ans, UnknownLabel)
	case ans.Score == model.ScoreNone:
		ans.doubt = "no usable confidence"
	default:
		ans.doubt = fmt.Sprintf("low confidence (%.2f)", ans.Confidence)
	}
	if r.first == nil {
		r.first = ans
	}
	r.best = ans
}

func (r *run) mark(ans *answer, what AttemptOutcome) { r.attempts[ans.attempt].Outcome = what }

// allFailed names each model's latest failure.
func (r *run) allFailed() error {
	latest := make(map[string]string)
	var order []string
	for _, a := range r.attempts {
		if a.Error == nil {
			continue
		}
		if latest[a.Model] == "" {
			order = append(order, a.Model)
		}
		latest[a.Model] = string(a.Error.Code) + ": " + a.Error.Message
	}
	for i, m := range order {
		order[i] = m + " (" + latest[m] + ")"
	}
	return fault.New(fault.NoModel, nil, "All LLM providers failed: %s", strings.Join(order, "; "))
}

// enclosed holds an answer to the closed set and to the range of a probability, whatever the
// model's adapter let through.
func enclosed(resp model.Response, t *taxonomy.Taxonomy) model.Response {
	if resp.Label != "" && resp.Label != taxonomy.Unknown && !t.Has(resp.Label) {
		resp.Notes = append(resp.Notes, fmt.Sprintf("answered %.40q, which is not a category", resp.Label))
		resp.Label, resp.Score, resp.Scores = taxonomy.Unknown, model.ScoreNone, nil
	}
	if !probability(resp.Confidence) { // NaN is not either
		resp.Notes = append(resp.Notes, "its confidence was out of range")
		resp.Confidence, resp.Score = 0, model.ScoreNone
	}
	return resp
}

// jittered returns a random duration between half of d and d, so that waiting documents do
// not all come back at once.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// sleep waits for d and reports true, or false at once when ctx would end before.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
