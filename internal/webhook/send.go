package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxAnswer is how many bytes are read of an answer, to no purpose but to hear its end.
const maxAnswer = 64 << 10

// errForbidden is the error of an address that must not be reached.
var errForbidden = errors.New("the address is not one that events are sent to")

// newClient returns a client that reaches what is allowed and follows nobody elsewhere.
func newClient(a allowed, resolver *net.Resolver, roots *x509.CertPool) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            a.dialer(resolver),
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxAnswer,
			MaxIdleConns:           256,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        30 * time.Second,
		},
	}
}

// dialer returns a dial function that looks at each address when it is about to be connected to, so
// that it does not matter how it was come by.
func (a allowed) dialer(resolver *net.Resolver) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, errForbidden
		}
		anywhere := a.host(strings.ToLower(host), uint16(n))
		d := net.Dialer{Resolver: resolver, Control: func(network, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !strings.HasPrefix(network, "tcp") || !anywhere && !a.connects(to) {
				return errForbidden
			}
			return nil
		}}
		return d.DialContext(ctx, network, address)
	}
}

func (a allowed) connects(to netip.AddrPort) bool {
	return a.ip(to.Addr(), to.Port()) || public(to.Addr()) && a.port(to.Port())
}

// answer is what a receiver said.
type answer struct {
	status int
	wait   time.Duration // that it asked for; 0 for none
}

// send posts a body. An error is for the log: it may say what is none of the tenant's business.
func (d *Deliverer) send(ctx context.Context, address string, header http.Header, body string) (answer, error) {
	if err := d.Check(address); err != nil {
		return answer{}, fmt.Errorf("%w: %w", errForbidden, err)
	}
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header = header
	resp, err := d.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	io.CopyN(io.Discard, resp.Body, maxAnswer) // what it says counts, and not how it ends
	return answer{resp.StatusCode, retryAfter(resp.Header.Get("Retry-After"), time.Now())}, nil
}

// retryAfter reads seconds or a moment. What is neither is 0.
func retryAfter(value string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}

// reason returns what may be logged of an error: not what the receiver said.
func reason(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	var connection *net.OpError
	var certificate *tls.CertificateVerificationError
	if err == nil || errors.Is(err, errForbidden) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &connection) || errors.As(err, &certificate) {
		return err
	}
	return errors.New("it did not answer in HTTP")
}
