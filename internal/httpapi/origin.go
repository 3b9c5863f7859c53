package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/store"
)

// Kinds of requests that a browser was talked into: every web page can reach a server on its
// visitor's machine, and would spend the visitor's money.
const (
	foreignOrigin fault.Kind = "forbidden_origin"
	misdirected   fault.Kind = "misdirected_request"
)

// admit refuses what a page of another site sends, and a name that is not this server's, with
// which such a page could pass for one of ours.
func (a *API) admit(r *http.Request) error {
	if r.Host != "" && len(a.opts.Hosts) > 0 && !slices.Contains(a.opts.Hosts, hostName(r.Host)) {
		return fault.New(misdirected, nil, "this server does not answer for that host name; it does for %s", strings.Join(a.opts.Hosts, ", "))
	}
	if err := new(http.CrossOriginProtection).Check(r); err != nil {
		return fault.New(foreignOrigin, err, "a web page of another site may not use this server")
	}
	return nil
}

// hostName returns what stands before the port, in lower case and without brackets.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// LoopbackHosts returns the Options.Hosts of a server that was told to listen on configured and
// does so on bound: nil unless that is an address that only this machine reaches.
func LoopbackHosts(configured, bound string) []string {
	ip, err := netip.ParseAddr(hostName(bound))
	if err != nil || !ip.IsLoopback() {
		return nil
	}
	hosts := []string{"localhost", "127.0.0.1", "::1", hostName(bound), hostName(configured)}
	slices.Sort(hosts)
	return slices.DeleteFunc(slices.Compact(hosts), func(h string) bool { return h == "" })
}

// ownStatus returns the status of the kinds that only this package has, or 0.
func ownStatus(err error) int {
	switch fault.KindOf(err) {
	case tooSlow:
		return http.StatusRequestTimeout
	case foreignOrigin, forbidden:
		return http.StatusForbidden
	case store.InProgress:
		return http.StatusConflict
	case store.Mismatch:
		return http.StatusUnprocessableEntity
	case misdirected:
		return http.StatusMisdirectedRequest
	case access.Unauthorized:
		return http.StatusUnauthorized
	case rateLimited:
		return http.StatusTooManyRequests
	}
	return 0
}
