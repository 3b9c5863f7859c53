package httpapi

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/store"
)

// kept returns the store, or an error that says that there is none.
func (a *API) kept() (*store.Store, error) {
	if a.opts.Store == nil {
		return nil, fault.New(fault.NotFound, nil, "this server keeps nothing: it has no folder for it (DOCSIFT_DATA)")
	}
	return a.opts.Store, nil
}

// keys answers GET /v1/keys with the keys of the caller's tenant.
func (a *API) keys(w http.ResponseWriter, r *http.Request, c Caller) {
	s, err := a.kept()
	var all []access.Key
	if err == nil {
		all, err = s.Keys(r.Context(), c.Tenant)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	out := struct {
		Keys []access.View `json:"keys"`
	}{[]access.View{}}
	for _, k := range all {
		out.Keys = append(out.Keys, k.View())
	}
	writeJSON(w, http.StatusOK, out)
}

// addKey answers POST /v1/keys: it makes a key of the caller's tenant, and shows it this once.
func (a *API) addKey(w http.ResponseWriter, r *http.Request, c Caller) {
	s, err := a.kept()
	var k access.Key
	var whole string
	if err == nil {
		if k, err = wantedKey(r.Body, c.Tenant); err == nil {
			k, whole = access.New(k)
			err = s.AddKey(r.Context(), k, c.actor())
		}
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	a.opts.Log.Warn("API key made", "key", k.Prefix(), "tenant", k.Tenant, "scopes", k.Scopes, "by", c.actor())
	v := k.View()
	v.Key = whole
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusCreated, v)
}

func wantedKey(body io.Reader, tenant string) (access.Key, error) {
	var want struct {
		Name    string         `json:"name"`
		Scopes  []access.Scope `json:"scopes"`
		Budget  string         `json:"budget_day_usd"`
		Limits  string         `json:"limits"`
		Expires time.Time      `json:"expires_at"`
	}
	const example = `{"name": "scanner", "scopes": ["classify"], "budget_day_usd": "25", "limits": "100/m,1000/h", "expires_at": "2027-12-31T00:00:00Z"}`
	if err := decode(io.LimitReader(body, smallBody), &want, example); err != nil {
		return access.Key{}, err
	}
	now := time.Now()
	k := access.Key{Name: want.Name, Tenant: tenant, Scopes: want.Scopes, Created: now, Expires: want.Expires}
	if err := k.Bound(want.Budget, want.Limits); err != nil {
		return k, err
	}
	return k, k.Validate(now)
}

// revokeKey answers DELETE /v1/keys/{id}.
func (a *API) revokeKey(w http.ResponseWriter, r *http.Request, c Caller) {
	s, err := a.kept()
	id := r.PathValue("id")
	if err == nil {
		err = s.RevokeKey(r.Context(), c.Tenant, id, c.actor())
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	a.opts.Log.Warn("API key revoked", "key", access.Key{ID: id}.Prefix(), "tenant", c.Tenant, "by", c.actor())
	w.WriteHeader(http.StatusNoContent)
}

// audit answers GET /v1/audit: the latest acts about the caller's tenant, or those before one.
func (a *API) audit(w http.ResponseWriter, r *http.Request, c Caller) {
	n := 50
	if s := r.URL.Query().Get("limit"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < 1 || n > 500 {
			a.problem(w, fault.New(fault.Invalid, nil, "limit is a number from 1 to 500"))
			return
		}
	}
	s, err := a.kept()
	var out struct {
		Acts []store.Act `json:"acts"`
	}
	if err == nil {
		out.Acts, err = s.Acts(r.Context(), c.Tenant, r.URL.Query().Get("before"), n)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}
