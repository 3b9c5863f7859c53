package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/docsift/docsift/internal/store"
)

// What tests look at from near by.
var (
	Sign         = sign
	RetryAfter   = retryAfter
	ErrForbidden = errForbidden
)

// Judge returns the outcome of the nth attempt, to which a receiver gave an answer.
func Judge(status int, wait time.Duration, nth int) store.Outcome {
	return outcome(answer{status, wait}, nth)
}

// Send posts nothing to an address.
func (d *Deliverer) Send(ctx context.Context, address string) error {
	_, err := d.send(ctx, address, http.Header{}, "")
	return err
}

// SendUnchecked posts nothing to an address that nobody has looked at.
func (d *Deliverer) SendUnchecked(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
