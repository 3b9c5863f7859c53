package cascade_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// keyring opens luna under several keys, each with its load and the kind of its failure.
type keyring []struct {
	name string
	load float64
	fail fault.Kind // "" answers
}

// run asks for one document and returns the keys that were asked, in order.
func (k keyring) run(t *testing.T) ([]string, cascade.Outcome, error) {
	t.Helper()
	var asked []string
	c := cascadeOf(t, "retries: 0", func(cascade.Spec) ([]cascade.Opened, error) {
		var all []cascade.Opened
		for _, key := range k {
			m := opened(luna, func(_ context.Context, req model.Request) (model.Response, error) {
				asked = append(asked, key.name)
				if key.fail != "" {
					return model.Response{}, fault.New(key.fail, nil, "no")
				}
				return always("invoice", 0.9)(1, req)
			})[0]
			m.Key, m.Load = key.name, func() float64 { return key.load }
			all = append(all, m)
		}
		return all, nil
	})
	out, err := c.Run(t.Context(), input(t, words, false))
	return asked, out, err
}

// cascadeOf returns a cascade of one stage with luna and flash.
func cascadeOf(t *testing.T, setting string, open func(cascade.Spec) ([]cascade.Opened, error)) *cascade.Cascade {
	t.Helper()
	policy, _, _ := strings.Cut(ladder, "  - name: page")
	policy = strings.Replace(policy, "retries: 2", setting, 1)
	p, err := cascade.ParsePolicy("test.yaml", []byte(policy), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cascade.New(p, cascade.Options{Open: func(s cascade.Spec) ([]cascade.Opened, error) {
		if s.Model == luna || s.Model == flash {
			return open(s)
		}
		return nil, fault.New(fault.NoKey, nil, "no key")
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeys(t *testing.T) {
	tests := []struct {
		name string
		keys keyring
		want []string
	}{
		{"the one with the most room left is asked first", keyring{{"A", 0.9, ""}, {"B", 0.1, ""}, {"C", 0.5, ""}}, []string{"B"}},
		{"the first of those alike", keyring{{"A", 0, ""}, {"B", 0, ""}}, []string{"A"}},
		{"then the next", keyring{{"A", 0.2, ""}, {"B", 0.1, fault.RateLimited}}, []string{"B", "A"}},
		{"nine of ten are revoked", keyring{
			{"1", 0, fault.Auth}, {"2", 0, fault.Auth}, {"3", 0, fault.Auth}, {"4", 0, fault.Auth}, {"5", 0, fault.Auth},
			{"6", 0, fault.Auth}, {"7", 0, fault.Auth}, {"8", 0, fault.Auth}, {"9", 0, fault.Auth}, {"10", 0, ""},
		}, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked, out, err := tt.keys.run(t)
			if err != nil || out.Classification != "invoice" || !slices.Equal(asked, tt.want) {
				t.Errorf("asked %q and got %q, %v; want %q", asked, out.Classification, err, tt.want)
			}
			if last := out.Attempts[len(out.Attempts)-1]; last.Key != tt.want[len(tt.want)-1] {
				t.Errorf("the answer is said to be of the key %q", last.Key)
			}
		})
	}
}

// A model that cannot take so much is shown less, once.
func TestTooLong(t *testing.T) {
	for _, tt := range []struct {
		name  string
		takes int // characters
		want  string
		calls int
	}{
		{"half is enough", 60, "invoice", 2},
		{"half is too much as well", 10, "", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen []int
			c := cascadeOf(t, "retries: 0", func(s cascade.Spec) ([]cascade.Opened, error) {
				if s.Model != luna {
					return nil, fault.New(fault.NoKey, nil, "no key")
				}
				return opened(luna, func(_ context.Context, req model.Request) (model.Response, error) {
					if seen = append(seen, len(req.Text)); len(req.Text) > tt.takes {
						return model.Response{}, fault.New(fault.TooLong, nil, "too long")
					}
					return always("invoice", 0.9)(1, req)
				}), nil
			})
			out, err := c.Run(t.Context(), input(t, strings.Repeat("invoice ", 12), false))
			if (err == nil) != (tt.want != "") || err == nil && out.Classification != tt.want || len(seen) != tt.calls || seen[1] != seen[0]/2 {
				t.Errorf("%q, %v; shown %d characters, want %d calls, the second with half", out.Classification, err, seen, tt.calls)
			}
		})
	}
}

// slowPair is luna, which answers after a while or fails, and flash.
func slowPair(lunaTakes, flashTakes time.Duration, lunaFails bool, calls *atomic.Int32) func(cascade.Spec) ([]cascade.Opened, error) {
	return func(s cascade.Spec) ([]cascade.Opened, error) {
		takes, label, fails := lunaTakes, "invoice", lunaFails
		if s.Model == flash {
			takes, label, fails = flashTakes, "receipt", false
		}
		return opened(s.Model, func(ctx context.Context, req model.Request) (model.Response, error) {
			calls.Add(1)
			select {
			case <-ctx.Done():
				late := fault.New(fault.Canceled, ctx.Err(), "canceled")
				late.MaybeBilled = true
				return model.Response{}, late
			case <-time.After(takes):
			}
			if fails {
				return model.Response{}, fault.New(fault.Unavailable, nil, "down")
			}
			return always(label, 0.9)(1, req)
		}), nil
	}
}

func TestHedge(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name           string
		setting        string
		luna, flash    time.Duration
		fails          bool
		want           string
		calls          int32
		took           time.Duration
		known          bool // what it cost
		lost, attempts int
	}{
		{"a quick model is asked alone", "hedge: 1s", s / 2, s / 2, false, "invoice", 1, s / 2, true, 0, 1},
		{"a slow one is not waited for", "hedge: 1s", 3 * s, s, false, "receipt", 2, 2 * s, false, 1, 2},
		{"unless it is quicker after all", "hedge: 1s", 2 * s, 3 * s, false, "invoice", 2, 2 * s, false, 1, 2},
		{"nor one that fails late", "hedge: 1s", 2 * s, 2 * s, true, "receipt", 2, 3 * s, true, 0, 2},
		{"by default a slow one is waited for", "retries: 0", 3 * s, s, false, "invoice", 1, 3 * s, true, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				c := cascadeOf(t, tt.setting, slowPair(tt.luna, tt.flash, tt.fails, &calls))
				start := time.Now()
				out, err := c.Run(t.Context(), input(t, words, false))
				if err != nil || out.Classification != tt.want || calls.Load() != tt.calls || time.Since(start) != tt.took {
					t.Errorf("%q after %v and %d calls, %v; want %q after %v and %d", out.Classification, time.Since(start), calls.Load(), err, tt.want, tt.took, tt.calls)
				}
				lost := 0
				for _, a := range out.Attempts {
					if a.Outcome == cascade.Unused {
						lost++
					}
				}
				if lost != tt.lost || len(out.Attempts) != tt.attempts || out.Cost.Known != tt.known || out.Cost.Estimated() == 0 {
					t.Errorf("%d of %d attempts unused at %+v, want %d of %d, known %v", lost, len(out.Attempts), out.Cost, tt.lost, tt.attempts, tt.known)
				}
			})
		})
	}
}

