package config

import (
	"net/netip"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ratelimit"
)

// Access says who may use a server, and how much.
type Access struct {
	// Auth is DOCSIFT_AUTH: on, off or auto, which asks for API keys unless only this machine
	// reaches the server. Default auto.
	Auth string

	// Proxies is DOCSIFT_TRUSTED_PROXIES: addresses and networks of proxies that say truly for
	// whom they ask, parted by commas. Default: none.
	Proxies []netip.Prefix

	// Limits is DOCSIFT_RATE_LIMIT, of each client; default 100/m,1000/h. Async is
	// DOCSIFT_RATE_LIMIT_ASYNC, of what is accepted to be done later; default 50/m. Where neither
	// is set, LimitsSet is false, and nothing is limited while only this machine reaches the server.
	Limits, Async []ratelimit.Limit
	LimitsSet     bool

	// LimitsRedis is RATE_LIMIT_STORAGE_URL: the Redis in which limits are shared. Default REDIS_URL.
	LimitsRedis string
}

// Values of Auth.
const (
	AuthAuto = "auto"
	AuthOn   = "on"
	AuthOff  = "off"
)

func (c Config) access() (a Access, err error) {
	switch a.Auth = c.or("DOCSIFT_AUTH", AuthAuto); a.Auth {
	case AuthAuto, AuthOn, AuthOff:
	default:
		return a, fault.New(fault.Config, nil, "DOCSIFT_AUTH=%s: use auto, on or off", a.Auth)
	}
	if a.Proxies, err = prefixes(c.Getenv("DOCSIFT_TRUSTED_PROXIES")); err != nil {
		return a, err
	}
	for name, to := range map[string]*[]ratelimit.Limit{"DOCSIFT_RATE_LIMIT": &a.Limits, "DOCSIFT_RATE_LIMIT_ASYNC": &a.Async} {
		value := c.Getenv(name)
		a.LimitsSet = a.LimitsSet || value != ""
		if value == "" {
			value = map[string]string{"DOCSIFT_RATE_LIMIT": "100/m,1000/h", "DOCSIFT_RATE_LIMIT_ASYNC": "50/m"}[name]
		}
		if *to, err = ratelimit.Parse(value); err != nil {
			return a, fault.New(fault.Config, nil, "%s: %s", name, fault.Message(err))
		}
	}
	a.LimitsRedis = c.or("RATE_LIMIT_STORAGE_URL", c.Redis)
	if strings.HasPrefix(a.LimitsRedis, "memory://") { // as the original service's library calls it
		a.LimitsRedis = ""
	}
	return a, nil
}

// prefixes reads addresses and networks.
func prefixes(s string) (all []netip.Prefix, err error) {
	if s == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		p, err := netip.ParsePrefix(part)
		if addr, single := netip.ParseAddr(part); single == nil {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || p.Addr().Is4In6() || p.Addr().Zone() != "" {
			return nil, fault.New(fault.Config, nil, "DOCSIFT_TRUSTED_PROXIES: %.64q is no address and no network, such as 10.0.0.7 or 10.1.0.0/16", part)
		}
		if p.Bits() == 0 {
			return nil, fault.New(fault.Config, nil, "DOCSIFT_TRUSTED_PROXIES=%s trusts everybody, so that every client could say that it is another: name the proxies", s)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}
