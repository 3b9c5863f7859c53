package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/docsift/docsift/fault"
)

// maxAnswer is how large an answer may be that is held in memory.
const maxAnswer = 64 << 20

// call is a request that can be sent more than once.
type call struct {
	method, path string
	query        url.Values
	header       http.Header
	body         [][]byte // sent one after the other; nil for none

	// safe says that it does no harm to carry it out twice, so that it is sent again when nobody
	// knows whether it came through.
	safe bool
}

func (c *Client) get(ctx context.Context, path string, query url.Values, to any) error {
	return c.do(ctx, call{method: http.MethodGet, path: path, query: query, safe: true}, to)
}

// post sends JSON; nil for none.
func (c *Client) post(ctx context.Context, path string, body, to any) error {
	in := call{method: http.MethodPost, path: path}
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in.body, in.header = [][]byte{b}, http.Header{"Content-Type": {"application/json"}}
	}
	return c.do(ctx, in, to)
}

// do sends a request and reads its answer.
func (c *Client) do(ctx context.Context, in call, to any) error {
	resp, err := c.send(ctx, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return c.broken(ctx, err)
	case len(b) > maxAnswer:
		return fault.New(fault.BadOutput, nil, "the server's answer is larger than %d bytes", maxAnswer)
	}
	if err := json.Unmarshal(b, to); err != nil {
		return fault.New(fault.BadOutput, err, "what answers at %s is no docsift server, or one of another version", c.base.Host)
	}
	return nil
}

// send sends a request until it is answered with success, the retries are spent or ctx would end
// before the next one.
func (c *Client) send(ctx context.Context, in call) (*http.Response, error) {
	for tries := 0; ; tries++ {
		resp, err := c.once(ctx, in)
		if err == nil {
			return resp, nil
		}
		wait, again := c.again(err, in, tries)
		if end, bound := ctx.Deadline(); !again || ctx.Err() != nil || bound && time.Until(end) < wait {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(wait):
		}
	}
}

// again reports whether and when a request is to be sent again: when the server was busy, and where
// that does no harm when it cannot be reached. What models were asked already is not asked again.
func (c *Client) again(err error, in call, tries int) (time.Duration, bool) {
	if tries >= c.opts.Retries {
		return 0, false
	}
	p, answered := errors.AsType[*problemError](err)
	switch {
	case !answered && !(in.safe && fault.KindOf(err) == fault.Unavailable):
		return 0, false
	case answered && !p.passes(in.safe):
		return 0, false
	}
	wait := fault.RetryAfter(err)
	if wait == 0 {
		wait = 250 * time.Millisecond << min(tries, 6)
		wait = wait/2 + rand.N(wait/2)
	}
	return wait, wait <= c.opts.MaxWait
}

// passes reports whether the same request may do better soon.
func (e *problemError) passes(safe bool) bool {
	switch e.status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable:
		return len(e.told.Attempts) == 0
	case http.StatusConflict: // the first try is still under way, and will have the answer
		return e.told.Code == "idempotency_in_progress"
	case http.StatusBadGateway, http.StatusGatewayTimeout: // of a proxy
		return safe && e.told.Code == ""
	}
	return false
}

// once sends a request once.
func (c *Client) once(ctx context.Context, in call) (*http.Response, error) {
	to := c.base.JoinPath(in.path)
	to.RawQuery = in.query.Encode()
	req, err := http.NewRequestWithContext(ctx, in.method, to.String(), nil)
	if err != nil {
		return nil, fault.New(fault.Config, err, "%s is no address", to)
	}
	for name, values := range in.header {
		req.Header[name] = values
	}
	in.fill(req)
	req.Header.Set("User-Agent", c.opts.UserAgent)
	if c.opts.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.opts.Key)
	}
	return c.exchange(req)
}

// exchange sends req and takes no answer but success.
func (c *Client) exchange(req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.broken(req.Context(), err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, c.broken(req.Context(), err)
	}
	return nil, refusal(resp, body)
}

// fill gives req the body, in a way that it can be sent again.
func (in call) fill(req *http.Request) {
	if in.body == nil {
		return
	}
	for _, b := range in.body {
		req.ContentLength += int64(len(b))
	}
	req.GetBody = func() (io.ReadCloser, error) {
		parts := make([]io.Reader, len(in.body))
		for i, b := range in.body {
			parts[i] = bytes.NewReader(b)
		}
		return io.NopCloser(io.MultiReader(parts...)), nil
	}
	req.Body, _ = req.GetBody()
}

// broken says why there is no answer.
func (c *Client) broken(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.New(fault.Canceled, err, "interrupted")
	case ctx.Err() != nil:
		return fault.New(fault.Timeout, err, "the server at %s has not answered in time", c.base.Host)
	}
	return fault.New(fault.Unavailable, err, "no server answers at %s", c.base.Host)
}

// retryAfter reads the header: seconds or a date.
func retryAfter(s string) time.Duration {
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
