package breaker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/modeltest"
)

var errDown = fault.New(fault.Unavailable, errors.New("503"), "the provider is down")

func TestBreaker(t *testing.T) {
	limited := fault.New(fault.RateLimited, nil, "slow down")
	refused := fault.New(fault.Refused, nil, "no")
	tests := []struct {
		name      string
		replies   []error // of the inner model, in order; then nil
		calls     int
		wait      time.Duration // before the last call
		wantInner int
		wantErr   fault.Kind // of the last call
		wantState breaker.State
	}{
		{"stays closed below the limit", []error{errDown, nil, errDown, nil}, 4, 0, 4, "", breaker.Closed},
		{"opens at the limit", []error{errDown, errDown}, 3, 0, 2, fault.CircuitOpen, breaker.Open},
		{"does not count rate limits", []error{limited, limited, limited}, 3, 0, 3, fault.RateLimited, breaker.Closed},
		{"does not count refusals", []error{refused, refused}, 3, 0, 3, "", breaker.Closed},
		{"does not count callers who give up", []error{context.Canceled, context.Canceled}, 3, 0, 3, "", breaker.Closed},
		{"counts deadlines", []error{context.DeadlineExceeded, context.DeadlineExceeded}, 3, 0, 2, fault.CircuitOpen, breaker.Open},
		{"refuses until the cooldown ends", []error{errDown, errDown}, 3, 5*time.Minute - 1, 2, fault.CircuitOpen, breaker.Open},
		{"lets a probe through after the cooldown and closes", []error{errDown, errDown}, 3, 5 * time.Minute, 3, "", breaker.Closed},
		{"opens again when the probe fails", []error{errDown, errDown, errDown}, 3, 5 * time.Minute, 3, fault.Unavailable, breaker.Open},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // time moves only when every goroutine waits
				inner := 0
				b := breaker.New(breaker.Options{Failures: 2, Cooldown: 5 * time.Minute})
				m := b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
					inner++
					if inner <= len(tt.replies) {
						return model.Response{}, tt.replies[inner-1]
					}
					return model.Response{}, nil
				}))

				var err error
				for i := range tt.calls {
					if i == tt.calls-1 {
						time.Sleep(tt.wait)
					}
					_, err = m.Score(t.Context(), model.Request{})
				}
				if got := fault.KindOf(err); got != tt.wantErr {
					t.Errorf("last call: kind %q, want %q", got, tt.wantErr)
				}
				if inner != tt.wantInner {
					t.Errorf("inner model called %d times, want %d", inner, tt.wantInner)
				}
				if got := b.Status().State; got != tt.wantState {
					t.Errorf("state %q, want %q", got, tt.wantState)
				}
			})
		})
	}
}

func TestOnlyOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := 0
		b := breaker.New(breaker.Options{Failures: 1, Cooldown: time.Minute, Probe: 10 * time.Second})
		m := b.Guard(modeltest.Func(func(ctx context.Context, _ model.Request) (model.Response, error) {
			if inner++; inner == 1 {
				return model.Response{}, errDown
			}
			<-ctx.Done()
			return model.Response{}, ctx.Err()
		}))
		m.Score(t.Context(), model.Request{})
		time.Sleep(time.Minute)

		ctx, cancel := context.WithCancel(t.Context())
		go m.Score(ctx, model.Request{}) // the probe, which never comes back by itself
		synctest.Wait()
		if got := b.Status().State; got != breaker.HalfOpen {
			t.Errorf("state during the probe %q, want %q", got, breaker.HalfOpen)
		}
		if _, err := m.Score(t.Context(), model.Request{}); fault.KindOf(err) != fault.CircuitOpen {
			t.Errorf("second call during the probe: %v, want it refused", err)
		}
		if inner != 2 {
			t.Errorf("%d calls reached the model, want 2: the failure and one probe", inner)
		}
		time.Sleep(10 * time.Second) // the probe's lease ends, another may try
		go m.Score(ctx, model.Request{})
		synctest.Wait()
		if inner != 3 {
			t.Errorf("%d calls after the lease, want 3", inner)
		}
		cancel()
	})
}

