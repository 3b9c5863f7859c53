package cascade

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// question is what a stage asks about a document.
type question struct {
	stage int
	view  View
	req   model.Request
	less  bool // it shows less already, because a model could not take it all
}

// turn is a seat and when it may be asked.
type turn struct {
	seat
	ready time.Time
	asked int // how often it was, at this stage
}

// tried is a turn that was taken.
type tried struct {
	turn
	at   Attempt
	resp model.Response
	err  error
}

// turns returns the models of a stage in the order in which they are asked, then its backups. Of
// several keys the one with the most room left comes first.
func (s *stage) turns() []turn {
	queue := make([]turn, 0, len(s.models)+len(s.backups))
	for _, seats := range [][]seat{s.models, s.backups} {
		for _, seat := range byLoad(seats) {
			queue = append(queue, turn{seat: seat})
		}
	}
	return queue
}

// byLoad sorts the keys of each model by the share of their limits that is in use.
func byLoad(seats []seat) []seat {
	if oneKeyEach(seats) { // as nearly always
		return seats
	}
	place, load := make(map[string]int), make([]float64, len(seats))
	order := make([]int, len(seats))
	for i, s := range seats {
		if _, ok := place[s.spec.Model]; !ok {
			place[s.spec.Model] = i
		}
		load[i], order[i] = s.Load(), i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(place[seats[a].spec.Model], place[seats[b].spec.Model]), cmp.Compare(load[a], load[b]))
	})
	sorted := make([]seat, len(seats))
	for i, n := range order {
		sorted[i] = seats[n]
	}
	return sorted
}

// oneKeyEach reports whether no model stands among the seats twice.
func oneKeyEach(seats []seat) bool {
	for i, s := range seats {
		if slices.ContainsFunc(seats[:i], func(before seat) bool { return before.spec.Model == s.spec.Model }) {
			return false
		}
	}
	return true
}

// ask puts the question to the stage's models, then to its backups, and returns the first
// answer. When all failed and a failure may pass, it waits and goes round again.
func (r *run) ask(ctx context.Context, q *question) *answer {
	queue := r.cascade.stages[q.stage].turns()
	for round := 0; ; round++ {
		ans, again := r.round(ctx, q, queue, jittered(backoff(round)))
		if r.failed = ans == nil; !r.failed {
			return ans
		}
		if len(again) == 0 || round >= r.cascade.policy.Retries || !sleep(ctx, soonest(again)) {
			return nil
		}
		queue = again
	}
}

// round asks those that are due until one of them answers, and returns those that may be asked again.
func (r *run) round(ctx context.Context, q *question, queue []turn, wait time.Duration) (ans *answer, again []turn) {
	for len(queue) > 0 && ctx.Err() == nil { // else nothing would leave any more
		t := queue[0]
		switch {
		case time.Now().Before(t.ready):
			again, queue = append(again, t), queue[1:]
			continue
		case t.asked > 0 && !r.cascade.retries.spend(t.spec.Provider()):
			queue = queue[1:]
			continue
		}
		taken := r.take(ctx, q, queue)
		queue = queue[len(taken):]
		if ans := r.note(q, taken); ans != nil {
			return ans, nil
		}
		for _, t := range taken {
			if !fault.KindOf(t.err).Unsent() {
				t.asked++ // one that was not sent is no repetition when it is
			}
			switch {
			case r.onceMore(ctx, q, t):
				queue = append([]turn{t.turn}, queue...)
			case mayPass(t.err) && r.tries(t.seat) < maxTries:
				t.ready = time.Now().Add(max(fault.RetryAfter(t.err), wait))
				again = append(again, t.turn)
			}
		}
	}
	return nil, again
}

// onceMore reports whether a model is asked again at once: when it gave an answer that is none, or
// when it could not take so much and can be shown less.
func (r *run) onceMore(ctx context.Context, q *question, t tried) bool {
	switch fault.KindOf(t.err) {
	case fault.BadOutput:
		return r.cascade.policy.Reask && t.asked == 1 && ctx.Err() == nil
	case fault.TooLong:
		return r.showLess(ctx, q)
	}
	return false
}

// showLess cuts the question to half the text and a smaller picture, once.
func (r *run) showLess(ctx context.Context, q *question) bool {
	if q.less {
		return false
	}
	q.less = true
	text := []rune(q.req.Text)
	q.req.Text = string(text[:len(text)/2])
	if len(q.req.Images) > 0 {
		if img, err := r.show.image(ctx, SmallView.Side()); err == nil {
			q.req.Images = []document.Image{img}
		}
	}
	return true
}

