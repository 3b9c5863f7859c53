package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

// outage is a way in which a provider fails.
type outage struct {
	name   string
	effect func(*run, account) sim.Effect // of each call; nil where calls do not arrive
	shut   bool                           // its port is closed
	lost   bool                           // its name is not known
	bad    bool                           // its certificate is signed by nobody
}

// outages lists the ten ways of A1.
func outages() []outage {
	play := func(e sim.Effect) func(*run, account) sim.Effect {
		return func(*run, account) sim.Effect { return e }
	}
	return []outage{
		{name: "refused", shut: true},
		{name: "500", effect: play(sim.Effect{Fault: "server_error"})},
		{name: "429", effect: play(sim.Effect{Fault: "rate_limit_exceeded", RetryAfter: "2"})},
		{name: "quota", effect: play(sim.Effect{Fault: "insufficient_quota"})},
		{name: "silent", effect: play(sim.Effect{Hang: true})},
		{name: "drip", effect: play(sim.Effect{Drip: time.Second})},
		{name: "bad_json", effect: play(sim.Effect{Garbage: "truncated"})},
		{name: "nxdomain", lost: true},
		{name: "bad_tls", bad: true},
		{name: "revoked", effect: func(r *run, a account) sim.Effect { // a provider that repeats the key
			return sim.Effect{Fault: "invalid_api_key", Message: "Incorrect API key provided: " + r.leaks.key(a.key)}
		}},
	}
}

func isOutage(name string) bool {
	return slices.ContainsFunc(outages(), func(o outage) bool { return o.name == name })
}

// begin has a provider fail from now on. What its address makes fail has failed from the start.
func (o outage) begin(r *run, p *provider) error {
	switch {
	case o.shut:
		p.shut()
	case o.effect != nil:
		return p.fail(sim.Step{Effect: o.effect(r, p.account)})
	}
	return nil
}

// address returns what the setting of the provider's address is, where that is what fails.
func (o outage) address(p *provider) (string, error) {
	switch {
	case o.lost:
		return fmt.Sprintf("http://%s.name.invalid%s", p.name, p.path), nil
	case o.bad:
		cert, err := untrusted()
		if err != nil {
			return "", err
		}
		p.shut()
		if err := p.open(cert); err != nil {
			return "", err
		}
		return p.base("https"), nil
	}
	return "", nil
}
