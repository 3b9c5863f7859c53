package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
)

func TestKindOf(t *testing.T) {
	limited := fault.New(fault.RateLimited, errors.New("429"), "slow down")
	limited.RetryAfter = time.Second
	tests := []struct {
		name    string
		err     error
		want    fault.Kind
		message string
		wait    time.Duration
	}{
		{"no error", nil, "", "", 0},
		{"one without a kind says nothing to the caller", errors.New("dial tcp 10.0.0.1"), fault.Internal, "internal error", 0},
		{"a deadline", context.DeadlineExceeded, fault.Timeout, "the deadline passed", 0},
		{"a caller who gave up", fmt.Errorf("read: %w", context.Canceled), fault.Canceled, "canceled", 0},
		{"a wrapped fault keeps its cause to itself", fmt.Errorf("openai: %w", limited), fault.RateLimited, "slow down", time.Second},
		{"the outermost fault counts", fault.New(fault.NoModel, limited, "none left"), fault.NoModel, "none left", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.KindOf(tt.err); got != tt.want {
				t.Errorf("kind %q, want %q", got, tt.want)
			}
			if got := fault.Message(tt.err); got != tt.message {
				t.Errorf("message %q, want %q", got, tt.message)
			}
			if got := fault.RetryAfter(tt.err); got != tt.wait {
				t.Errorf("wait %v, want %v", got, tt.wait)
			}
		})
	}
	if got := limited.Error(); got != "slow down: 429" {
		t.Errorf("Error() = %q, want the message and the cause", got)
	}
}

// Kinds are asked for at every call of a model.
func TestKindOfTakesNoMemory(t *testing.T) {
	var err error = fault.New(fault.Timeout, nil, "late")
	if n := testing.AllocsPerRun(100, func() { fault.KindOf(nil); fault.KindOf(err) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestKinds(t *testing.T) {
	tests := []struct {
		kind              fault.Kind
		http, exit        int
		mayPass, unwell   bool
		alwaysMaybeBilled bool
	}{
		{fault.Invalid, 400, 2, false, false, false},
		{fault.NotFound, 404, 2, false, false, false},
		{fault.Config, 500, 3, false, false, false},
		{fault.Internal, 500, 1, false, false, false},
		{fault.Empty, 400, 1, false, false, false},
		{fault.TooLarge, 413, 1, false, false, false},
		{fault.ManyPixels, 422, 1, false, false, false},
		{fault.Inflated, 422, 1, false, false, false},
		{fault.TooDeep, 422, 1, false, false, false},
		{fault.Doctype, 422, 1, false, false, false},
		{fault.Unsupported, 415, 1, false, false, false},
		{fault.Encrypted, 422, 1, false, false, false},
		{fault.Corrupt, 422, 1, false, false, false},
		{fault.TooComplex, 422, 1, false, false, false},
		{fault.Busy, 429, 1, false, false, false},
		{fault.Canceled, 499, 130, false, false, false},
		{fault.NoModel, 503, 5, false, false, false},
		{fault.RateLimited, 503, 1, true, false, false},
		{fault.Unavailable, 503, 1, true, true, false},
		{fault.Timeout, 504, 1, true, true, false},
		{fault.Quota, 503, 1, false, true, false},
		{fault.Auth, 503, 1, false, true, false},
		{fault.ModelGone, 503, 1, false, true, false},
		{fault.BadOutput, 500, 1, false, false, true},
		{fault.Refused, 500, 1, false, false, true},
		{fault.Rejected, 500, 1, false, false, false},
		{fault.TooLong, 500, 1, false, false, false},
		{fault.Adapted, 500, 1, true, false, false},
		{fault.CircuitOpen, 503, 1, false, false, false},
		{fault.Throttled, 429, 1, true, false, false},
		{fault.Budget, 503, 4, false, false, false},
		{fault.Unrecorded, 503, 1, false, false, false},
		{fault.Storage, 503, 1, false, false, false},
		{fault.StorageFull, 507, 1, false, false, false},
		{fault.Conflict, 409, 1, false, false, false},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			if got := tt.kind.HTTPStatus(); got != tt.http {
				t.Errorf("HTTP status %d, want %d", got, tt.http)
			}
			if got := tt.kind.ExitStatus(); got != tt.exit {
				t.Errorf("exit status %d, want %d", got, tt.exit)
			}
			if got := tt.kind.MayPass(); got != tt.mayPass {
				t.Errorf("may pass %v, want %v", got, tt.mayPass)
			}
			if got := tt.kind.Unhealthy(); got != tt.unwell {
				t.Errorf("unhealthy %v, want %v", got, tt.unwell)
			}
			if got := fault.MaybeBilled(fmt.Errorf("x: %w", fault.New(tt.kind, nil, "x"))); got != tt.alwaysMaybeBilled {
				t.Errorf("maybe billed %v, want %v", got, tt.alwaysMaybeBilled)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	for _, k := range []fault.Kind{fault.Empty, fault.Encrypted, fault.ManyPixels, fault.TooComplex} {
		if !k.Unreadable() {
			t.Errorf("%s is not held to be the document's own fault", k)
		}
	}
	for _, k := range []fault.Kind{"", fault.Internal, fault.Busy, fault.Canceled, fault.Timeout, fault.Unavailable} {
		if k.Unreadable() {
			t.Errorf("%s is held to be the document's own fault", k)
		}
	}
}
