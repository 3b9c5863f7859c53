package chaos

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

// latency is the mean time in which simulated models answer; single answers lie within half of it
// to each side.
const latency = 20 * time.Millisecond

// account is an account with a provider: a model, and the settings that lead to it.
type account struct {
	name     string // as answers call it
	spec     string // of the model in a policy, without what all have in common
	model    string // its name in prices
	url, key string // settings
	path     string // of its base URL
}

// accounts are the four that are each as good as the other.
func accounts() []account {
	return []account{
		{"openai", "model: openai/gpt-6-luna, effort: none", "openai/gpt-6-luna", "OPENAI_BASE_URL", "OPENAI_API_KEY", "/v1"},
		{"google", "model: google/gemini-3.5-flash-lite", "google/gemini-3.5-flash-lite", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_API_KEY", ""},
		{"anthropic", "model: anthropic/claude-haiku-5-5", "anthropic/claude-haiku-5-5", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", ""},
		{"compatible", "model: openai/gpt-4o-mini, base_url: '${COMPATIBLE_URL}', keys: [COMPATIBLE_API_KEY], provider_used: compatible",
			"openai/gpt-4o-mini", "COMPATIBLE_URL", "COMPATIBLE_API_KEY", "/v1"},
	}
}

// provider is a simulated provider on a port of its own.
type provider struct {
	account
	sim *sim.Server

	mu   sync.Mutex
	addr string
	web  *http.Server // nil while the port is closed
}

// newProvider opens a port. Lies, when given, say what happens to each call.
func newProvider(a account, seed uint64, lies func(sim.Call) sim.Effect) (*provider, error) {
	s, err := sim.New(sim.Options{
		Answer: key, Effect: lies, Latency: latency, Jitter: 0.5, Seed: seed,
		Limits: []sim.Limit{{RPM: 100_000_000, TPM: 1_000_000_000}}, // what is measured is outages
	})
	if err != nil {
		return nil, err
	}
	p := &provider{account: a, sim: s}
	return p, p.open(nil)
}

// open opens a port, with TLS where there is a certificate.
func (p *provider) open(cert *tls.Certificate) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for %s: %w", p.name, err)
	}
	p.addr = ln.Addr().String()
	p.web = &http.Server{Handler: p.sim, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	web := p.web
	if cert != nil {
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{*cert}})
	}
	go func() { _ = web.Serve(ln) }() // until it is closed
	return nil
}

// shut closes the port and cuts every connection.
func (p *provider) shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.web != nil {
		_ = p.web.Close()
		p.web = nil
	}
}

// base returns the base URL.
func (p *provider) base(scheme string) string { return scheme + "://" + p.addr + p.path }

// fail has calls meet the effects, tried in order; none heals it.
func (p *provider) fail(steps ...sim.Step) error {
	return p.sim.SetScript(sim.Script{Steps: steps})
}

// calls returns how many requests arrived since a moment.
func (p *provider) calls(since time.Time) []sim.Request {
	var rows []sim.Request
	for _, row := range p.sim.Requests() {
		if !row.Time.Before(since) {
			rows = append(rows, row)
		}
	}
	return rows
}

// untrusted returns a certificate that nobody has signed.
func untrusted() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour * 24),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
