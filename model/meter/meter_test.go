package meter_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/meter"
	"github.com/docsift/docsift/model/modeltest"
)

const luna = "openai/gpt-6-luna"

// named is a model with a name of its own.
type named struct {
	modeltest.Func
	name string
}

func (n named) Name() string { return n.name }

// foreseen is what these tests expect of each request: 100 tokens of input at $0.10 a million and
// 10 of output at $0.50.
func foreseen(model.Request) (price.Tokens, bool) { return price.Tokens{Input: 100, Output: 10}, true }

const expected = 100*100 + 10*500

func book(t *testing.T, b ledger.Budget) *ledger.File {
	t.Helper()
	f, err := ledger.Open(ledger.Options{Budget: b})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestModel(t *testing.T) {
	modeltest.Run(t, func(t *testing.T) model.Model {
		return meter.New(modeltest.Func(func(ctx context.Context, req model.Request) (model.Response, error) {
			return model.Response{Label: "invoice", Confidence: 0.9, Score: model.ScoreStated, Scores: model.Spread(req.Taxonomy, "invoice", 0.9)}, ctx.Err()
		}), meter.Options{Ledger: book(t, ledger.Budget{})})
	})
}

func TestScore(t *testing.T) {
	billed := model.Usage{Known: true, Input: 120, Output: 10}
	lost := fault.New(fault.Timeout, nil, "late")
	lost.MaybeBilled = true
	tests := []struct {
		name    string
		model   string
		free    bool
		resp    model.Response
		err     error
		cost    model.Cost
		spent   price.Amount
		unknown int
		note    string
	}{
		{"an answer is priced by its usage", luna, false, model.Response{Usage: billed}, nil, model.Cost{NanoUSD: 17_000, Known: true}, 17_000, 0, ""},
		{"an answer that is none too", luna, false, model.Response{Usage: billed}, fault.New(fault.BadOutput, nil, "x"), model.Cost{NanoUSD: 17_000, Known: true}, 17_000, 0, ""},
		{"one without usage counts as foreseen", luna, false, model.Response{}, nil, model.Cost{Guess: expected}, expected, 1, ""},
		{"and one that was lost", luna, false, model.Response{}, lost, model.Cost{Guess: expected}, expected, 1, ""},
		{"one that was turned away is free", luna, false, model.Response{}, fault.New(fault.RateLimited, nil, "x"), model.Cost{Known: true}, 0, 0, ""},
		{"usage that cannot be true is not believed", luna, false, model.Response{Usage: model.Usage{Known: true, Input: 100_000, Output: 10}}, nil, model.Cost{Guess: expected}, expected, 1, "its usage cannot be true"},
		{"nor usage without a prompt", luna, false, model.Response{Usage: model.Usage{Known: true}}, nil, model.Cost{Guess: expected}, expected, 1, "its usage cannot be true"},
		{"three times what was foreseen is told", luna, false, model.Response{Usage: model.Usage{Known: true, Input: 300}}, nil, model.Cost{NanoUSD: 30_000, Known: true}, 30_000, 0, "billed for 300 tokens of input where 100 were foreseen"},
		{"and a third of it", luna, false, model.Response{Usage: model.Usage{Known: true, Input: 33}}, nil, model.Cost{NanoUSD: 3_300, Known: true}, 3_300, 0, "billed for 33 tokens"},
		{"another model's answer has its own price", luna, false, model.Response{Usage: billed, Served: "gpt-6-sol"}, nil, model.Cost{NanoUSD: 340_000, Known: true}, 340_000, 0, ""},
		{"a dated name is the same model", luna, false, model.Response{Usage: billed, Served: "gpt-6-luna-2026-10-01"}, nil, model.Cost{NanoUSD: 17_000, Known: true}, 17_000, 0, ""},
		{"an endpoint has a price of its own", luna + "@decisions", false, model.Response{Usage: billed, Served: "gpt-6-luna"}, nil, model.Cost{NanoUSD: 12_000, Known: true}, 12_000, 0, ""},
		{"an unknown price is unknown", "acme/one", false, model.Response{Usage: billed}, nil, model.Cost{}, 0, 1, ""},
		{"one's own server bills nothing", "acme/one", true, model.Response{Usage: billed}, nil, model.Cost{Known: true}, 0, 0, ""},
		{"and says nothing of usage", "acme/one", true, model.Response{}, nil, model.Cost{Known: true}, 0, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := book(t, ledger.Budget{})
			open := 0
			m := meter.New(named{func(context.Context, model.Request) (model.Response, error) {
				open = l.Spend().Open
				return tt.resp, tt.err
			}, tt.model}, meter.Options{Key: "K", Free: tt.free, Ledger: l, Estimate: foreseen})
			resp, err := m.Score(t.Context(), model.Request{})
			if err != tt.err || resp.Cost == nil || *resp.Cost != tt.cost {
				t.Errorf("cost %+v, %v; want %+v, %v", resp.Cost, err, tt.cost, tt.err)
			}
			if s := l.Spend(); s.Day != tt.spent || s.Keys["K"] != tt.spent || s.Open != 0 || s.Unknown != tt.unknown || open != 1 {
				t.Errorf("ledger %+v with %d open during the call, want $%s and 1", s, open, tt.spent)
			}
			if got := strings.Join(resp.Notes, "; "); !strings.Contains(got, tt.note) || tt.note == "" && got != "" {
				t.Errorf("notes %q, want %q", got, tt.note)
			}
		})
	}
}

