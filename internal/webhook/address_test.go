package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/webhook"
)

// canary counts the connections to this machine, at a port of its own.
type canary struct {
	port  string
	calls atomic.Int64
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	c := new(canary)
	listen := func(address string) error {
		ln, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		_, c.port, _ = net.SplitHostPort(ln.Addr().String())
		t.Cleanup(func() { ln.Close() })
		go func() {
			for {
				conn, err := ln.Accept()
				if err != nil {
					return
				}
				c.calls.Add(1)
				conn.Close()
			}
		}()
		return nil
	}
	if err := listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := listen("[::1]:" + c.port); err != nil {
		t.Log("this machine has no IPv6:", err)
	}
	return c
}

// forms are ways to write, or to lead to, an address that events must not be sent to. PORT is one at
// which this machine listens.
var forms = []string{
	// This machine.
	"https://127.0.0.1:PORT/", "http://127.0.0.1:PORT/", "https://localhost:PORT/", "https://LOCALHOST:PORT/", "https://localhost.:PORT/",
	"https://127.1:PORT/", "https://127.0.1:PORT/", "https://2130706433:PORT/", "https://0x7f000001:PORT/", "https://0x7f.0.0.1:PORT/",
	"https://0x7f.1:PORT/", "https://0177.0.0.1:PORT/", "https://017700000001:PORT/", "https://127.0.0.1.:PORT/", "https://127.000.000.001:PORT/",
	"https://127.0.0.255:PORT/", "https://127.255.255.254:PORT/", "https://0.0.0.0:PORT/", "https://0:PORT/", "https://0.1.2.3:PORT/",
	"https://[::1]:PORT/", "https://[::]:PORT/", "https://[0:0:0:0:0:0:0:1]:PORT/", "https://[::ffff:127.0.0.1]:PORT/", "https://[::ffff:7f00:1]:PORT/",
	"https://[::127.0.0.1]:PORT/", "https://[::1%25lo]:PORT/", "https://[64:ff9b::127.0.0.1]:PORT/", "https://[64:ff9b:1::7f00:1]:PORT/",
	"https://[2002:7f00:1::]:PORT/", "https://[2001:0:7f00:1::]:PORT/",
	"https://１２７.０.０.１:PORT/", "https://127。0。0。1:PORT/", "https://①②⑦.⓪.⓪.①:PORT/", "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/", "https://%31%32%37.0.0.1:PORT/",
	"https://example.com@127.0.0.1:PORT/", "https://user:password@loopback.example.com:PORT/", "https://127.0.0.1:PORT#@example.com/",
	"https://127.0.0.1:PORT\\@example.com/", "https://127.0.0.1\t:PORT/", "https://127.0.0.1:PORT/?x=https://example.com",
	"//127.0.0.1:PORT/", "127.0.0.1:PORT", "gopher://127.0.0.1:PORT/", "file:///etc/passwd", "ftp://127.0.0.1:PORT/", "unix:///run/docker.sock",
	"https:127.0.0.1:PORT/", "https:///127.0.0.1:PORT/", "https://", "",
	// Names that lead there.
	"https://loopback.example.com:PORT/", "https://loopback.example.com.:PORT/", "https://six.example.com:PORT/", "https://mapped.example.com:PORT/",
	"https://zero.example.com:PORT/", "https://mixed.example.com:PORT/", "https://127.0.0.1.nip.example.com:PORT/", "https://xn--loopback-example:PORT/",
	"https://nat.example.com:PORT/", "https://rebind.example.com:PORT/", "http://loopback.example.com:PORT/",
	// Networks that are nobody else's business.
	"https://10.0.0.1/", "https://10.0.0.1:6379/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/", "https://[::ffff:10.0.0.1]/",
	"https://169.254.169.254/latest/meta-data/", "https://[::ffff:169.254.169.254]/", "https://[fd00:ec2::254]/", "https://100.100.100.200/", "https://168.63.129.16/",
	"https://100.64.0.1/", "https://192.0.0.192/", "https://192.0.2.1/", "https://198.51.100.1/", "https://203.0.113.1/", "https://198.18.0.1/",
	"https://224.0.0.1/", "https://239.255.255.250/", "https://240.0.0.1/", "https://255.255.255.255/", "https://192.88.99.1/",
	"https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fec0::1]/", "https://[fc00::1]/", "https://[ff02::1]/", "https://[2001:db8::1]/",
	"https://[3fff::1]/", "https://[2001:2::1]/", "https://[2001:10::1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://[100::1]/", "https://[5f00::1]/",
	"https://ten.example.com/", "https://metadata.example.com/", "https://metadata.google.internal/",
}

