// Package fault classifies errors, so that every door answers the same questions
// in the same way: which code, which HTTP status, which exit status, whether to
// ask again, and whether the provider is to blame.
package fault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Error pairs a Kind with a message that is safe to show to the caller.
type Error struct {
	Kind Kind
	Msg  string
	Err  error // cause, for logs only

	// RetryAfter is how long the other side asked us to wait; 0 when it did not say.
	RetryAfter time.Duration

	// SlowDown says of a rate limit that the traffic grew too fast: it is to start lower and grow slowly.
	SlowDown bool

	// MaybeBilled says that a provider may have taken the request and charge for it, though
	// no usable answer came back.
	MaybeBilled bool
}

// New returns an Error. The cause may be nil.
func New(k Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: k, Msg: fmt.Sprintf(format, args...), Err: cause}
}

// Error returns the message followed by its cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Msg
	}
	return e.Msg + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the Kind of the outermost Error in err's tree.
// A nil err has no Kind; an unclassified one is Internal.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*Error](err)
	switch {
	case ok:
		return e.Kind
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	return Internal
}

// Message returns what the caller may see of err: never a cause, never an internal detail.
func Message(err error) string {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Msg
	}
	switch KindOf(err) {
	case Canceled:
		return "canceled"
	case Timeout:
		return "the deadline passed"
	}
	return "internal error"
}

// MaybeBilled reports whether the outermost Error in err's tree may have cost money: an answer
// that came and is none always may.
func MaybeBilled(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.MaybeBilled || e.Kind == BadOutput || e.Kind == Refused)
}

// RetryAfter returns how long the outermost Error in err's tree asks to wait, or 0.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
