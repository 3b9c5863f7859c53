package chat_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
)

// canary is a key that must turn up in no error.
const canary = "sk-canary-5e0ff"

func call(url string) chat.Call {
	return chat.Call{URL: url, Key: canary, KeyHeader: "X-Key", KeyPrefix: "Bearer ", Body: []byte(`{}`)}
}

// answering is a client whose other side is f.
func answering(f func(*http.Request) (*http.Response, error)) *http.Client {
	return &http.Client{Transport: roundTripper(f)}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestExchangeSends(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s|%s|%s|%s|%s", r.Method, body, r.Header.Get("X-Key"), r.Header.Get("Content-Type"), r.Header.Get("Accept"), r.Header.Get("X-Version"))
	}))
	defer s.Close()
	tests := []struct {
		name string
		call chat.Call
		want string
	}{
		{"a body as a post", call(s.URL), "POST {}|Bearer " + canary + "|application/json|application/json|"},
		{"no body as a get", chat.Call{URL: s.URL, Header: http.Header{"X-Version": {"7"}}}, "GET |||application/json|7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := chat.Exchange(t.Context(), nil, tt.call)
			if err != nil || got.Status != http.StatusOK || string(got.Body) != tt.want {
				t.Errorf("reply %d %q, %v; want %q", got.Status, got.Body, err, tt.want)
			}
		})
	}
}

func TestExchangeFollowsNoRedirect(t *testing.T) {
	var reached bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	s := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer s.Close()
	got, err := chat.Exchange(t.Context(), s.Client(), call(s.URL))
	if err != nil || got.Status != http.StatusTemporaryRedirect {
		t.Errorf("status %d, %v; want %d", got.Status, err, http.StatusTemporaryRedirect)
	}
	if reached {
		t.Error("the redirect was followed")
	}
}

func TestExchangeFailures(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	selfSigned := httptest.NewTLSServer(nil)
	defer selfSigned.Close()
	serve := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	noName := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "api.invalid", IsNotFound: true}
	}}}
	tests := []struct {
		name   string
		url    string
		client *http.Client
		kind   fault.Kind
		msg    string
		billed bool // maybe
	}{
		{"nobody listens", closed.URL, nil, fault.Unavailable, "refuses the connection", false},
		{"the name is unknown", "http://api.invalid", noName, fault.Unavailable, "cannot be looked up", false},
		{"the certificate is not trusted", selfSigned.URL, nil, fault.Unavailable, "no trusted TLS", false},
		{"the other side speaks no TLS", strings.Replace(serve(nil), "http:", "https:", 1), nil, fault.Unavailable, "", false},
		{"the connection breaks before the reply", serve(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), nil, fault.Unavailable, "broke", true},
		{"the connection breaks within the reply", serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		}), nil, fault.Unavailable, "broke", true},
		{"the reply never ends", serve(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(" ", 5<<20))
		}), nil, fault.BadOutput, "longer than 4 MiB", true},
		{"the reply is not compressed as it says", serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "plain words")
		}), nil, fault.BadOutput, "not compressed", true},
		{"the reply is broken within what is compressed", serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"+strings.Repeat("\xff", 50))
		}), nil, fault.BadOutput, "not compressed", true},
		{"the reply unpacks without end", serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.CopyN(z, blanks{}, 64<<20)
			_ = z.Close()
		}), nil, fault.BadOutput, "longer than 4 MiB", true},
		{"the address is none", "://" + canary, nil, fault.Config, "not a web address", false},
		{"the address has no host", "/v1/" + canary, nil, fault.Config, "not a web address", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := chat.Exchange(t.Context(), tt.client, call(tt.url))
			if fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("error %v (%s), want %s with %q", err, fault.KindOf(err), tt.kind, tt.msg)
			}
			if fault.MaybeBilled(err) != tt.billed {
				t.Errorf("maybe billed %v, want %v", fault.MaybeBilled(err), tt.billed)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("the key is in %v", err)
			}
		})
	}
}

// blanks is white space without end.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// A reply of another status is known by it, whatever its body is.
func TestExchangeOfAGarbledError(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, "plain words")
	}))
	defer s.Close()
	got, err := chat.Exchange(t.Context(), nil, call(s.URL))
	if err != nil || got.Status != http.StatusTooManyRequests || len(got.Body) != 0 {
		t.Errorf("reply %d %q, %v", got.Status, got.Body, err)
	}
}

