package app

import (
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/ratelimit"
	"github.com/docsift/docsift/internal/seal"
	"github.com/docsift/docsift/internal/webui"
)

// guard makes a server ask who its callers are, and limits them, as the settings say. Unless they
// do, one that only this machine reaches asks nobody; one behind proxies is reached from elsewhere.
func (a *App) guard(c config.Config, o *httpapi.Options) error {
	set := c.Access
	here := o.Hosts != nil
	asks := set.Auth == config.AuthOn || set.Auth != config.AuthOff && !here
	limits := set.LimitsSet || !here
	o.Proxies = set.Proxies
	if limits || asks { // keys may have limits of their own
		l, err := ratelimit.Open(ratelimit.Options{Redis: set.LimitsRedis, Log: a.log})
		if err != nil {
			return err
		}
		a.onClose(l.Close)
		o.Limiter = l
	}
	if limits {
		o.Limits, o.Async = set.Limits, set.Async
		a.log.Info("rate limits of each client", "limits", ratelimit.Format(set.Limits), "async", ratelimit.Format(set.Async))
	}
	if asks {
		return a.askForKeys(c, o)
	}
	if !here {
		a.log.Warn("anybody who reaches this server may use it and spend its money", "reason", "DOCSIFT_AUTH=off", "remedy", "set DOCSIFT_AUTH=on and make keys with 'docsift keys create'")
	}
	return nil
}

func (a *App) askForKeys(c config.Config, o *httpapi.Options) error {
	if a.store == nil {
		return fault.New(fault.Config, nil, "API keys are asked for on this address and there is no folder to keep them in: set DOCSIFT_DATA to one, or DOCSIFT_AUTH=off to let everybody in")
	}
	ring := access.Open(a.store, a.log)
	a.onClose(ring.Close)
	secret, err := seal.Open(c.SecretKey, filepath.Join(c.Data, "secret.key"))
	if err != nil {
		return err
	}
	a.sessions = &webui.Sessions{Keys: ring, Secret: secret}
	o.Identify = func(r *http.Request) (httpapi.Caller, error) { return identify(ring, a.sessions, r) }
	if !ring.Any() {
		a.log.Warn("there is no API key yet, so nobody can use this server", "remedy", "run 'docsift keys create' on this machine, or set DOCSIFT_AUTH=off")
	}
	return nil
}

// atThePage is what somebody may send who has signed in: a person at the page needs several requests for
// each step.
func atThePage() []ratelimit.Limit {
	return []ratelimit.Limit{{Count: 1200, Per: time.Minute}, {Count: 30_000, Per: time.Hour}}
}

// identify says who shows an API key, in Authorization or in X-Api-Key, or has signed in.
func identify(ring *access.Keyring, sessions *webui.Sessions, r *http.Request) (httpapi.Caller, error) {
	whole := r.Header.Get("X-Api-Key")
	if kind, given, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "bearer") {
		whole = strings.TrimSpace(given)
	}
	if whole == "" {
		k, found, err := sessions.Key(r)
		if found && err == nil && !k.Own {
			k.Limits, k.Own = atThePage(), true
		}
		if found {
			return caller(k), err
		}
		return httpapi.Caller{}, fault.New(access.Unauthorized, nil, "an API key is needed: send it as 'Authorization: Bearer ds_…'; 'docsift keys create' makes one")
	}
	k, err := ring.Find(whole)
	if err != nil {
		return httpapi.Caller{}, err
	}
	return caller(k), nil
}

func caller(k access.Key) httpapi.Caller {
	return httpapi.Caller{Tenant: k.Tenant, Key: k.ID, Scopes: k.Scopes, Budget: k.Budget, Limits: k.Limits, Own: k.Own}
}