// Repetitions are a tenth of the calls at most, whatever fails, but for a few saved up.
func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		c := cascadeOf(t, "retries: 2", func(s cascade.Spec) ([]cascade.Opened, error) {
			if s.Model != luna {
				return nil, fault.New(fault.NoKey, nil, "no key")
			}
			return opened(luna, func(context.Context, model.Request) (model.Response, error) {
				calls.Add(1)
				return model.Response{}, fault.New(fault.Unavailable, nil, "down")
			}), nil
		})
		const documents = 1000
		for range documents {
			if _, err := c.Run(t.Context(), input(t, words, false)); fault.KindOf(err) != fault.NoModel {
				t.Fatalf("got %v", err)
			}
		}
		if n := calls.Load(); n < documents || n > documents*11/10+10 {
			t.Errorf("%d calls for %d documents, want 1,110 at most", n, documents)
		}
	})
}

// What our own limiter refuses is asked again when it says so, and is no repetition then: nothing
// was sent before.
func TestThrottledComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := fault.New(fault.Throttled, nil, "the limit is reached")
		full.RetryAfter = 3 * time.Second
		refused := false
		c := cascadeOf(t, "retries: 1", func(s cascade.Spec) ([]cascade.Opened, error) {
			if s.Model != luna {
				return nil, fault.New(fault.NoKey, nil, "no key")
			}
			return opened(luna, func(_ context.Context, req model.Request) (model.Response, error) {
				if refused = !refused; refused {
					return model.Response{}, full
				}
				return always("invoice", 0.9)(1, req)
			}), nil
		})
		for i := range 100 {
			begin := time.Now()
			if out, err := c.Run(t.Context(), input(t, words, false)); err != nil || out.Classification != "invoice" || time.Since(begin) != 3*time.Second {
				t.Fatalf("document %d: %q, %v after %v; want an answer after 3s", i, out.Classification, err, time.Since(begin))
			}
		}
	})
}

