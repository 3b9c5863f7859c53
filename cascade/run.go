package cascade

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/extract"
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
	doubted  []*answer
	best     *answer // of those doubted, the one that stands when none is accepted
	failed   bool    // no model answered at the latest stage that was asked

	patience time.Duration // with one call
	wait     time.Duration // the shortest that a model asked to be left alone; 0 when none did
}

// answer is a category that a model picked.
type answer struct {
	model.Response
	seat
	stage   int
	view    View
	attempt int     // its index among the attempts
	need    float64 // the confidence that it needs
	doubt   string  // why it was not accepted
	after   string  // for a backup asked about an unknown: the model that did not know
}

// answered reports whether there is an answer, accepted or doubted.
func (r *run) answered() bool { return r.final != nil || r.best != nil }

// descend asks stage after stage until an answer is accepted.
func (r *run) descend(ctx context.Context) {
	for i := range r.cascade.stages {
		if ctx.Err() != nil {
			r.failed = true
			return
		}
		st := &r.cascade.stages[i]
		view, req, err := r.request(ctx, st)
		if err != nil {
			r.passOver(st, err)
			continue
		}
		q := &question{stage: i, view: view, req: req}
		ans := r.ask(ctx, q)
		switch {
		case ans == nil && r.cascade.policy.OnFailure == Stop:
			return
		case ans != nil && r.weigh(ctx, ans, q):
			return
		}
	}
}

// request shows the document the way the stage sees it, or says why it cannot.
func (r *run) request(ctx context.Context, st *stage) (View, model.Request, error) {
	req := model.Request{Taxonomy: r.in.Taxonomy, Document: r.in.Document, Prompt: r.in.Prompt, Explain: r.in.Explain}
	req.Account = r.in.Account
	req.Account.Document, req.Account.Policy, req.Account.Stage = r.in.Document.SHA256, r.cascade.policy.Name, st.Name
	var err error
	for _, v := range st.Views {
		var seen extract.Excerpt
		if seen, req.Images, err = r.show.view(ctx, v, st.Chars); err == nil {
			req.Text, req.Pages = seen.Text, seen.Pages
			req.Document.OCR = r.show.pictured()
			return v, req, nil
		}
	}
	return "", req, err
}

// passOver writes down that a stage could not see the document. That the document has no such
// view is its nature; that it could not be made this time is a failure.
func (r *run) passOver(st *stage, err error) {
	at := Attempt{Stage: st.Name, Score: model.ScoreNone, Outcome: Skipped, Notes: []string{fault.Message(err)}, Cost: Cost{Known: true}}
	if kind := fault.KindOf(err); !kind.Unreadable() {
		at.Outcome, at.Error, at.Notes = Failed, &Problem{kind, fault.Message(err)}, nil
		r.failed = true
	}
	r.attempts = append(r.attempts, at)
}

// weigh decides whether an answer is the last word.
func (r *run) weigh(ctx context.Context, ans *answer, q *question) bool {
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
	case ans.role == Backup && ans.Label == taxonomy.Unknown && r.best != nil:
		r.mark(ans, UnknownLabel) // it stood in for a model that failed, and knows less than was known
		r.failed = true
		return true
	case ans.role == Backup:
		r.accept(ans)
		return true
	case ans.Label != taxonomy.Unknown && (accept == 0 || ans.Score != model.ScoreNone && ans.Confidence >= accept):
		if st.Agree && r.contradicts(ans) {
			r.doubt(ans)
			return false
		}
		r.accept(ans)
		return true
	}
	r.doubt(ans)
	return ans.Label == taxonomy.Unknown && st.UnknownToBackups && r.askBackups(ctx, ans, q)
}

// heard is the confidence from which a doubted answer counts against another one.
const heard = 0.5

// contradicts reports whether an earlier answer that has something for it says otherwise.
func (r *run) contradicts(ans *answer) bool {
	b := r.best
	return b != nil && b.Label != taxonomy.Unknown && b.Label != ans.Label && b.Confidence >= heard
}

// askBackups asks the backups of the stage whose answer is unknown, until one of them knows.
func (r *run) askBackups(ctx context.Context, unknown *answer, q *question) bool {
	for _, s := range byLoad(r.cascade.stages[unknown.stage].backups) {
		if ctx.Err() != nil {
			return false
		}
		ans := r.try(ctx, q, s)
		switch {
		case ans == nil:
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
	if len(r.cascade.lastResort) == 0 || ctx.Err() != nil {
		return
	}
	s := byLoad(r.cascade.lastResort)[0]
	if r.tries(s) >= maxTries {
		return
	}
	view, req, err := r.request(ctx, &r.cascade.stages[0])
	if err != nil {
		return
	}
	if ans := r.try(ctx, &question{view: view, req: req}, s); ans != nil && ans.Label != "" {
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
	case ans.Confidence >= ans.need:
		ans.doubt = fmt.Sprintf("contradicts %s, which says %s", r.best.spec.title(), r.best.Label)
	default:
		ans.doubt = fmt.Sprintf("low confidence (%.2f)", ans.Confidence)
	}
	r.explain(ans)
	r.doubted = append(r.doubted, ans)
	// A later stage knows better, unless it has nothing to say for it.
	if r.best == nil || ans.Label != taxonomy.Unknown || ans.Score != model.ScoreNone {
		r.best = ans
	}
}

func (r *run) mark(ans *answer, what AttemptOutcome) {
	r.attempts[ans.attempt].Outcome = what
	r.explain(ans)
}

// refused reports whether models declined to judge the document, and nothing else went wrong.
func (r *run) refused() bool {
	declined := false
	for _, a := range r.attempts {
		if a.Outcome != Failed {
			continue
		}
		if a.Error.Code != fault.Refused {
			return false
		}
		declined = true
	}
	return declined
}

// allFailed names each model's latest failure.
func (r *run) allFailed() error {
	latest := make(map[string]string)
	var order []string
	for _, a := range r.attempts {
		if a.Error == nil {
			continue
		}
		if a.Model == "" { // a view that could not be made
			a.Model = "stage " + a.Stage
		}
		if latest[a.Model] == "" {
			order = append(order, a.Model)
		}
		latest[a.Model] = string(a.Error.Code) + ": " + a.Error.Message
	}
	for i, m := range order {
		order[i] = m + " (" + latest[m] + ")"
	}
	err := fault.New(fault.NoModel, nil, "All LLM providers failed: %s", strings.Join(order, "; "))
	err.RetryAfter = r.wait
	return err
}

// enclosed holds an answer to the closed set and to the range of a probability, whatever the
// model's adapter let through.
func enclosed(resp model.Response, t *taxonomy.Taxonomy) model.Response {
	if !slices.Contains([]model.ScoreKind{model.ScoreStated, model.ScoreProbability, model.ScoreLogprob}, resp.Score) {
		resp.Confidence, resp.Score = 0, model.ScoreNone
	}
	for label, p := range resp.Scores {
		if !probability(p) || label != taxonomy.Unknown && !t.Has(label) {
			resp.Scores = nil
			break
		}
	}
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
