package cascade_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

func TestRetries(t *testing.T) {
	tests := []struct {
		name  string
		kind  fault.Kind
		fails int
		calls int
		least time.Duration // that it takes
		want  string
	}{
		{"a failure that may pass is tried again", fault.Unavailable, 1, 2, 125 * time.Millisecond, "invoice"},
		{"and again, after a longer wait", fault.Timeout, 2, 3, 375 * time.Millisecond, "invoice"},
		{"but no more often than the policy says", fault.RateLimited, 99, 3, 0, ""},
		{"a failure that does not pass is not", fault.Auth, 99, 1, 0, ""},
		{"nor a refusal, which is no failure", fault.Refused, 99, 1, 0, "unknown"},
		{"an answer that is none is asked for once more", fault.BadOutput, 1, 2, 0, "invoice"},
		{"but not twice", fault.BadOutput, 99, 2, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: failing(tt.kind, tt.fails)}}
				policy, _, _ := strings.Cut(ladder, "  - name: page")
				policy = strings.Replace(policy, "stages:", "reask: true\nstages:", 1)
				start := time.Now()
				out, err := newCascade(t, policy, f).Run(t.Context(), input(t, words, false))
				if (err == nil) != (tt.want != "") || err == nil && out.Classification != tt.want {
					t.Errorf("%q, %v; want %q", out.Classification, err, tt.want)
				}
				if len(f.calls) != tt.calls {
					t.Errorf("%d calls, want %d", len(f.calls), tt.calls)
				}
				if took := time.Since(start); took < tt.least || took > 2*time.Second {
					t.Errorf("took %v, want at least %v and not much more", took, tt.least)
				}
			})
		})
	}
}

// A provider that says when to come back is asked then, if the document's deadline allows it.
func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after time.Duration
		calls int
	}{
		{"within the deadline", 3 * time.Second, 2},
		{"beyond the deadline", time.Hour, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				busy := fault.New(fault.RateLimited, nil, "slow down")
				busy.RetryAfter = tt.after
				f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){
					luna: func(n int, req model.Request) (model.Response, error) {
						if n == 1 {
							return model.Response{}, busy
						}
						return always("invoice", 0.9)(n, req)
					},
				}}
				policy, _, _ := strings.Cut(ladder, "  - name: page")
				policy = strings.Replace(policy, "stages:", "reask: true\nstages:", 1)
				start := time.Now()
				newCascade(t, policy, f).Run(t.Context(), input(t, words, false))
				if len(f.calls) != tt.calls {
					t.Errorf("%d calls, want %d", len(f.calls), tt.calls)
				}
				if tt.calls == 2 && time.Since(start) < tt.after {
					t.Errorf("asked again after %v, want %v", time.Since(start), tt.after)
				}
			})
		})
	}
}

// The policy's deadline is for all stages together. What was known by then stands.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := cascade.ParsePolicy("test.yaml", []byte(strings.Replace(ladder, "deadline: 10s", "deadline: 1s", 1)), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		c, err := cascade.New(p, cascade.Options{Open: func(s cascade.Spec) ([]cascade.Opened, error) {
			return opened(s.Model, func(ctx context.Context, req model.Request) (model.Response, error) {
				if calls++; calls == 1 {
					return always("invoice", 0.5)(1, req)
				}
				<-ctx.Done()
				return model.Response{}, fault.New(fault.Timeout, ctx.Err(), "no answer in time")
			}), nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		out, err := c.Run(t.Context(), input(t, words, true))
		if err != nil || out.Classification != "invoice" || !out.Degraded || !out.UpgradeFailed {
			t.Errorf("%+v, %v; want the first answer, degraded", out, err)
		}
		if took := time.Since(start); took != time.Second || calls < 3 {
			t.Errorf("took %v and %d calls, want the deadline of 1s, of which no call takes more than 400 ms", took, calls)
		}
	})
}

// A caller who leaves when the answer is there gets it all the same: it is paid for.
func TestCanceledAfterTheAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){
		luna: func(n int, req model.Request) (model.Response, error) {
			cancel()
			return always("invoice", 0.9)(n, req)
		},
	}}
	out, err := newCascade(t, ladder, f).Run(ctx, input(t, words, true))
	if err != nil || out.Classification != "invoice" {
		t.Errorf("%q, %v; want the answer", out.Classification, err)
	}
}

// One model is asked about one document three times at most, however many retries there are,
// and one that said when to come back is not asked before.
func TestTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hour := fault.New(fault.RateLimited, nil, "in an hour")
		hour.RetryAfter = time.Hour
		f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){
			luna:  func(int, model.Request) (model.Response, error) { return model.Response{}, hour },
			flash: failing(fault.Unavailable, 99),
		}}
		policy, _, _ := strings.Cut(strings.Replace(ladder, "retries: 2", "retries: 9", 1), "  - name: page")
		_, err := newCascade(t, policy, f).Run(t.Context(), input(t, words, false))
		if got, want := f.models(), []string{luna, flash, flash, flash}; !slices.Equal(got, want) {
			t.Errorf("calls %q, want %q", got, want)
		}
		if got := fault.RetryAfter(err); got != time.Hour {
			t.Errorf("the error asks to wait %v, want the model's hour", got)
		}
	})
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: failing(fault.Canceled, 99)}}
	if _, err := newCascade(t, ladder, f).Run(ctx, input(t, words, true)); fault.KindOf(err) != fault.Canceled {
		t.Errorf("error %v, want kind %q", err, fault.Canceled)
	}
	if len(f.calls) > 1 {
		t.Errorf("%d calls after the caller gave up", len(f.calls))
	}
}

// What a breaker refuses because of a rate limit is asked when that ends; what it refuses for
// another reason is not waited for.
func TestRefusedByBreaker(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cause error
		calls int
	}{
		{"for a rate limit", fault.New(fault.RateLimited, nil, "slow down"), 2},
		{"for failures", nil, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				refused := fault.New(fault.CircuitOpen, tt.cause, "not now")
				refused.RetryAfter = 3 * time.Second
				f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){
					luna: func(n int, req model.Request) (model.Response, error) {
						if n == 1 {
							return model.Response{}, refused
						}
						return always("invoice", 0.9)(n, req)
					},
				}}
				policy, _, _ := strings.Cut(ladder, "  - name: page")
				policy = strings.Replace(policy, "stages:", "reask: true\nstages:", 1)
				start := time.Now()
				newCascade(t, policy, f).Run(t.Context(), input(t, words, false))
				if len(f.calls) != tt.calls || tt.calls == 2 && time.Since(start) < 3*time.Second {
					t.Errorf("%d calls in %v, want %d", len(f.calls), time.Since(start), tt.calls)
				}
			})
		})
	}
}
