package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift/fault"
)

// How many documents are under way at once where each follows on another, and where others are
// measured meanwhile.
const (
	workers = 16
	few     = 4
)

// answer is what a service said of a sheet.
type answer struct {
	sheet
	err        error // that there was none
	status     int
	retryAfter string

	Classification string     `json:"classification"`
	Confidence     *float64   `json:"confidence"`
	Degraded       bool       `json:"degraded"`
	ProviderUsed   string     `json:"provider_used"`
	Code           fault.Kind `json:"code"`
	Detail         string     `json:"detail"`

	due, done time.Time
}

// good reports whether the answer is the right one, in full.
func (a answer) good() bool {
	return a.err == nil && a.status == http.StatusOK && a.Classification == a.label && !a.Degraded && a.Confidence != nil
}

// took is the time from when the sheet was due, whether or not it could leave then.
func (a answer) took() time.Duration { return a.done.Sub(a.due) }

// String tells of an answer for a note.
func (a answer) String() string {
	switch {
	case a.err != nil:
		return fmt.Sprintf("%s: %v", a.name, a.err)
	case a.status != http.StatusOK:
		return fmt.Sprintf("%s: status %d, %s: %.300s", a.name, a.status, a.Code, a.Detail)
	}
	return fmt.Sprintf("%s: %s for %s, degraded %t, by %s", a.name, a.Classification, a.label, a.Degraded, a.ProviderUsed)
}

// ask has a service classify a sheet, and asks again for as long as it has too much to do.
func (s *service) ask(ctx context.Context, sh sheet, due time.Time) answer {
	for {
		a := s.askOnce(ctx, sh, due)
		if a.Code != fault.Busy || ctx.Err() != nil {
			return a
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *service) askOnce(ctx context.Context, sh sheet, due time.Time) (a answer) {
	a = answer{sheet: sh, due: due}
	defer func() { a.done = time.Now() }()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", sh.name)
	if err == nil {
		_, err = part.Write([]byte(sh.text))
	}
	if a.err = err; err != nil {
		return a
	}
	form.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/classifications", &body)
	if a.err = err; err != nil {
		return a
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	said, resp, err := s.exchange(req)
	if a.err = err; err != nil {
		return a
	}
	a.status, a.retryAfter = resp.StatusCode, resp.Header.Get("Retry-After")
	a.err = json.Unmarshal(said, &a)
	return a
}

// rush sends n sheets, so many at once, each when one before it is answered: as many as a service
// can take.
func (w *world) rush(ctx context.Context, what string, n, atOnce int, next func() sheet) []answer {
	answers := make([]answer, n)
	var taken, done atomic.Int64
	told := w.run.progress(what, &done, n)
	defer told()
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for {
				i := int(taken.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				answers[i] = w.services[i%len(w.services)].ask(ctx, next(), time.Now())
				done.Add(1)
			}
		})
	}
	all.Wait()
	return answers
}

// progress tells every five seconds how far something is, until the returned function is called.
func (r *run) progress(what string, done *atomic.Int64, n int) (end func()) {
	stop := make(chan struct{})
	go func() {
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				r.say("%s: %s of %s", what, grouped(int(done.Load())), grouped(n))
			case <-stop:
				return
			}
		}
	}()
	return func() { close(stop) }
}

// pace sends sheets at a steady rate until stop says so, whether or not those before are answered: a
// slow answer delays no other, and its time counts from when it was due. Sheet i is sent to the
// service that to returns.
func (r *run) pace(ctx context.Context, rate int, stop func(i int, since time.Duration) bool, to func(i int) *service) []answer {
	return stream{rate: rate, stop: stop, to: to, next: r.press.hard}.run(ctx)
}

// stream is a steady stream of sheets.
type stream struct {
	rate int // a second
	stop func(i int, since time.Duration) bool
	to   func(i int) *service
	next func() sheet
}

// run returns the answers in the order in which they were due.
func (s stream) run(ctx context.Context) []answer {
	var all sync.WaitGroup
	var answered []*answer
	start := time.Now()
	for i := 0; ctx.Err() == nil; i++ {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(s.rate))
		if s.stop(i, due.Sub(start)) {
			break
		}
		time.Sleep(time.Until(due))
		sh, to, a := s.next(), s.to(i), new(answer)
		answered = append(answered, a)
		all.Go(func() { *a = to.ask(ctx, sh, due) })
	}
	all.Wait()
	answers := make([]answer, len(answered))
	for i, a := range answered {
		answers[i] = *a
	}
	return answers
}

// times is how long answers took.
func times(answers []answer) []time.Duration {
	all := make([]time.Duration, len(answers))
	for i, a := range answers {
		all[i] = a.took()
	}
	return all
}

// quantile returns the time that a share of all keep within.
func quantile(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// bad returns the answers that are not good.
func bad(answers []answer) []answer {
	return slices.DeleteFunc(slices.Clone(answers), answer.good)
}

// examples notes the first few of some answers.
func (l *Line) examples(of string, answers []answer) {
	for _, a := range answers[:min(3, len(answers))] {
		l.note("%s %s", of, a)
	}
}
