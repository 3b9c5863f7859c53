package httpapi

import (
	"cmp"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// forbidden is the kind of a request that its caller may not make.
const forbidden fault.Kind = "forbidden"

// setBreaker answers PUT /v1/providers/breaker: it sets a model's breaker by hand, or all of them
// where no model is named. Breakers are everybody's: only who runs the service may.
func (a *API) setBreaker(w http.ResponseWriter, r *http.Request, c Caller) {
	if c.Tenant != DefaultTenant {
		a.problem(w, fault.New(forbidden, nil, "breakers are set by who runs the service: with a key of the tenant %s", DefaultTenant))
		return
	}
	var want struct {
		Model string `json:"model"`
		State string `json:"state"` // open, closed, or auto, which releases it
		For   string `json:"for"`   // such as 10m; "": until it is released
		By    string `json:"by"`
		Why   string `json:"why"`
	}
	if err := decode(io.LimitReader(r.Body, smallBody), &want, `{"model": "openai/gpt-6-luna", "state": "open", "for": "10m", "why": "…"}`); err != nil {
		a.problem(w, err)
		return
	}
	f := docsift.Forced{State: want.State, By: want.By, Why: want.Why}
	if want.For != "" {
		d, err := time.ParseDuration(want.For)
		if err != nil || d <= 0 {
			a.problem(w, fault.New(fault.Invalid, nil, "for %q: give a time such as 10m", want.For))
			return
		}
		until := time.Now().Add(d)
		f.Until = &until
	}
	if err := a.force(want.Model, f); err != nil {
		a.problem(w, err)
		return
	}
	a.opts.Log.Warn("breaker set by hand", "model", want.Model, "state", want.State, "for", want.For, "by", want.By, "why", want.Why)
	if a.opts.Store != nil {
		act := store.Act{Tenant: c.Tenant, By: c.actor(), What: "breaker." + want.State, Of: cmp.Or(want.Model, "all"), Detail: strings.TrimSpace(want.By + " " + want.For + " " + want.Why)}
		if err := a.opts.Store.Audit(r.Context(), act); err != nil { // a breaker must not wait for a database
			a.opts.Log.Error("not kept in the audit", "act", act.What, "of", act.Of, "by", act.By, "error", err)
		}
	}
	a.providers(w, r)
}

// testModel answers POST /v1/providers/test: it puts one tiny question to a model, which is paid for.
func (a *API) testModel(w http.ResponseWriter, r *http.Request, c Caller) {
	if c.Tenant != DefaultTenant {
		a.problem(w, fault.New(forbidden, nil, "models are tested by who runs the service: with a key of the tenant %s", DefaultTenant))
		return
	}
	var want struct {
		Model string `json:"model"`
	}
	const example = `{"model": "openai/gpt-6-luna"}`
	err := decode(io.LimitReader(r.Body, smallBody), &want, example)
	if err == nil && want.Model == "" {
		err = fault.New(fault.Invalid, nil, "the body is not as in %s", example)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	probes, err := a.opts.Classifier.ProbeModel(r.Context(), want.Model)
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string][]docsift.Probe{"probes": probes})
}

// local reports whether a request comes from this machine, and not by way of a proxy on it.
func local(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().IsLoopback()
}

func (a *API) force(model string, f docsift.Forced) error {
	if f.State == "auto" {
		return a.opts.Classifier.Release(model)
	}
	return a.opts.Classifier.Force(model, f)
}
