package httpapi

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestClientAddr(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("2001:db8:aaaa::/48"), netip.MustParsePrefix("127.0.0.1/32")}
	xff := func(lines ...string) http.Header { return http.Header{"X-Forwarded-For": lines} }
	fwd := func(lines ...string) http.Header { return http.Header{"Forwarded": lines} }
	tests := []struct {
		name, conn string
		header     http.Header
		want       string
	}{
		{"who comes directly", "192.0.2.7:99", nil, "192.0.2.7"},
		{"who comes directly and says it is another", "192.0.2.7:99", xff("198.51.100.1"), "192.0.2.7"},
		{"the same in the other header", "192.0.2.7:99", fwd("for=198.51.100.1"), "192.0.2.7"},
		{"the same, as a proxy of ours", "192.0.2.7:99", xff("10.0.0.1"), "192.0.2.7"},
		{"by way of a proxy", "10.0.0.1:1", xff("192.0.2.7"), "192.0.2.7"},
		{"by way of one that says nothing", "10.0.0.1:1", nil, "10.0.0.1"},
		{"by way of two", "10.0.0.1:1", xff("192.0.2.7, 10.0.0.2"), "192.0.2.7"},
		{"by way of two on two lines", "10.0.0.1:1", xff("192.0.2.7", "10.0.0.2"), "192.0.2.7"},
		{"what the client wrote before it", "10.0.0.1:1", xff("198.51.100.1, 192.0.2.7"), "192.0.2.7"},
		{"on a line of its own", "10.0.0.1:1", xff("198.51.100.1", "192.0.2.7"), "192.0.2.7"},
		{"as our proxies", "10.0.0.1:1", xff("10.0.0.9, 10.0.0.8, 192.0.2.7"), "192.0.2.7"},
		{"as this machine", "10.0.0.1:1", xff("127.0.0.1, 192.0.2.7, 10.0.0.2"), "192.0.2.7"},
		{"a foreign proxy between", "10.0.0.1:1", xff("192.0.2.7, 203.0.113.5"), "203.0.113.5"},
		{"garbage before it", "10.0.0.1:1", xff(`";,<script>, ,, 192.0.2.7`), "192.0.2.7"},
		{"garbage in its place", "10.0.0.1:1", xff("192.0.2.7, unknown"), "10.0.0.1"},
		{"garbage behind a proxy", "10.0.0.1:1", xff("192.0.2.7, x, 10.0.0.2"), "10.0.0.2"},
		{"nothing in its place", "10.0.0.1:1", xff("192.0.2.7, "), "10.0.0.1"},
		{"proxies all the way", "10.0.0.1:1", xff("10.0.0.3, 10.0.0.2"), "10.0.0.3"},
		{"with a port", "10.0.0.1:1", xff("192.0.2.7:4711"), "192.0.2.7"},
		{"IPv6", "[2001:db8:aaaa::1]:1", xff("2001:db8:1:2:3::4"), "2001:db8:1:2:3::4"},
		{"IPv6 with a port", "10.0.0.1:1", xff("[2001:db8:1::4]:4711"), "2001:db8:1::4"},
		{"IPv6 in brackets", "10.0.0.1:1", xff("[2001:db8:1::4]"), "2001:db8:1::4"},
		{"IPv6 with a zone", "10.0.0.1:1", xff("fe80::1%eth0"), "fe80::1"},
		{"IPv4 written as IPv6", "[::ffff:10.0.0.1]:1", xff("::ffff:192.0.2.7"), "192.0.2.7"},
		{"numbers that are none", "10.0.0.1:1", xff("192.0.2.07"), "10.0.0.1"},
		{"one number", "10.0.0.1:1", xff("3221225991"), "10.0.0.1"},
		{"Forwarded", "10.0.0.1:1", fwd("for=192.0.2.7;proto=https;by=10.0.0.1"), "192.0.2.7"},
		{"Forwarded in other letters and order", "10.0.0.1:1", fwd(`proto=https; For="192.0.2.7:4711"`), "192.0.2.7"},
		{"Forwarded with IPv6", "10.0.0.1:1", fwd(`for="[2001:db8:1::4]:4711"`), "2001:db8:1::4"},
		{"Forwarded by two", "10.0.0.1:1", fwd("for=192.0.2.7, for=10.0.0.2"), "192.0.2.7"},
		{"Forwarded with what the client wrote", "10.0.0.1:1", fwd("for=198.51.100.1, for=192.0.2.7"), "192.0.2.7"},
		{"Forwarded with a quote that the client left open", "10.0.0.1:1", fwd(`for="198.51.100.1, for=192.0.2.7`), "192.0.2.7"},
		{"with one left open before a quoted one", "10.0.0.1:1", fwd(`for="198.51.100.1, for="[2001:db8:1::4]"`), "2001:db8:1::4"},
		{"with a comma in quotes", "10.0.0.1:1", fwd(`for=198.51.100.1;x="a,b", for=192.0.2.7`), "192.0.2.7"},
		{"Forwarded twice in one", "10.0.0.1:1", fwd("for=192.0.2.7;for=198.51.100.1"), "10.0.0.1"},
		{"Forwarded hides who", "10.0.0.1:1", fwd("for=_hidden"), "10.0.0.1"},
		{"Forwarded says nothing of who", "10.0.0.1:1", fwd("proto=https"), "10.0.0.1"},
		{"both alike", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"192.0.2.7"}, "Forwarded": {"for=192.0.2.7"}}, "192.0.2.7"},
		{"the client adds the header that the proxy does not write", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"192.0.2.7"}, "Forwarded": {"for=198.51.100.1"}}, "10.0.0.1"},
		{"and empties it", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"192.0.2.7"}, "Forwarded": {""}}, "192.0.2.7"},
		{"other headers", "10.0.0.1:1", http.Header{"X-Real-Ip": {"198.51.100.1"}, "True-Client-Ip": {"198.51.100.1"}, "X-Forwarded-For": {"192.0.2.7"}}, "192.0.2.7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: tt.conn, Header: tt.header}
			if got := clientAddr(r, proxies).String(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestBucket(t *testing.T) {
	for addr, want := range map[string]string{"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::": "2001:db8:1:2::/64"} {
		if got := bucket(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is in %s, want %s", addr, got, want)
		}
	}
	if got := bucket(clientAddr(&http.Request{RemoteAddr: "@"}, nil)); got != "unknown" {
		t.Errorf("no address is in %s", got)
	}
}

func FuzzClientAddr(f *testing.F) {
	f.Add("192.0.2.7", `for="[2001:db8::1]:47011";proto=http`)
	f.Add(`",`, `for=";,"`)
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}
	f.Fuzz(func(t *testing.T, xff, fwd string) {
		real := netip.MustParseAddr("192.0.2.7")
		r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {xff + ", 192.0.2.7"}}}
		if got := clientAddr(r, proxies); got != real {
			t.Errorf("X-Forwarded-For %q: %s", xff, got)
		}
		r.Header = http.Header{"Forwarded": {fwd + ", for=192.0.2.7"}}
		if got := clientAddr(r, proxies); got != real && got != netip.MustParseAddr("10.0.0.1") {
			t.Errorf("Forwarded %q: %s", fwd, got)
		}
	})
}