// None of the forms is connected to: not when the address is looked at first, and not when that is
// left out and only who is about to connect looks.
func TestNothingForbiddenIsConnectedTo(t *testing.T) {
	c := newCanary(t)
	dns := resolver(t, map[string][]string{
		"*": {"127.0.0.1 ::1"}, "six.example.com": {"::1"}, "mapped.example.com": {"::ffff:127.0.0.1"}, "zero.example.com": {"0.0.0.0 ::"},
		"mixed.example.com": {"10.0.0.1 127.0.0.1 fd00::1"}, "nat.example.com": {"64:ff9b::7f00:1"}, "rebind.example.com": {"192.0.2.1", "127.0.0.1"},
		"ten.example.com": {"10.1.2.3"}, "metadata.example.com": {"169.254.169.254"}, "metadata.google.internal": {"169.254.169.254"},
	})
	d := deliverer(t, world(t), webhook.Options{Resolver: dns, Allow: []string{":" + c.port, ":6379"}, Timeout: 5 * time.Second})
	for _, form := range forms {
		address := strings.ReplaceAll(form, "PORT", c.port)
		t.Run(form, func(t *testing.T) {
			for range 2 { // what a name stands for changes
				if err := d.Send(t.Context(), address); !errors.Is(err, webhook.ErrForbidden) {
					t.Errorf("%q: %v, want it to be refused", address, err)
				}
				if err := d.SendUnchecked(t.Context(), address); !untried(err) {
					t.Errorf("%q, unchecked: %v, want it to be refused", address, err)
				}
			}
		})
	}
	if n := c.calls.Load(); n != 0 {
		t.Errorf("%d of %d forms connected", n, len(forms))
	}
	t.Logf("%d forms", len(forms))

	open := deliverer(t, world(t), webhook.Options{Resolver: dns, Allow: []string{"127.0.0.0/8"}})
	open.SendUnchecked(t.Context(), "http://loopback.example.com:"+c.port+"/")
	if c.calls.Load() != 1 {
		t.Error("the canary counts nothing")
	}
}

// untried reports whether an error came before anything was sent to the address.
func untried(err error) bool {
	var number syscall.Errno
	return err != nil && !errors.As(err, &number) && !errors.Is(err, context.DeadlineExceeded)
}

// A name that led to a good address, and now leads to another, is of no use.
func TestRebinding(t *testing.T) {
	c := newCanary(t)
	good, err := net.Listen("tcp", "127.0.0.2:"+c.port)
	if err != nil {
		t.Fatal(err)
	}
	var served atomic.Int64
	srv := &httptest.Server{Listener: good, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		served.Add(1)
	})}}
	srv.Start()
	t.Cleanup(srv.Close)
	dns := resolver(t, map[string][]string{"turn.example.com": {"127.0.0.2", "127.0.0.1"}, "*": {""}})
	d := deliverer(t, world(t), webhook.Options{Resolver: dns, Allow: []string{"127.0.0.2:" + c.port}})
	address := "http://turn.example.com:" + c.port + "/"
	if err := d.SendUnchecked(t.Context(), address); err != nil {
		t.Errorf("at first: %v", err)
	}
	for range 3 {
		if err := d.SendUnchecked(t.Context(), address); !errors.Is(err, webhook.ErrForbidden) {
			t.Errorf("later: %v", err)
		}
	}
	if served.Load() != 1 || c.calls.Load() != 0 {
		t.Errorf("the good address was asked %d times, the other %d times", served.Load(), c.calls.Load())
	}
}

func TestCheck(t *testing.T) {
	strict, lax := deliverer(t, world(t), webhook.Options{}), deliverer(t, world(t), webhook.Options{
		Allow: []string{"10.0.0.0/8", "192.168.7.7:8080", "[fd00::]:81", "[fd01::/16]:82", "Hooks.Internal", "other.internal:9000", "bare", ":8443"},
	})
	tests := []struct {
		address     string
		strict, lax bool
	}{
		{"https://example.com/hooks?key=1", true, true},
		{"https://EXAMPLE.com", true, true},
		{"https://a_b.xn--bcher-kva.example:443/", true, true},
		{"https://93.184.216.34/", true, true},
		{"https://[2606:2800:220:1::1]/", true, true},
		{"https://example.com:8443/", false, true},
		{"https://example.com:8444/", false, false},
		{"http://example.com/", false, false},
		{"http://example.com:8443/", false, false},
		{"http://10.1.2.3:99/", false, true},
		{"https://10.1.2.3/", false, true},
		{"https://[::ffff:10.1.2.3]/", false, true},
		{"http://11.1.2.3/", false, false},
		{"http://192.168.7.7:8080/", false, true},
		{"http://192.168.7.7:8081/", false, false},
		{"http://[fd00::]:81/", false, true},
		{"http://[fd01::9]:82/", false, true},
		{"http://[fd00::]:82/", false, false},
		{"http://hooks.internal:1234/", false, true},
		{"https://other.internal:9000/", false, true},
		{"http://other.internal/", false, false},
		{"https://bare/", false, true},
		{"ftp://bare/", false, false},
		{"https://user@bare/", false, false},
		{"https://example.com/#part", false, false},
		{"https://example.com/" + strings.Repeat("x", 2048), false, false},
		{"https://" + strings.Repeat("x.", 127) + "com/", false, false},
		{"https://exa mple.com/", false, false},
		{"https://bücher.example/", false, false},
		{"https://example.com:99999/", false, false},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.60s", tt.address), func(t *testing.T) {
			for want, err := range map[*bool]error{&tt.strict: strict.Check(tt.address), &tt.lax: lax.Check(tt.address)} {
				if (err == nil) != *want || err != nil && fault.KindOf(err) != fault.Invalid {
					t.Errorf("strict %v, lax %v: %v", want == &tt.strict, want == &tt.lax, err)
				}
			}
		})
	}
}

func TestAllowRefuses(t *testing.T) {
	for _, entry := range []string{"", ":", ":0", ":x", "10.0.0.0/33", "10.0.0.0/8:x", "a b", "fe80::1%lo", "http://a", "*.example.com"} {
		if _, err := webhook.New(webhook.Options{Allow: []string{entry}}); fault.KindOf(err) != fault.Config {
			t.Errorf("%q: %v", entry, err)
		}
	}
}
