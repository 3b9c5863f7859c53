package storetest

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/model"
)

// books are the promises about money and answers.
func books() []test {
	return []test{
		{"what was sent is spent once", spent},
		{"a budget is never overdrawn by many at once", budget},
		{"a budget holds for its key alone", budgets},
		{"the account of files is taken over once", imported},
		{"what was left waiting is taken over at the next start", adopted},
		{"what a dead worker has sent is not known", abandoned},
		{"an answer is remembered until the job is finished", remembered},
	}
}

const cent = price.Amount(10_000_000)

// Book opens the account of a store.
func Book(t testing.TB, s *store.Store, o store.LedgerOptions) *store.Ledger {
	t.Helper()
	l, err := s.Ledger(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// Sent is a request that is about to leave.
func Sent(estimate price.Amount) ledger.Sent {
	return ledger.Sent{Document: strings.Repeat("ab", 32), Run: store.NewID(), Policy: "default", Stage: "text",
		Model: "openai/gpt-6-luna", Key: "OPENAI_API_KEY", Tenant: "a", Client: "ann", Estimate: estimate, Priced: true}
}

// Settled is the end of one that was billed.
func Settled(cost price.Amount) ledger.Closed {
	return ledger.Closed{State: ledger.Settled, Cost: cost, Priced: true, Input: 100, Output: 10, Served: "gpt-6-luna"}
}

func begin(t *testing.T, l ledger.Ledger, s ledger.Sent) string {
	t.Helper()
	id, err := l.Begin(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func spent(t *testing.T, s *store.Store) {
	l := Book(t, s, store.LedgerOptions{})
	paid, free, lost := begin(t, l, Sent(2*cent)), begin(t, l, Sent(2*cent)), begin(t, l, Sent(2*cent))
	other := Sent(5 * cent)
	other.Model, other.Key, other.Client = "google/gemini", "GOOGLE_API_KEY", ""
	begin(t, l, other) // never heard of again
	l.End(paid, Settled(3*cent))
	l.End(paid, Settled(3*cent)) // which counts once
	l.End(free, ledger.Closed{State: ledger.Free, Priced: true})
	l.End(lost, ledger.Closed{State: ledger.Unknown, Cost: 2 * cent, Priced: true})
	l.End("2026-11-27-nobody-1", Settled(cent))
	want := ledger.Spend{
		Day: 10 * cent, Month: 10 * cent, Sent: 4, Open: 1, Unknown: 1,
		Keys:    map[string]price.Amount{"OPENAI_API_KEY": 5 * cent, "GOOGLE_API_KEY": 5 * cent},
		Models:  map[string]price.Amount{"openai/gpt-6-luna": 5 * cent, "google/gemini": 5 * cent},
		Clients: map[string]price.Amount{"ann": 5 * cent},
	}
	for name, l := range map[string]ledger.Ledger{"one process": l, "another": Book(t, s, store.LedgerOptions{})} {
		if got := l.Spend(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: spent %+v, want %+v", name, got, want)
		}
	}
}

// Two processes of 100 each, and only whole requests fit: nothing is sent beyond the budget, and
// all of it is used.
func budget(t *testing.T, s *store.Store) {
	const most = 100 * cent
	var ledgers [2]*store.Ledger
	for i := range ledgers {
		ledgers[i] = Book(t, s, store.LedgerOptions{Budget: ledger.Budget{Day: most}})
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			l := ledgers[i%2]
			for range 3 {
				id, err := l.Begin(Sent(cent))
				if err != nil {
					if fault.KindOf(err) != fault.Budget {
						t.Error(err)
					}
					continue
				}
				l.End(id, Settled(cent))
			}
		})
	}
	all.Wait()
	for _, l := range ledgers {
		if s := l.Spend(); s.Day != most || s.Sent != 100 || s.Open != 0 {
			t.Errorf("spent $%s with %d, %d of them open, want $%s with 100", s.Day, s.Sent, s.Open, most)
		}
	}
}

func budgets(t *testing.T, s *store.Store) {
	noon := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	ask := func(change func(*ledger.Sent)) ledger.Sent {
		s := Sent(6 * cent)
		change(&s)
		return s
	}
	l := Book(t, s, store.LedgerOptions{Now: func() time.Time { return noon }, Budget: ledger.Budget{Month: 90 * cent, Keys: map[string]price.Amount{"OPENAI_API_KEY": 25 * cent}}})
	l.End(begin(t, l, Sent(cent)), Settled(20*cent))
	tests := []struct {
		name string
		sent ledger.Sent
		says string // "" where it is allowed
		wait time.Duration
	}{
		{"a provider's key", ask(func(*ledger.Sent) {}), "the key OPENAI_API_KEY", 12 * time.Hour},
		{"another key", ask(func(s *ledger.Sent) { s.Key = "GOOGLE_API_KEY" }), "", 0},
		{"an API key", ask(func(s *ledger.Sent) { s.Key, s.ClientDay = "GOOGLE_API_KEY", 31*cent }), "the API key ann", 12 * time.Hour},
		{"another API key", ask(func(s *ledger.Sent) { s.Key, s.Client, s.ClientDay = "GOOGLE_API_KEY", "bob", 6*cent }), "", 0},
		{"the month", ask(func(s *ledger.Sent) { s.Key, s.Estimate = "GOOGLE_API_KEY", 60*cent }), "for a month", 84 * time.Hour},
		{"no price known", ledger.Sent{Model: "x/y"}, "no price of x/y", 0},
	}
	for _, tt := range tests {
		_, err := l.Begin(tt.sent)
		switch {
		case tt.says == "" && err != nil:
			t.Errorf("%s: refused: %v", tt.name, err)
		case tt.says != "" && (fault.KindOf(err) != fault.Budget || !strings.Contains(err.Error(), tt.says) || fault.RetryAfter(err) != tt.wait):
			t.Errorf("%s: got %v in %v, want %s: …%s… in %v", tt.name, err, fault.RetryAfter(err), fault.Budget, tt.says, tt.wait)
		}
	}
}

func imported(t *testing.T, s *store.Store) {
	dir := t.TempDir()
	noon := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	at := noon.AddDate(0, 0, -2)
	f, err := ledger.Open(ledger.Options{Dir: dir, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	fill := func() {
		for i := range 300 {
			id := begin(t, f, Sent(cent))
			if i%2 == 0 {
				f.End(id, Settled(2*cent))
			}
		}
	}
	fill()
	at = noon
	begin(t, f, Sent(7*cent))
	l := Book(t, s, store.LedgerOptions{Now: func() time.Time { return noon }})
	check := func(day, month price.Amount) {
		t.Helper()
		if err := l.Import(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		if s := l.Spend(); s.Day != day || s.Month != month {
			t.Errorf("spent $%s in a month of $%s, want $%s of $%s", s.Day, s.Month, day, month)
		}
	}
	check(7*cent, 457*cent)
	check(7*cent, 457*cent) // again
	fill()
	check(457*cent, 907*cent)
	os.Remove(filepath.Join(dir, "imported.json"))
	check(457*cent, 907*cent)
}

func adopted(t *testing.T, s *store.Store) {
	dir, noon := t.TempDir(), time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	spool := ledger.NewSpool(filepath.Join(dir, "waiting-abc.jsonl"), 1<<20)
	for i := range 300 {
		sent, closed, id := Sent(cent), Settled(2*cent), fmt.Sprintf("2026-11-27-abc-%d", i)
		if err := errors.Join(spool.Put(ledger.Entry{ID: id, At: noon, Sent: &sent}), spool.Put(ledger.Entry{ID: id, At: noon, Closed: &closed})); err != nil {
			t.Fatal(err)
		}
	}
	if err := spool.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l := Book(t, s, store.LedgerOptions{Dir: dir, Now: func() time.Time { return noon }})
		if s := l.Spend(); s.Day != 600*cent || s.Sent != 300 || s.Open != 0 {
			t.Errorf("spent %+v, want $6 with 300", s)
		}
	}
}

func abandoned(t *testing.T, s *store.Store) {
	l := Book(t, s, store.LedgerOptions{})
	r := Record("a")
	submit(t, s, r)
	take(t, s, "one", 1, time.Millisecond)
	sent := Sent(cent)
	sent.Run = r.ID
	id := begin(t, l, sent)
	var again []store.Job
	for len(again) == 0 {
		again = take(t, s, "two", 1, time.Minute)
	}
	r.State, r.Result = store.Completed, Answer(r)
	if err := s.Finish(t.Context(), again[0], r); err != nil {
		t.Fatal(err)
	}
	if s := l.Spend(); s.Day != cent || s.Open != 1 {
		t.Errorf("spent %+v, want the estimate of one that is open", s)
	}
	l.End(id, Settled(3*cent)) // the worker was not dead after all
	if s := l.Spend(); s.Day != 3*cent || s.Open != 0 {
		t.Errorf("spent %+v, want $0.03", s)
	}
}

func remembered(t *testing.T, s *store.Store) {
	m := s.Memory(slog.New(slog.DiscardHandler))
	want := model.Response{Label: "invoice", Confidence: 0.9, Score: model.ScoreStated, Scores: map[string]float64{"invoice": 0.9, "unknown": 0.1},
		Usage: model.Usage{Known: true, Input: 100}, Cost: &model.Cost{NanoUSD: 1234, Known: true}, Served: "x", Waited: time.Second,
		Notes: []string{"a"}, Evidence: []model.Evidence{{Phrase: "p", Page: 2}}}
	r := Record("a")
	submit(t, s, r)
	m.Keep(t.Context(), r.ID, "k", want)
	m.Keep(t.Context(), r.ID, "k", model.Response{Label: "other"})
	if got, ok := m.Recall(t.Context(), r.ID, "k"); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("recalled %+v, %v, want %+v", got, ok, want)
	}
	for _, of := range [][2]string{{r.ID, "l"}, {store.NewID(), "k"}} {
		if got, ok := m.Recall(t.Context(), of[0], of[1]); ok {
			t.Errorf("%v recalls %+v", of, got)
		}
	}
	j := take(t, s, "one", 1, time.Minute)[0]
	r.State, r.Result = store.Completed, Answer(r)
	if err := s.Finish(t.Context(), j, r); err != nil {
		t.Fatal(err)
	}
	if got, ok := m.Recall(t.Context(), r.ID, "k"); ok {
		t.Errorf("recalled after the end: %+v", got)
	}
}
