package webhook

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/docsift/docsift/fault"
)

// maxURL is how long an address may be, in bytes.
const maxURL = 2048

// Check says why events cannot be sent to an address, as fault.Invalid: it is not https, it has a
// user or a port of its own, or its host is an address of a private network or no name at all. What
// a name stands for is looked at when something is sent.
func (d *Deliverer) Check(address string) error { return d.allow.check(address) }

func (a allowed) check(address string) error {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL {
		return refuse("it is no address, or one of more than %d bytes", maxURL) // the error would repeat it
	}
	port, err := portOf(u)
	switch {
	case u.Opaque != "" || u.Hostname() == "" || err != nil:
		return refuse("it is no address such as https://example.com/hooks")
	case u.User != nil:
		return refuse("it has a user or a password in it: the signature says who sends")
	case u.Fragment != "":
		return refuse("what follows # would not be sent")
	}
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	listed := a.host(host, port) || err == nil && a.ip(ip, port)
	switch {
	case listed && (u.Scheme == "https" || u.Scheme == "http"):
		return nil
	case u.Scheme != "https":
		return refuse("only https:// is possible")
	case err == nil && !public(ip):
		return refuse("events are not sent to addresses of private networks")
	case err != nil && !isName(host):
		return refuse("its host is no name such as example.com")
	case !a.port(port):
		return refuse("only port 443 is possible")
	}
	return nil
}

func refuse(format string, args ...any) error {
	return fault.New(fault.Invalid, nil, "url: %s", fmt.Sprintf(format, args...))
}

// portOf returns the port of an address, or that of its scheme.
func portOf(u *url.URL) (uint16, error) {
	text := u.Port()
	switch {
	case text == "" && u.Scheme == "http":
		return 80, nil
	case text == "":
		return 443, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return uint16(n), err
}

// name is what a host name looks like: its last label has a letter first, unlike the forms of
// addresses that some resolvers take, such as 0x7f.1 and 2130706433.
var name = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?\.?$`)

func isName(host string) bool { return len(host) <= 253 && name.MatchString(host) }

// public reports whether an address belongs to somebody on the Internet, and leads nowhere else.
func public(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	if ip.Is6() && !unicast.Contains(ip) {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// unicast is all of IPv6 that is handed out. Outside of it are loopback, unspecified, local and
// multicast addresses, and those that carry one of IPv4: ::/96, 64:ff9b::/96 and 64:ff9b:1::/48.
var unicast = netip.MustParsePrefix("2000::/3")

// special are the ranges of IANA's special-purpose registries that are not for everybody.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
	"192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24", // of protocols and relays
	"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // of documentation
	"198.18.0.0/15",              // of benchmarks
	"224.0.0.0/4", "240.0.0.0/4", // multicast, and what is reserved
	"168.63.129.16/32",           // where Azure tells a machine about itself
	"2001::/23",                  // of protocols: Teredo, benchmarks, ORCHID
	"2001:db8::/32", "3fff::/20", // of documentation
	"2002::/16",         // 6to4, which carries an address of IPv4
	"2620:4f:8000::/48", // of relays
)

func prefixes(all ...string) (out []netip.Prefix) {
	for _, p := range all {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// allowed is what may be reached beside port 443 of the Internet.
type allowed []permit

// permit allows a range of addresses, a host name or, with neither, everything public, on one port
// or on any.
type permit struct {
	network netip.Prefix
	name    string
	port    uint16 // 0 for any
}

// parseAllowed reads the parts of DOCSIFT_WEBHOOK_ALLOW.
func parseAllowed(parts []string) (all allowed, err error) {
	for _, part := range parts {
		p, ok := parsePermit(strings.ToLower(strings.TrimSpace(part)))
		if !ok {
			return nil, fault.New(fault.Config, nil, "DOCSIFT_WEBHOOK_ALLOW: %q: give ranges such as 10.0.0.0/8, hosts such as hooks.internal:8080, or ports such as :8443", part)
		}
		all = append(all, p)
	}
	return all, nil
}

func parsePermit(text string) (p permit, ok bool) {
	host := text
	if i := strings.LastIndexByte(text, ':'); i >= 0 && (strings.Count(text, ":") == 1 || text[i-1] == ']') {
		n, err := strconv.ParseUint(text[i+1:], 10, 16)
		if err != nil || n == 0 {
			return p, false
		}
		host, p.port = text[:i], uint16(n)
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip, err := netip.ParseAddr(host); err == nil {
		p.network = netip.PrefixFrom(ip, ip.BitLen())
		return p, ip.Zone() == ""
	}
	if network, err := netip.ParsePrefix(host); err == nil {
		p.network = network
		return p, true
	}
	p.name = host
	return p, host == "" && p.port != 0 || host != "" && isName("x."+host)
}

// host reports whether a name may be reached wherever it leads.
func (a allowed) host(name string, port uint16) bool {
	for _, p := range a {
		if p.name != "" && p.name == name && (p.port == 0 || p.port == port) {
			return true
		}
	}
	return false
}

// ip reports whether an address may be reached though it is private.
func (a allowed) ip(ip netip.Addr, port uint16) bool {
	for _, p := range a {
		if p.network.IsValid() && p.network.Contains(ip.Unmap()) && (p.port == 0 || p.port == port) {
			return true
		}
	}
	return false
}

// port reports whether a port of the Internet may be reached.
func (a allowed) port(port uint16) bool {
	for _, p := range a {
		if p.name == "" && !p.network.IsValid() && p.port == port {
			return true
		}
	}
	return port == 443
}
