package chat

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift/fault"
)

// maxReply is how much of a reply is read: many times what an answer needs.
const maxReply = 4 << 20

// Call is one request to a provider.
type Call struct {
	URL    string
	Header http.Header // canonical names
	Key    string      // put into KeyHeader behind KeyPrefix, and nowhere else; "" sends none
	Body   []byte      // JSON to post; nil makes it a GET

	KeyHeader, KeyPrefix string

	// Timeout bounds the call from the first byte out to the last byte in. Default: none but ctx's.
	Timeout time.Duration
}

// Reply is what came back, whatever its status.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte

	key string
}

// Exchange makes the call through client, or http.DefaultClient when that is nil. It follows no
// redirect, so that a key goes to nobody else, and never asks again. A failure to get a whole
// reply is fault.Canceled, fault.Timeout, fault.Unavailable, or fault.BadOutput for one
// of more than 4 MiB; a URL that cannot be called is fault.Config.
func Exchange(ctx context.Context, client *http.Client, c Call) (Reply, error) {
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Timeout)
		defer cancel()
	}
	req, err := c.request(ctx)
	if err != nil {
		return Reply{}, err
	}
	var sent atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}))
	direct := *orDefault(client)
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(req)
	if err != nil {
		return Reply{}, transport(ctx, err, sent.Load())
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	switch {
	case garbled(err) && resp.StatusCode != http.StatusOK:
		body = nil // the status says enough
	case garbled(err):
		return Reply{}, bad("the reply is not compressed as it says")
	case err != nil:
		return Reply{}, transport(ctx, err, true)
	case len(body) > maxReply:
		return Reply{}, bad("the reply is longer than %d MiB", maxReply>>20)
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // which some proxies put before it
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: body, key: c.Key}, nil
}

// garbled reports whether a body that should be gzip is not.
func garbled(err error) bool {
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, new(flate.CorruptInputError))
}

func orDefault(c *http.Client) *http.Client {
	if c == nil {
		return http.DefaultClient
	}
	return c
}

func (c Call) request(ctx context.Context) (*http.Request, error) {
	method := http.MethodGet
	if c.Body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL, bytes.NewReader(c.Body))
	if err != nil || req.URL.Host == "" {
		// The error would repeat the address, and addresses can hold passwords.
		return nil, fault.New(fault.Config, nil, "the base URL is not a web address")
	}
	maps.Copy(req.Header, c.Header)
	if c.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	if c.Key != "" {
		req.Header.Set(c.KeyHeader, c.KeyPrefix+c.Key)
	}
	return req, nil
}

// Decode reads the body as JSON into v. What is not JSON is fault.BadOutput.
func (r Reply) Decode(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fault.New(fault.BadOutput, err, "the reply is not the JSON that was expected")
	}
	return nil
}

// Fault returns an error of the given kind for a reply that is none. Code is the provider's own
// word for it, detail its message: that one goes into the cause, which only logs show.
func (r Reply) Fault(kind fault.Kind, code, detail string) *fault.Error {
	what := fmt.Sprintf("status %d", r.Status)
	if code != "" {
		what += " " + cut(r.redact(code), maxQuote)
	}
	var cause error
	// Messages about a wrong key repeat parts of it.
	if detail != "" && kind != fault.Auth {
		cause = errors.New(cut(r.redact(detail), 300))
	}
	e := fault.New(kind, cause, "%s (%s)", phrase(kind), what)
	e.RetryAfter = retryAfter(r.Header)
	// An overloaded provider turns requests away; one that broke may have done the work.
	e.MaybeBilled = kind == fault.Timeout || kind == fault.Unavailable && r.Status != http.StatusServiceUnavailable && r.Status != 529
	return e
}

// redact takes the key out of s. What is shorter than any key would only spoil words.
func (r Reply) redact(s string) string {
	if len(r.key) < 8 {
		return s
	}
	return strings.ReplaceAll(s, r.key, "[key]")
}

func phrase(kind fault.Kind) string {
	switch kind {
	case fault.RateLimited:
		return "the provider limits the rate of requests"
	case fault.Quota:
		return "the account has no credit or has reached its spending limit"
	case fault.Auth:
		return "the provider refuses the key"
	case fault.ModelGone:
		return "the provider has no such model"
	case fault.Rejected:
		return "the provider rejects the request"
	case fault.TooLong:
		return "the request is longer than the model takes"
	case fault.Timeout:
		return "the provider gave up waiting"
	case fault.Refused:
		return "the provider's filter refuses the document"
	}
	return "the provider is not available"
}

// StatusKind returns what an HTTP status other than 200 means at any provider, before
// the codes in the body are looked at. A redirect is as good as no answer.
func StatusKind(status int) fault.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.Auth
	case http.StatusPaymentRequired:
		return fault.Quota
	case http.StatusNotFound:
		return fault.ModelGone
	case http.StatusRequestTimeout:
		return fault.Timeout
	case http.StatusTooManyRequests:
		return fault.RateLimited
	case http.StatusRequestEntityTooLarge:
		return fault.TooLong
	case http.StatusConflict:
		return fault.Unavailable
	}
	if status >= 400 && status < 500 {
		return fault.Rejected
	}
	return fault.Unavailable
}
