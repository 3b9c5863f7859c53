package cache_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
	"github.com/docsift/docsift/model"
)

// provider is a hosted model. Every instance asks the same one.
type provider struct {
	calls   atomic.Int64
	says    atomic.Pointer[reply]
	arrived chan struct{} // one for each call, where there is room
	gate    chan struct{} // holds calls up; nil: none
}

// reply is what a provider answers.
type reply struct {
	label string
	err   error
}

func newProvider() *provider {
	p := &provider{arrived: make(chan struct{}, 1000)}
	p.answer("invoice", nil)
	return p
}

func (p *provider) answer(label string, err error) { p.says.Store(&reply{label, err}) }

func (p *provider) Name() string { return "fake/one" }

func (p *provider) Score(ctx context.Context, req model.Request) (model.Response, error) {
	p.calls.Add(1)
	p.arrived <- struct{}{}
	if p.gate != nil {
		select {
		case <-p.gate:
		case <-ctx.Done():
			return model.Response{}, ctx.Err()
		}
	}
	says := p.says.Load()
	if says.err != nil {
		return model.Response{}, says.err
	}
	return model.Response{
		Label: says.label, Confidence: 0.99, Score: model.ScoreStated, Scores: model.Spread(req.Taxonomy, says.label, 0.99),
		Usage: model.Usage{Known: true, Input: 1000, Output: 10},
	}, nil
}

func (p *provider) called(t *testing.T, want int64) {
	t.Helper()
	if n := p.calls.Load(); n != want {
		t.Errorf("%d paid calls, want %d", n, want)
	}
}

