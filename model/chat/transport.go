package chat

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/docsift/docsift/fault"
)

// transport classifies an error that left no whole reply. Sent says whether the request had left
// by then, so that it may have been billed.
func transport(ctx context.Context, err error, sent bool) error {
	e := classify(ctx, err)
	e.MaybeBilled = sent
	return e
}

func classify(ctx context.Context, err error) *fault.Error {
	// A url.Error repeats the address, which is the operator's business.
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.New(fault.Canceled, err, "canceled")
	case ctx.Err() != nil || errors.As(err, &timeout) && timeout.Timeout():
		return fault.New(fault.Timeout, err, "the provider did not answer in time")
	}
	return fault.New(fault.Unavailable, err, "%s", reason(err))
}

func reason(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the provider refuses the connection"
	case errors.As(err, new(*net.DNSError)):
		return "the provider's address cannot be looked up"
	case isTLS(err):
		return "no trusted TLS connection to the provider"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection to the provider broke"
	}
	return "the provider cannot be reached"
}

func isTLS(err error) bool {
	return errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.As(err, new(tls.RecordHeaderError)) ||
		errors.As(err, new(tls.AlertError)) ||
		errors.As(err, new(x509.UnknownAuthorityError)) ||
		errors.As(err, new(x509.HostnameError))
}

// maxWait is the longest wait that is believed.
const maxWait = 24 * time.Hour

// retryAfter returns how long the headers ask to wait, or 0 when they say nothing sensible.
// The one in milliseconds is the finer.
func retryAfter(h http.Header) time.Duration {
	if d := wait(h.Get("Retry-After-Ms"), time.Millisecond); d > 0 {
		return d
	}
	value := h.Get("Retry-After")
	if d := wait(value, time.Second); d > 0 {
		return d
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(time.Until(at), 0), maxWait)
}

// wait reads a number of units.
func wait(value string, unit time.Duration) time.Duration {
	n, ok := number64(strings.TrimSpace(value))
	if !ok || n <= 0 {
		return 0
	}
	return time.Duration(min(n*float64(unit), float64(maxWait)))
}
