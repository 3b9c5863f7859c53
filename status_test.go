package docsift_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// flaky is a model that fails while it has an error.
type flaky struct {
	name  string
	err   error
	calls int
}

func (f *flaky) Name() string { return f.name }

func (f *flaky) Score(_ context.Context, req model.Request) (model.Response, error) {
	f.calls++
	if f.err != nil {
		return model.Response{}, f.err
	}
	return model.Response{Label: "invoice", Confidence: 0.99, Score: model.ScoreStated, Scores: model.Spread(req.Taxonomy, "invoice", 0.99)}, nil
}

var errGone = fault.New(fault.Unavailable, errors.New("503"), "the provider is down")

// sure opens a policy of one stage with the models, and returns how to classify a letter.
func sure(t *testing.T, b cascade.Breaker, models ...model.Model) (*docsift.Classifier, func() error) {
	t.Helper()
	p := cascade.Policy{
		Name: "mine", Version: "1", Confidence: 0.8, Breaker: b,
		Stages: []cascade.Stage{{Name: "only", Views: []cascade.View{cascade.TextView}}},
	}
	for _, m := range models {
		p.Stages[0].Models = append(p.Stages[0].Models, cascade.Spec{Model: m.Name()})
	}
	c := open(t, nil, docsift.Options{Policy: "mine", Policies: []cascade.Policy{p}, Models: models, Taxonomy: "finance"})
	return c, func() error {
		_, err := c.Classify(t.Context(), read(t, letter), docsift.Request{})
		return err
	}
}

// The last model that could answer is asked though its breaker is open, unless the policy fixes
// how long that is.
func TestLastModelIsNotCutOff(t *testing.T) {
	tests := []struct {
		name    string
		breaker cascade.Breaker
		err     error
		calls   int // of eight, a second apart
	}{
		{"by default", cascade.Breaker{Cooldown: time.Minute, MaxCooldown: time.Minute}, errGone, 8},
		{"a fixed cooldown is kept", cascade.Breaker{Failures: 3, Cooldown: 5 * time.Minute}, errGone, 3},
		{"an empty account is left alone", cascade.Breaker{}, fault.New(fault.Quota, nil, "spent"), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &flaky{name: "fake/one", err: tt.err}
				_, classify := sure(t, tt.breaker, m)
				for range 8 {
					if err := classify(); fault.KindOf(err) != fault.NoModel {
						t.Fatalf("error %v, want kind %q", err, fault.NoModel)
					}
					time.Sleep(time.Second)
				}
				if m.calls != tt.calls {
					t.Errorf("%d calls reached the model, want %d", m.calls, tt.calls)
				}
			})
		})
	}
}

func TestOtherModelsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down, up := &flaky{name: "fake/one", err: errGone}, &flaky{name: "fake/two"}
		_, classify := sure(t, cascade.Breaker{Cooldown: time.Minute, MaxCooldown: time.Minute}, down, up)
		for range 10 {
			if err := classify(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if down.calls != 5 || up.calls != 10 {
			t.Errorf("%d calls to the one that is down and %d to the other, want 5 and 10", down.calls, up.calls)
		}
	})
}

func TestForce(t *testing.T) {
	m := &flaky{name: "fake/one"}
	c, classify := sure(t, cascade.Breaker{}, m)
	until := time.Now().Add(time.Hour)
	if err := c.Force("fake/one", docsift.Forced{State: "open", Until: &until, By: "ops", Why: "it bills twice"}); err != nil {
		t.Fatal(err)
	}
	if err := classify(); fault.KindOf(err) != fault.NoModel || !strings.Contains(err.Error(), "shut by hand") || strings.Contains(err.Error(), "ops") || m.calls != 0 {
		t.Errorf("error %v after %d calls, want none", err, m.calls)
	}
	s := c.Models()[0]
	if s.Breaker != "open" || s.Share != 0 || s.Forced == nil || s.Forced.By != "ops" || !s.Forced.Until.Equal(until) {
		t.Errorf("status %+v", s)
	}
	if err := c.Release(""); err != nil {
		t.Fatal(err)
	}
	if err := classify(); err != nil || c.Models()[0].Forced != nil {
		t.Errorf("after the release: %v, status %+v", err, c.Models()[0])
	}
	for state, model := range map[string]string{"open": "fake/two", "ajar": ""} {
		want := map[string]fault.Kind{"open": fault.NotFound, "ajar": fault.Invalid}[state]
		if err := c.Force(model, docsift.Forced{State: state}); fault.KindOf(err) != want {
			t.Errorf("%s of %q: %v, want kind %q", state, model, err, want)
		}
	}
}

// What an operator sees of a breaker, by the names in JSON.
func TestModelStatus(t *testing.T) {
	limited := fault.New(fault.RateLimited, nil, "slow down")
	limited.RetryAfter = time.Minute
	tests := []struct {
		name  string
		err   error
		calls int
		want  map[string]any
	}{
		{"well", nil, 1, map[string]any{"breaker": "closed", "failure_rate": 0.0, "share": 1.0, "parked": false, "limited_until": nil, "forced": nil}},
		{"failing", errGone, 2, map[string]any{"breaker": "closed", "failure_rate": 1.0, "share": 1.0, "failures": 2.0}},
		{"down", errGone, 5, map[string]any{"breaker": "open", "share": 0.0, "parked": false}},
		{"without money", fault.New(fault.Quota, nil, "spent"), 1, map[string]any{"breaker": "open", "share": 0.0, "parked": true}},
		{"rate limited", limited, 1, map[string]any{"breaker": "closed", "failures": 0.0, "limited_until": "2000-01-01T00:01:00Z", "held_until": "2000-01-01T00:01:00Z", "load": 1.0}},
		{"of which no limits are known", nil, 1, map[string]any{"load": 0.0, "limits": []any{}, "waiting": 0.0, "in_flight": 0.0, "concurrency": 32.0, "held_until": nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, classify := sure(t, cascade.Breaker{}, &flaky{name: "fake/one", err: tt.err})
				for range tt.calls {
					classify()
				}
				b, err := json.Marshal(c.Models()[0])
				if err != nil {
					t.Fatal(err)
				}
				var got map[string]any
				if err := json.Unmarshal(b, &got); err != nil {
					t.Fatal(err)
				}
				for name, want := range tt.want {
					if value, ok := got[name]; !ok || !reflect.DeepEqual(value, want) {
						t.Errorf("%s is %v, want %v", name, value, want)
					}
				}
				if rules, _ := got["rules"].(string); !strings.HasPrefix(rules, "opens after 5 failures in a row or 50 % of at least 10 calls") {
					t.Errorf("rules %q", rules)
				}
			})
		})
	}
}

// Who shuts every model off means those that cost something.
func TestForceAllLeavesLocal(t *testing.T) {
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		model string
		shut  bool
	}{{"", false}, {"local", true}} {
		if err := c.Force(tt.model, docsift.Forced{State: "open"}); err != nil {
			t.Fatal(err)
		}
		if s := c.Models()[0]; (s.Forced != nil) != tt.shut {
			t.Errorf("model %q: %+v", tt.model, s)
		}
	}
	if err := c.Release(""); err != nil || c.Models()[0].Forced != nil {
		t.Errorf("released: %v", err)
	}
}