// A model that breaks down is a failure like any other.
func TestPanic(t *testing.T) {
	c := cascadeOf(t, "retries: 0", func(s cascade.Spec) ([]cascade.Opened, error) {
		return opened(s.Model, func(_ context.Context, req model.Request) (model.Response, error) {
			if s.Model == luna {
				panic("out of ideas")
			}
			return always("invoice", 0.9)(1, req)
		}), nil
	})
	out, err := c.Run(t.Context(), input(t, words, false))
	if err != nil || out.Classification != "invoice" || out.Attempts[0].Error.Code != fault.Internal {
		t.Errorf("%q, %v, %+v", out.Classification, err, out.Attempts)
	}
}

const wary = `
name: wary
version: "1"
confidence: 0.8
stages:
  - name: first
    views: [text]
    models: [{model: google/gemini-3.5-flash-lite}]
  - name: text
    views: [text]
    agree: true
    models: [{model: openai/gpt-6-luna}]
  - name: page
    views: [page_image]
    models: [{model: openai/gpt-6.1-sol}]
`

// Where two models that read the text lean to different categories, the page decides, and when it
// says otherwise than a sure reading of the text, a person should look.
func TestAgree(t *testing.T) {
	tests := []struct {
		name              string
		first, text, page string
		lean              float64
		want              string
		calls             int
		review            cascade.ReviewReason
		upgraded          string
	}{
		{"they agree", "invoice", "invoice", "receipt", 0.7, "invoice", 2, "", "low confidence (0.70)"},
		{"the first one hardly leans", "receipt", "invoice", "receipt", 0.4, "invoice", 2, "", "low confidence (0.40)"},
		{"the first one does not know", "unknown", "invoice", "receipt", 0.7, "invoice", 2, "", "unknown classification"},
		{"the page confirms the second", "receipt", "invoice", "invoice", 0.7, "invoice", 3, "", "low confidence (0.70)"},
		{"the page sides with the first", "receipt", "invoice", "receipt", 0.7, "receipt", 3, cascade.Disagreement, "low confidence (0.70)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){
				flash: always(tt.first, tt.lean), luna: always(tt.text, 0.9), sol: always(tt.page, 0.9),
			}}
			out, err := newCascade(t, wary, f).Run(t.Context(), input(t, words, true))
			if err != nil || out.Classification != tt.want || len(f.calls) != tt.calls || out.Review.Reason != tt.review || out.UpgradeReason != tt.upgraded {
				t.Errorf("%q after %d calls, review %q, upgraded for %q, %v; want %q after %d, %q, %q",
					out.Classification, len(f.calls), out.Review.Reason, out.UpgradeReason, err, tt.want, tt.calls, tt.review, tt.upgraded)
			}
		})
	}
}

// That models decline to judge a document is no outage: what is known of it stands, for a person.
func TestDeclined(t *testing.T) {
	for _, tt := range []struct {
		name string
		sol  fault.Kind
		want cascade.ReviewReason
		fail bool
	}{
		{"all decline", fault.Refused, cascade.Declined, false},
		{"one declines and one is down", fault.Auth, cascade.Degraded, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){
				luna: failing(fault.Refused, 99), sol: failing(tt.sol, 99),
			}}
			out, err := newCascade(t, ladder, f).Run(t.Context(), input(t, words, true))
			if (err != nil) != tt.fail || out.Classification != "unknown" || out.Review.Reason != tt.want || out.Degraded != tt.fail {
				t.Errorf("%q, review %+v, degraded %v, %v", out.Classification, out.Review, out.Degraded, err)
			}
		})
	}
}