func TestStatusNamesTheLastError(t *testing.T) {
	b := breaker.New(breaker.Options{Failures: 1})
	m := b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
		return model.Response{}, errDown
	}))
	m.Score(t.Context(), model.Request{})
	s := b.Status()
	if s.LastError != "the provider is down" || s.Failures != 1 || s.Until.IsZero() || s.LastAt.IsZero() {
		t.Errorf("status %+v", s)
	}
}

// A failure that time alone does not mend opens the breaker at once, and for longer.
func TestParks(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Quota, fault.Auth, fault.ModelGone} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := 0
				b := breaker.New(breaker.Options{Failures: 5, Cooldown: time.Second})
				m := b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
					inner++
					return model.Response{}, fault.New(kind, nil, "no")
				}))
				for range 10 {
					m.Score(t.Context(), model.Request{})
					time.Sleep(time.Minute)
				}
				if inner != 2 {
					t.Errorf("%d calls in ten minutes, want one and a probe after five", inner)
				}
			})
		})
	}
}

// blocking is a model whose calls end when told, each as told.
type blocking struct{ calls []chan error }

func (b *blocking) score(ctx context.Context, _ model.Request) (model.Response, error) {
	end := make(chan error, 1)
	b.calls = append(b.calls, end)
	select {
	case err := <-end:
		return model.Response{}, err
	case <-ctx.Done():
		return model.Response{}, ctx.Err()
	}
}

// A call says something of the state in which it began, and of no later one.
func TestLateResults(t *testing.T) {
	open := func(t *testing.T) (*breaker.Breaker, *blocking, func(context.Context)) {
		inner := &blocking{}
		b := breaker.New(breaker.Options{Failures: 2, Cooldown: time.Minute})
		m := b.Guard(modeltest.Func(inner.score))
		return b, inner, func(ctx context.Context) {
			go m.Score(ctx, model.Request{})
			synctest.Wait()
		}
	}
	t.Run("late failures do not extend an open breaker", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, inner, call := open(t)
			for range 4 {
				call(t.Context())
			}
			inner.calls[0] <- errDown
			inner.calls[1] <- errDown
			synctest.Wait()
			until := b.Status().Until
			time.Sleep(30 * time.Second)
			inner.calls[2] <- errDown
			inner.calls[3] <- errDown
			synctest.Wait()
			if s := b.Status(); !s.Until.Equal(until) || s.Failures != 2 {
				t.Errorf("open until %v after %d failures, want %v after 2", s.Until, s.Failures, until)
			}
		})
	})
	t.Run("a late success does not close it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, inner, call := open(t)
			for range 3 {
				call(t.Context())
			}
			inner.calls[0] <- errDown
			inner.calls[1] <- errDown
			synctest.Wait()
			inner.calls[2] <- nil
			synctest.Wait()
			if got := b.Status().State; got != breaker.Open {
				t.Errorf("state %q, want %q", got, breaker.Open)
			}
		})
	})
	t.Run("a late cancellation does not end the probe's lease", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, inner, call := open(t)
			ctx, cancel := context.WithCancel(t.Context())
			call(ctx)
			call(t.Context())
			call(t.Context())
			inner.calls[1] <- errDown
			inner.calls[2] <- errDown
			time.Sleep(time.Minute)
			call(t.Context()) // the probe
			cancel()
			synctest.Wait()
			call(t.Context())
			if len(inner.calls) != 4 {
				t.Errorf("%d calls reached the model, want 4: one probe at a time", len(inner.calls))
			}
			inner.calls[3] <- nil
		})
	})
}

// The caller's own deadline says nothing of the provider, unless it was long.
func TestCallersDeadline(t *testing.T) {
	tests := []struct {
		name     string
		deadline time.Duration
		calls    int // that reach the model
		state    breaker.State
	}{
		{"a short one", 20 * time.Millisecond, 4, breaker.Closed},
		{"a long one", 20 * time.Second, 2, breaker.Open},
		{"one that has passed", 0, 0, breaker.Closed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := &blocking{}
				b := breaker.New(breaker.Options{Failures: 2, Cooldown: time.Hour})
				m := b.Guard(modeltest.Func(inner.score))
				for range 4 {
					ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
					m.Score(ctx, model.Request{})
					cancel()
				}
				if got := b.Status().State; got != tt.state || len(inner.calls) != tt.calls {
					t.Errorf("state %q after %d calls, want %q after %d", got, len(inner.calls), tt.state, tt.calls)
				}
			})
		})
	}
}