// classifier asks a provider, and nobody else.
func classifier(t testing.TB, p *provider) *docsift.Classifier {
	t.Helper()
	prices, err := docsift.ParsePrices("prices.yaml", []byte("models: {fake/one: [{in: 1, out: 10}]}"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := docsift.New(docsift.Options{Policy: "mine", Models: []model.Model{p}, Taxonomy: "finance", Prices: prices, Policies: []cascade.Policy{{
		Name: "mine", Version: "1", Confidence: 0.8, Deadline: time.Minute, Breaker: cascade.Breaker{Failures: 1000, Cooldown: time.Hour},
		Stages: []cascade.Stage{{Name: "only", Views: []cascade.View{cascade.TextView}, Models: []cascade.Spec{{Model: p.Name()}}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// instance is a process of its own, as far as others can tell.
type instance struct {
	*cache.Cache
	t   *testing.T
	log *logs
}

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), what)
}

func start(t *testing.T, p *provider, o cache.Options) *instance {
	t.Helper()
	in := &instance{t: t, log: &logs{}}
	o.Classifier, o.Log = classifier(t, p), slog.New(slog.NewTextHandler(in.log, nil))
	var err error
	if in.Cache, err = cache.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func letter(t testing.TB, name, text string) *document.Document {
	t.Helper()
	d, err := document.Read(strings.NewReader("Letter number 7, which says next to nothing. "+text), name, document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ask has the same letter classified for a tenant.
func (in *instance) ask(tenant string) docsift.Result {
	in.t.Helper()
	res, err := in.Classify(in.t.Context(), letter(in.t, "a.txt", ""), docsift.Request{}, cache.Terms{Tenant: tenant})
	if err != nil {
		in.t.Fatal(err)
	}
	return res
}

func openStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "docsift.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestAnswersAgain(t *testing.T) {
	p := newProvider()
	in := start(t, p, cache.Options{})
	first := in.ask("a")
	if first.Cached || first.Cost.NanoUSD != 1_100_000 || len(first.Attempts) != 1 || first.Saved.NanoUSD != 0 || !first.Saved.Known {
		t.Errorf("the first: cached %v, %+v, %d attempts, saved %+v", first.Cached, first.Cost, len(first.Attempts), first.Saved)
	}
	res, err := in.Classify(t.Context(), letter(t, "other.txt", ""), docsift.Request{ID: "mine"}, cache.Terms{Tenant: "a"})
	if err != nil || !res.Cached || res.Saved != first.Cost || res.Cost.NanoUSD != 0 || !res.Cost.Known || len(res.Attempts) != 0 || res.Attempts == nil {
		t.Errorf("the second: %+v, %v", res, err)
	}
	if res.ID != "mine" || res.Document.Filename != "other.txt" || res.Classification != "invoice" || *res.Confidence != *first.Confidence || res.GuideCost == nil {
		t.Errorf("the second: %+v", res)
	}
	if third := in.ask("a"); third.ID == first.ID || third.ID == res.ID || third.ID == "" {
		t.Errorf("the third has the id %q", third.ID)
	}
	p.called(t, 1)
	if s := in.Stats(); s.Hits != 2 || s.Memory != 2 || s.Misses != 1 || s.Saved.NanoUSD != 2*first.Cost.NanoUSD || s.Entries != 1 {
		t.Errorf("stats %+v", s)
	}
}

// What one tenant has sent, another asks about anew.
func TestTenantsAreApart(t *testing.T) {
	p := newProvider()
	s := openStore(t)
	in := start(t, p, cache.Options{Store: s})
	in.ask("a")
	for i, tenant := range []string{"b", "", "A", "a\x00"} {
		if res := in.ask(tenant); res.Cached {
			t.Errorf("tenant %q learns that somebody else has the document", tenant)
		}
		p.called(t, int64(i)+2)
	}
}

// Another tenant's document that is being asked about is none to wait for.
func TestTenantsDoNotWaitForEachOther(t *testing.T) {
	p := newProvider()
	p.gate = make(chan struct{})
	in := start(t, p, cache.Options{})
	var all sync.WaitGroup
	for _, tenant := range []string{"a", "b"} {
		all.Go(func() { in.ask(tenant) })
	}
	<-p.arrived
	<-p.arrived
	close(p.gate)
	all.Wait()
}

func TestNoCacheAsksAnew(t *testing.T) {
	p := newProvider()
	in := start(t, p, cache.Options{})
	in.ask("a")
	p.answer("receipt", nil)
	res, err := in.Classify(t.Context(), letter(t, "a.txt", ""), docsift.Request{}, cache.Terms{Tenant: "a", NoCache: true})
	if err != nil || res.Cached || res.Classification != "receipt" {
		t.Errorf("%+v, %v", res, err)
	}
	if res := in.ask("a"); !res.Cached || res.Classification != "receipt" {
		t.Errorf("afterwards: %+v, want the new answer", res)
	}
	p.called(t, 2)
}

func TestKeepsOnlyGoodAnswers(t *testing.T) {
	tests := []struct {
		name string
		says reply
		kept bool
	}{
		{"a category", reply{label: "receipt"}, true},
		{"none of them, as the model says", reply{label: "unknown"}, true},
		{"a failure", reply{err: fault.New(fault.Unavailable, nil, "down")}, false},
		{"a refusal", reply{err: fault.New(fault.Refused, nil, "no")}, false},
		{"no answer at all", reply{err: fault.New(fault.BadOutput, nil, "{")}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider()
			in := start(t, p, cache.Options{Store: openStore(t)})
			p.says.Store(&tt.says)
			first, err := in.Classify(t.Context(), letter(t, "a.txt", ""), docsift.Request{}, cache.Terms{})
			p.answer("receipt", nil)
			calls := p.calls.Load()
			second := in.ask("")
			if second.Cached != tt.kept || (p.calls.Load() == calls) != tt.kept {
				t.Errorf("kept %v, want %v; the first was %+v, %v", second.Cached, tt.kept, first.Outcome, err)
			}
		})
	}
}

func TestErrorsOfRequests(t *testing.T) {
	p := newProvider()
	in := start(t, p, cache.Options{})
	res, err := in.Classify(t.Context(), letter(t, "a.txt", ""), docsift.Request{Taxonomy: "x"}, cache.Terms{})
	if fault.KindOf(err) != fault.NotFound || res.Status != docsift.Failed || res.Error == nil {
		t.Errorf("%+v, %v", res, err)
	}
	p.called(t, 0)
}

// Whoever asked first may leave: the others get the answer, and it is kept.
func TestFirstLeaves(t *testing.T) {
	p := newProvider()
	p.gate = make(chan struct{})
	in := start(t, p, cache.Options{})
	ctx, leave := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := in.Classify(ctx, letter(t, "a.txt", ""), docsift.Request{}, cache.Terms{})
		first <- err
	}()
	<-p.arrived
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if res := in.ask(""); !res.Cached || res.Classification != "invoice" || res.Cost.NanoUSD != 0 {
				t.Errorf("%+v", res)
			}
		})
	}
	leave()
	close(p.gate)
	all.Wait()
	if err := <-first; err != nil {
		t.Errorf("the paid answer was dropped: %v", err)
	}
	in.ask("")
	p.called(t, 1)
}

// One who waits for another's answer may leave at any time.
func TestFollowerLeaves(t *testing.T) {
	p := newProvider()
	p.gate = make(chan struct{})
	in := start(t, p, cache.Options{})
	var first sync.WaitGroup
	first.Go(func() { in.ask("") })
	<-p.arrived
	ctx, leave := context.WithCancel(t.Context())
	leave()
	res, err := in.Classify(ctx, letter(t, "a.txt", ""), docsift.Request{ID: "mine"}, cache.Terms{})
	if !errors.Is(err, context.Canceled) || res.ID != "mine" || res.Status != docsift.Failed {
		t.Errorf("%+v, %v", res, err)
	}
	close(p.gate)
	first.Wait()
	p.called(t, 1)
}

// A failure is shared by those who wait for it, and not kept.
func TestFailureIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		p.gate = make(chan struct{})
		p.answer("", fault.New(fault.Unavailable, nil, "down"))
		in := start(t, p, cache.Options{})
		var all sync.WaitGroup
		for range 11 {
			all.Go(func() {
				_, err := in.Classify(t.Context(), letter(t, "a.txt", ""), docsift.Request{}, cache.Terms{})
				if fault.KindOf(err) != fault.NoModel {
					t.Errorf("error %v", err)
				}
			})
		}
		synctest.Wait()
		close(p.gate)
		all.Wait()
		p.called(t, 1)
		if s := in.Stats(); s.Entries != 0 || s.Shared != 10 {
			t.Errorf("stats %+v", s)
		}
		in.Close()
	})
}

func TestCloseCutsOff(t *testing.T) {
	p := newProvider()
	p.gate = make(chan struct{})
	in := start(t, p, cache.Options{Store: openStore(t)})
	done := make(chan error, 1)
	go func() {
		_, err := in.Classify(t.Context(), letter(t, "a.txt", ""), docsift.Request{}, cache.Terms{})
		done <- err
	}()
	<-p.arrived
	in.Close()
	if err := <-done; fault.KindOf(err) != fault.Canceled {
		t.Errorf("cut off: %v", err)
	}
}

func TestAnswersEnd(t *testing.T) {
	p := newProvider()
	in := start(t, p, cache.Options{TTL: time.Nanosecond, Store: openStore(t)})
	in.ask("")
	if in.ask("").Cached {
		t.Error("an answer is given after its time")
	}
}
