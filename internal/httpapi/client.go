package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientAddr returns the address that sent a request: that of the connection, or, where that is a
// proxy of ours, the last one in X-Forwarded-For or Forwarded that is none. What a client writes
// there itself stands further left and is not reached. Where the two headers disagree, or the entry
// cannot be read, it is the proxy's own.
func clientAddr(r *http.Request, proxies []netip.Prefix) netip.Addr {
	conn, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	peer := plain(conn.Addr())
	xff, fwd := listed(r.Header.Values("X-Forwarded-For")), forwarded(r.Header.Values("Forwarded"))
	switch {
	case !among(peer, proxies):
		return peer
	case len(fwd) == 0:
		return last(peer, xff, proxies)
	case len(xff) == 0:
		return last(peer, fwd, proxies)
	}
	one, other := last(peer, xff, proxies), last(peer, fwd, proxies)
	if one != other {
		return peer
	}
	return one
}

// last goes from the right through who asked whom, up to the first that is no proxy of ours.
func last(addr netip.Addr, hops []string, proxies []netip.Prefix) netip.Addr {
	for i := len(hops) - 1; i >= 0 && among(addr, proxies); i-- {
		next, ok := parseAddr(hops[i])
		if !ok {
			break
		}
		addr = next
	}
	return addr
}

func among(addr netip.Addr, proxies []netip.Prefix) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// parseAddr reads an address with or without a port.
func parseAddr(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return plain(ap.Addr()), true
	}
	s, bracketed := strings.CutPrefix(s, "[")
	if bracketed {
		s = strings.TrimSuffix(s, "]")
	}
	addr, err := netip.ParseAddr(s)
	return plain(addr), err == nil
}

func listed(lines []string) (all []string) {
	for _, line := range lines {
		for hop := range strings.SplitSeq(line, ",") {
			all = append(all, strings.TrimSpace(hop))
		}
	}
	return all
}

// forwarded reads the hops of Forwarded, after RFC 7239. One that names none is "".
func forwarded(lines []string) (all []string) {
	for _, line := range lines {
		for _, element := range unquoted(line, ',') {
			hop, found := "", false
			for _, pair := range unquoted(element, ';') {
				name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
				if !ok || !strings.EqualFold(name, "for") {
					continue
				}
				if found { // twice is once too often
					value = ""
				}
				hop, found = strings.Trim(value, `"`), true
			}
			all = append(all, hop)
		}
	}
	return all
}

// unquoted parts s at separators outside of quotes. Where a quote does not end, quotes are nothing.
func unquoted(s string, sep rune) []string {
	quoted := false
	parts := strings.FieldsFunc(s, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return c == sep && !quoted
	})
	if quoted {
		return strings.Split(s, string(sep))
	}
	return parts
}

// bucket is what limits go by of an address: of IPv6 the network, since who has one has all of its addresses.
func bucket(addr netip.Addr) string {
	if !addr.IsValid() {
		return "unknown"
	}
	if addr.Is6() {
		return netip.PrefixFrom(addr, 64).Masked().String()
	}
	return addr.String()
}