func TestExchangeEndsInTime(t *testing.T) {
	silent := answering(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	dripping := answering(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: drip{r.Context()}}, nil
	})
	tests := []struct {
		name   string
		client *http.Client
		cancel time.Duration // when the caller gives up; 0 for never
		kind   fault.Kind
		after  time.Duration
	}{
		{"when nothing comes", silent, 0, fault.Timeout, 5 * time.Second},
		{"when a byte comes now and then", dripping, 0, fault.Timeout, 5 * time.Second},
		{"when the caller gives up", silent, time.Second, fault.Canceled, time.Second},
		{"when the caller gives up within the reply", dripping, time.Second, fault.Canceled, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				c := call("http://api.invalid")
				c.Timeout = 5 * time.Second
				start := time.Now()
				_, err := chat.Exchange(ctx, tt.client, c)
				if fault.KindOf(err) != tt.kind || time.Since(start) != tt.after {
					t.Errorf("error %v (%s) after %v, want %s after %v", err, fault.KindOf(err), time.Since(start), tt.kind, tt.after)
				}
			})
		})
	}
}

// drip yields a blank a second until its context ends.
type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	}
}

func (drip) Close() error { return nil }

func TestFaultRetryAfter(t *testing.T) {
	const now = "Sat, 01 Jan 2000 00:00:00 GMT" // when every synctest bubble begins
	tests := []struct {
		name       string
		header, ms string
		want       time.Duration
	}{
		{"seconds", "2", "", 2 * time.Second},
		{"a fraction", "1.5", "", 1500 * time.Millisecond},
		{"milliseconds", "", "250", 250 * time.Millisecond},
		{"milliseconds before seconds", "1", "250", 250 * time.Millisecond},
		{"seconds behind garbage in milliseconds", "2", "soon", 2 * time.Second},
		{"a date", "Sat, 01 Jan 2000 00:01:30 GMT", "", 90 * time.Second},
		{"a date that is past", "Fri, 31 Dec 1999 23:59:00 GMT", "", 0},
		{"this very moment", now, "", 0},
		{"an hour", "3600", "", time.Hour},
		{"a week is cut to a day", "604800", "", 24 * time.Hour},
		{"a century is cut to a day", "Fri, 01 Jan 2100 00:00:00 GMT", "", 24 * time.Hour},
		{"a number past all measure", "1e300", "", 24 * time.Hour},
		{"zero", "0", "", 0},
		{"less than zero", "-5", "", 0},
		{"garbage", "later", "", 0},
		{"not a number", "NaN", "", 0},
		{"infinity", "inf", "", 0},
		{"nothing", "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := http.Header{"Retry-After": {tt.header}, "Retry-After-Ms": {tt.ms}}
				err := chat.Reply{Status: 429, Header: h}.Fault(fault.RateLimited, "", "")
				if got := fault.RetryAfter(err); got != tt.want {
					t.Errorf("waits %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestFaultHidesKey(t *testing.T) {
	client := answering(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 400, Body: io.NopCloser(strings.NewReader(r.Header.Get("X-Key")))}, nil
	})
	reply, err := chat.Exchange(t.Context(), client, call("http://api.invalid"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		kind      fault.Kind
		want      string
		wantCause bool
	}{
		{"in a rejection, but keeps the rest", fault.Rejected, "the provider rejects the request (status 400 Bearer [key]): Bearer [key]", true},
		{"about a key altogether", fault.Auth, "the provider refuses the key (status 400 Bearer [key])", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := reply.Fault(tt.kind, string(reply.Body), string(reply.Body))
			if err.Error() != tt.want {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			if (errors.Unwrap(err) != nil) != tt.wantCause {
				t.Errorf("cause %v", errors.Unwrap(err))
			}
		})
	}
}

func TestStatusKind(t *testing.T) {
	tests := []struct {
		status int
		want   fault.Kind
	}{
		{302, fault.Unavailable}, {400, fault.Rejected}, {401, fault.Auth}, {402, fault.Quota}, {403, fault.Auth},
		{404, fault.ModelGone}, {408, fault.Timeout}, {409, fault.Unavailable}, {413, fault.TooLong}, {422, fault.Rejected},
		{429, fault.RateLimited}, {500, fault.Unavailable}, {502, fault.Unavailable}, {503, fault.Unavailable},
		{504, fault.Unavailable}, {529, fault.Unavailable}, {204, fault.Unavailable},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			if got := chat.StatusKind(tt.status); got != tt.want {
				t.Errorf("kind %q, want %q", got, tt.want)
			}
		})
	}
}
