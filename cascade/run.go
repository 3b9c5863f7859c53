package cascade

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/document"
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
	first    *answer // the first one doubted
	best     *answer // of those doubted, the one that stands when none is accepted
	failed   bool    // no model answered at the latest stage that was asked

	wait time.Duration // the shortest that a model asked to be left alone; 0 when none did
}

// maxTries is how often one model is asked about one document at most.
const maxTries = 3

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
		ans := r.ask(ctx, i, view, req)
		switch {
		case ans == nil && r.cascade.policy.OnFailure == Stop:
			return
		case ans != nil && r.weigh(ctx, ans, view, req):
			return
		}
	}
}

// request shows the document the way the stage sees it, or says why it cannot.
func (r *run) request(ctx context.Context, st *stage) (View, model.Request, error) {
	req := model.Request{Taxonomy: r.in.Taxonomy, Document: r.in.Document, Prompt: r.in.Prompt}
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

// ask puts the question to the stage's models, then to its backups, and returns the first
// answer. When all failed and a failure may pass, it waits and goes round again.
func (r *run) ask(ctx context.Context, stage int, view View, req model.Request) *answer {
	st := &r.cascade.stages[stage]
	queue := make([]turn, 0, len(st.models)+len(st.backups))
	for _, s := range slices.Concat(st.models, st.backups) {
		queue = append(queue, turn{seat: s})
	}
	for round := 0; ; round++ {
		var again []turn
		for _, t := range queue {
			if ctx.Err() != nil { // nothing would leave any more
				break
			}
			if time.Now().Before(t.ready) {
				again = append(again, t)
				continue
			}
			ans, err := r.try(ctx, stage, t.seat, view, req)
			if err == nil {
				r.failed = false
				return ans
			}
			if mayPass(err) && r.tries(t.seat) < maxTries {
				t.ready = time.Now().Add(max(fault.RetryAfter(err), jittered(backoff(round))))
				again = append(again, t)
			}
		}
		r.failed = true
		if len(again) == 0 || round >= r.cascade.policy.Retries || !sleep(ctx, soonest(again)) {
			return nil
		}
		queue = again
	}
}

// mayPass reports whether the same call to the same model may succeed soon. A breaker's refusal
// may only where it comes of a rate limit: the provider has said when.
func mayPass(err error) bool {
	kind := fault.KindOf(err)
	return kind.MayPass() || kind == fault.CircuitOpen && fault.KindOf(errors.Unwrap(err)) == fault.RateLimited
}

// turn is a seat and when it may be asked.
type turn struct {
	seat
	ready time.Time
}

// soonest returns how long it is until one of the turns is due.
func soonest(turns []turn) time.Duration {
	first := slices.MinFunc(turns, func(a, b turn) int { return a.ready.Compare(b.ready) })
	return time.Until(first.ready)
}

// tries returns how often the seat's model was asked about this document. A call that the
// breaker refused does not count.
func (r *run) tries(s seat) int {
	n := 0
	for _, a := range r.attempts {
		if a.Model == s.spec.Model && (a.Error == nil || a.Error.Code != fault.CircuitOpen) {
			n++
		}
	}
	return n
}

// try makes one attempt and writes it down.
func (r *run) try(ctx context.Context, stage int, s seat, view View, req model.Request) (*answer, error) {
	req = r.sized(ctx, s, req)
	start := time.Now()
	resp, err := s.model.Score(ctx, req)
	resp = enclosed(resp, r.in.Taxonomy)
	if wait := fault.RetryAfter(err); wait > 0 && (r.wait == 0 || wait < r.wait) {
		r.wait = wait
	}
	at := Attempt{
		Model: s.spec.Model, ProviderUsed: s.providerUsed(), Role: s.role, View: view,
		Category: resp.Label, Confidence: confidence(resp), Score: resp.Score,
		LatencyMS: milliseconds(time.Since(start)), Usage: resp.Usage,
		Served: resp.Served, RequestID: resp.RequestID, Reason: resp.Reason, Evidence: resp.Evidence, Notes: resp.Notes,
	}
	if at.Stage = "last_resort"; s.role != LastResort {
		at.Stage = r.cascade.stages[stage].Name
	}
	at.Usage, at.Cost = r.cascade.cost(s.spec, start, resp, err)
	if err != nil {
		at.Outcome, at.Error = Failed, &Problem{fault.KindOf(err), fault.Message(err)}
		r.attempts = append(r.attempts, at)
		return nil, err
	}
	at.Outcome = Unsure // until it is weighed
	r.attempts = append(r.attempts, at)
	return &answer{Response: resp, seat: s, stage: stage, attempt: len(r.attempts) - 1}, nil
}

// sized shows the page at the size that the seat's model bills best. Where that cannot be
// drawn, the view's will do.
func (r *run) sized(ctx context.Context, s seat, req model.Request) model.Request {
	if s.spec.Side == 0 || len(req.Images) == 0 {
		return req
	}
	if img, err := r.show.image(ctx, s.spec.Side); err == nil {
		req.Images = []document.Image{img}
	}
	return req
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
	case ans.role == Backup && ans.Label == taxonomy.Unknown && r.best != nil:
		r.mark(ans, UnknownLabel) // it stood in for a model that failed, and knows less than was known
		r.failed = true
		return true
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
		if ctx.Err() != nil {
			return false
		}
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
	if s == nil || ctx.Err() != nil || r.tries(*s) >= maxTries {
		return
	}
	view, req, err := r.request(ctx, &r.cascade.stages[0])
	if err != nil {
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
	// A later stage knows better, unless it has nothing to say for it.
	if r.best == nil || ans.Label != taxonomy.Unknown || ans.Score != model.ScoreNone {
		r.best = ans
	}
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
	if resp.Score != model.ScoreStated && resp.Score != model.ScoreProbability {
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