// take asks the first of the queue, and when that one is slow and the policy says so, the next
// one beside it. It returns those that were asked.
func (r *run) take(ctx context.Context, q *question, queue []turn) []tried {
	slow := r.cascade.policy.Hedge
	if slow == 0 || len(queue) == 1 || time.Now().Before(queue[1].ready) {
		return []tried{r.call(ctx, q, queue[0], r.sized(ctx, queue[0].seat, q))}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan tried, 2)
	start := func(t turn) {
		req := r.sized(ctx, t.seat, q)
		go func() { done <- r.call(ctx, q, t, req) }()
	}
	start(queue[0])
	late := time.NewTimer(slow)
	defer late.Stop()
	select {
	case t := <-done:
		return []tried{t}
	case <-late.C:
	}
	if !r.cascade.retries.spend(queue[1].spec.Provider()) {
		return []tried{<-done}
	}
	start(queue[1])
	one := <-done
	if one.err == nil {
		cancel() // the other's answer is not needed any more
	}
	return []tried{one, <-done}
}

// call asks one model. It changes nothing of the run, so that two can be asked at once.
func (r *run) call(ctx context.Context, q *question, t turn, req model.Request) (done tried) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	start := time.Now()
	done = tried{turn: t}
	defer func() {
		if p := recover(); p != nil {
			done.err = fault.New(fault.Internal, fmt.Errorf("panic: %v\n%s", p, debug.Stack()), "the model's adapter broke")
		}
		done.at = r.attempt(q, done, time.Since(start))
	}()
	done.resp, done.err = t.Model.Score(ctx, req)
	done.resp = enclosed(done.resp, r.in.Taxonomy)
	return done
}

// attempt tells of a call.
func (r *run) attempt(q *question, t tried, took time.Duration) Attempt {
	resp := t.resp
	at := Attempt{
		Stage: "last_resort", Model: t.spec.Model, Key: t.Key, ProviderUsed: t.providerUsed(), Role: t.role, View: q.view,
		Category: resp.Label, Confidence: confidence(resp), Score: resp.Score, Outcome: Unsure, // until it is weighed
		LatencyMS: milliseconds(took), Usage: resp.Usage, Cost: cost(resp, t.err),
		Prompt: resp.Prompt, Served: resp.Served, RequestID: resp.RequestID, Reason: resp.Reason, Evidence: resp.Evidence, Notes: resp.Notes,
	}
	if t.role != LastResort {
		at.Stage = r.cascade.stages[q.stage].Name
	}
	if q.req.Explain != "" {
		at.Explained = &Explained{Exchange: resp.Exchange, Probabilities: resp.Scores}
	}
	if t.err != nil {
		at.Outcome, at.Error = Failed, &Problem{fault.KindOf(t.err), fault.Message(t.err)}
	}
	return at
}

// note writes down those that were asked and returns the answer of the first that gave one.
func (r *run) note(q *question, taken []tried) (ans *answer) {
	for _, t := range taken {
		if ans != nil {
			t.at.Outcome = Unused
		}
		t.at.explain()
		r.attempts = append(r.attempts, t.at)
		if t.asked == 0 && !fault.KindOf(t.err).Unsent() {
			r.cascade.retries.earn(t.spec.Provider())
		}
		if wait := fault.RetryAfter(t.err); wait > 0 && (r.wait == 0 || wait < r.wait) {
			r.wait = wait
		}
		if t.err == nil && ans == nil {
			ans = &answer{Response: t.resp, seat: t.seat, stage: q.stage, view: q.view, attempt: len(r.attempts) - 1}
		}
	}
	return ans
}

// try asks one model alone and writes that down.
func (r *run) try(ctx context.Context, q *question, s seat) *answer {
	return r.note(q, []tried{r.call(ctx, q, turn{seat: s}, r.sized(ctx, s, q))})
}

// mayPass reports whether the same call to the same model may succeed soon. A breaker's refusal
// may only where it comes of a rate limit: the provider has said when.
func mayPass(err error) bool {
	kind := fault.KindOf(err)
	return kind.MayPass() || kind == fault.CircuitOpen && fault.KindOf(errors.Unwrap(err)) == fault.RateLimited
}

// soonest returns how long it is until one of the turns is due.
func soonest(turns []turn) time.Duration {
	first := slices.MinFunc(turns, func(a, b turn) int { return a.ready.Compare(b.ready) })
	return time.Until(first.ready)
}

// tries returns how often the seat's model was asked about this document under its key.
func (r *run) tries(s seat) int {
	n := 0
	for _, a := range r.attempts {
		if a.Model == s.spec.Model && a.Key == s.Key && (a.Error == nil || !a.Error.Code.Unsent()) {
			n++
		}
	}
	return n
}

// sized shows the page at the size that the seat's model bills best, and names the account.
// Where that cannot be drawn, the view's will do.
func (r *run) sized(ctx context.Context, s seat, q *question) model.Request {
	req := q.req
	req.Account.Spent = r.spent()
	if s.spec.Side == 0 || len(req.Images) == 0 || q.less {
		return req
	}
	if img, err := r.show.image(ctx, s.spec.Side); err == nil {
		req.Images = []document.Image{img}
	}
	return req
}

// spent returns what the document has cost so far, in 10⁻⁹ US dollars.
func (r *run) spent() int64 {
	var sum int64
	for _, a := range r.attempts {
		sum += a.Cost.Estimated()
	}
	return sum
}