// What was lost counts as bills of the model usually do, and a little more.
func TestGuessesLearnFromBills(t *testing.T) {
	lost := fault.New(fault.Timeout, nil, "late")
	lost.MaybeBilled = true
	answers := 0
	l := book(t, ledger.Budget{})
	m := meter.New(named{func(context.Context, model.Request) (model.Response, error) {
		if answers--; answers >= 0 {
			return model.Response{Usage: model.Usage{Known: true, Input: 50, Output: 5}}, nil
		}
		return model.Response{}, lost
	}, luna}, meter.Options{Ledger: l, Estimate: foreseen})
	for _, tt := range []struct {
		answers int // before the one that is lost
		guess   int64
	}{{0, expected}, {10, expected}, {10, expected * 103 / 200}, {500, expected * 103 / 200}} {
		for answers = tt.answers; answers > 0; {
			m.Score(t.Context(), model.Request{})
		}
		before := l.Spend().Day
		resp, _ := m.Score(t.Context(), model.Request{})
		if resp.Cost.Known || resp.Cost.Guess != tt.guess || int64(l.Spend().Day-before) != tt.guess {
			t.Errorf("after %d more answers a lost one is guessed %+v, want %d", tt.answers, resp.Cost, tt.guess)
		}
	}
}

// What a budget does not allow is not sent.
func TestBudget(t *testing.T) {
	calls := 0
	m := meter.New(named{func(context.Context, model.Request) (model.Response, error) {
		calls++
		return model.Response{Usage: model.Usage{Known: true, Input: 100, Output: 10}}, nil
	}, luna}, meter.Options{Ledger: book(t, ledger.Budget{Document: 2 * expected}), Estimate: foreseen})
	for spent, want := range map[int64]fault.Kind{0: "", expected: "", expected + 1: fault.Budget} {
		resp, err := m.Score(t.Context(), model.Request{Account: model.Account{Spent: spent}})
		if fault.KindOf(err) != want || resp.Cost == nil || !resp.Cost.Known {
			t.Errorf("with %d spent: %v at %v, want %q", spent, err, resp.Cost, want)
		}
	}
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

// A panic leaves nothing open: the request may have left before.
func TestPanic(t *testing.T) {
	l := book(t, ledger.Budget{})
	m := meter.New(named{func(context.Context, model.Request) (model.Response, error) { panic("x") }, luna}, meter.Options{Ledger: l, Estimate: foreseen})
	func() {
		defer func() { recover() }()
		m.Score(t.Context(), model.Request{})
	}()
	if s := l.Spend(); s.Open != 0 || s.Day != expected || s.Unknown != 1 {
		t.Errorf("ledger %+v, want the request counted as foreseen", s)
	}
}

// The log hears of bills that are far off, once a minute for each model.
func TestAlarm(t *testing.T) {
	var log bytes.Buffer
	m := meter.New(named{func(context.Context, model.Request) (model.Response, error) {
		return model.Response{Usage: model.Usage{Known: true, Input: 5400}}, nil
	}, luna}, meter.Options{Key: "K", Estimate: foreseen, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 5 {
		m.Score(t.Context(), model.Request{})
	}
	if n := strings.Count(log.String(), "far from what was foreseen"); n != 1 || !strings.Contains(log.String(), "input_tokens=5400 foreseen=100") {
		t.Errorf("log: %s", log.String())
	}
}

func BenchmarkScore(b *testing.B) {
	l, err := ledger.Open(ledger.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	m := meter.New(named{func(context.Context, model.Request) (model.Response, error) {
		return model.Response{Usage: model.Usage{Known: true, Input: 100, Output: 10}}, nil
	}, luna}, meter.Options{Key: "OPENAI_API_KEY", Ledger: l, Estimate: foreseen})
	req := model.Request{Account: model.Account{Document: strings.Repeat("ab", 32), Run: "01a21c78-151a-7535-a687-78075ecaeda1", Policy: "default", Stage: "text"}}
	b.ReportAllocs()
	for b.Loop() {
		m.Score(context.Background(), req)
	}
}
