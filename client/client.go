// Package client is a client of docsift's HTTP API. It sends documents, waits for answers, and
// works through batches; it comes back by itself when a server is busy.
package client

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// Options says where a server is, and how it is asked. Only URL is needed.
type Options struct {
	// URL is the server's address, such as https://docsift.example.com.
	URL string

	// Key is an API key; "" where the server asks for none. It is sent to the server alone.
	Key string

	// MaxBytes is the largest document that is read to be sent. Default document.DefaultMaxBytes.
	MaxBytes int64

	// Retries is how often a request is sent again that the server had no room for. Default 6;
	// below 0: never.
	Retries int

	// MaxWait is the longest that a server's Retry-After is waited for; where it asks for more, the
	// error tells so. Default 2m.
	MaxWait time.Duration

	// HTTP sends the requests. Default: one with a connection pool of its own.
	HTTP *http.Client

	// UserAgent names the program to the server. Default docsift-client.
	UserAgent string
}

// Client asks one server. It is safe for concurrent use.
//
// Its errors are of a kind in package fault, which is the code of the server's problem where it
// has told one: fault.KindOf(err), fault.Message(err) and fault.RetryAfter(err) say the rest. A
// server that cannot be reached is fault.Unavailable.
type Client struct {
	opts Options
	base *url.URL
	http *http.Client
}

// New returns a Client. It sends nothing yet. An address that is none is fault.Config.
func New(o Options) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(o.URL), "/"))
	switch {
	case err != nil: // which may repeat a password
		return nil, fault.New(fault.Config, nil, "the address of the server is none: it begins with http:// or https://")
	case u.User != nil:
		return nil, fault.New(fault.Config, nil, "the address of the server has a name or password in it: give an API key instead")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, fault.New(fault.Config, nil, "%q is no address of a server: it begins with http:// or https://", o.URL)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fault.New(fault.Config, nil, "%q is no address of a server: it ends before ? and #", o.URL)
	case strings.ContainsFunc(o.Key, func(c rune) bool { return c <= ' ' || c > '~' }):
		return nil, fault.New(fault.Config, nil, "the API key has characters that no key has")
	}
	o.MaxBytes = cmp.Or(max(o.MaxBytes, 0), document.DefaultMaxBytes)
	o.Retries = cmp.Or(o.Retries, 6)
	o.MaxWait = cmp.Or(o.MaxWait, 2*time.Minute)
	o.UserAgent = cmp.Or(o.UserAgent, "docsift-client")
	c := &Client{opts: o, base: u, http: &http.Client{}}
	if o.HTTP != nil {
		*c.http = *o.HTTP
	} else {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 64 // they all go to one host
		t.ResponseHeaderTimeout = 5 * time.Minute
		c.http.Transport = t
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// problem is an error of the API, after RFC 9457, with what a document cost that failed.
type problem struct {
	Code   fault.Kind `json:"code"`
	Detail string     `json:"detail"`

	ID       string          `json:"id"`
	Usage    json.RawMessage `json:"usage"`
	Cost     json.RawMessage `json:"cost"`
	Attempts json.RawMessage `json:"attempts"`
}

// problemError is what a server answered instead of what it was asked for.
type problemError struct {
	fault  *fault.Error
	status int
	told   problem
}

// Error returns what the server says.
func (e *problemError) Error() string { return e.fault.Error() }

// Unwrap returns the error with its kind.
func (e *problemError) Unwrap() error { return e.fault }

// codeOf is for answers that are no problems: of proxies, or of servers that are none of ours.
func codeOf(status int) fault.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.Auth
	case http.StatusNotFound:
		return fault.NotFound
	case http.StatusTooManyRequests:
		return fault.Busy
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	}
	if status >= http.StatusInternalServerError {
		return fault.Unavailable
	}
	return fault.Config
}

// refusal makes an error of an answer that is none.
func refusal(resp *http.Response, body []byte) *problemError {
	var p problem
	_ = json.Unmarshal(body, &p) // what it leaves out is made up for
	e := &problemError{status: resp.StatusCode, told: p}
	if p.Code == "" {
		p.Code = codeOf(resp.StatusCode)
	}
	detail := fmt.Sprintf("the server answers with %s", resp.Status)
	if to := resp.Header.Get("Location"); to != "" && resp.StatusCode/100 == 3 {
		detail = fmt.Sprintf("the server says that it is at %.200q: use that address", to)
	}
	e.fault = fault.New(p.Code, nil, "%s", cmp.Or(p.Detail, detail))
	e.fault.RetryAfter = retryAfter(resp.Header.Get("Retry-After"))
	return e
}
