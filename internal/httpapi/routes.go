package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/ratelimit"
)

// Scope is what a caller must be allowed to do for a route.
type Scope = access.Scope

// The scopes. Admin contains the others.
const (
	Public   Scope = "" // nobody is asked who they are
	Classify       = access.Classify
	Read           = access.Read
	Review         = access.Review
	Admin          = access.Admin
)

// DefaultTenant is the tenant of those who need not say who they are.
const DefaultTenant = access.DefaultTenant

// Caller is who sent a request.
type Caller struct {
	Tenant string // whose documents these are
	Key    string // the id of the API key; "" where none are asked for
	Scopes []Scope

	Budget price.Amount // what the key's documents may cost a day; 0: no more is said

	// Limits are what the caller may send. Own says that they count instead of the server's.
	Limits []ratelimit.Limit
	Own    bool
}

// May reports whether a caller has a scope.
func (c Caller) May(s Scope) bool {
	return s == Public || slices.Contains(c.Scopes, s) || slices.Contains(c.Scopes, Admin)
}

// route is one of the table of all routes.
type route struct {
	pattern string
	scope   Scope
	handle  func(http.ResponseWriter, *http.Request, Caller)
}

// table lists all routes.
func (a *API) table() []route {
	return []route{
		{"GET /healthz", Public, anyone(a.health)},
		{"GET /readyz", Public, anyone(a.ready)},

		{"POST /v1/classifications", Classify, anyone(a.classify)},
		{"POST /v1/decisions", Classify, anyone(a.decisions)},
		{"POST /v1/systemone", Classify, anyone(a.systemOne)},
		{"GET /v1/taxonomies", Read, anyone(a.taxonomies)},
		{"GET /v1/providers", Read, anyone(a.providers)},
		{"PUT /v1/providers/breaker", Admin, a.setBreaker},
		{"GET /v1/keys", Admin, a.keys},
		{"POST /v1/keys", Admin, a.addKey},
		{"DELETE /v1/keys/{id}", Admin, a.revokeKey},
		{"GET /v1/audit", Admin, a.audit},

		// The original service's contract.
		{"POST /classify_file", Classify, anyone(a.classifyFile)},
		{"GET /industries", Public, anyone(a.industries)},
		{"GET /categories/{industry}", Public, anyone(a.categories)},
	}
}

// anyone is a handler to which it is all the same who asks.
func anyone(h http.HandlerFunc) func(http.ResponseWriter, *http.Request, Caller) {
	return func(w http.ResponseWriter, r *http.Request, _ Caller) { h(w, r) }
}

func (a *API) routes() {
	for _, rt := range a.table() {
		h := func(w http.ResponseWriter, r *http.Request) { a.admitted(rt, w, r) }
		if strings.HasPrefix(rt.pattern, "POST ") {
			h = a.drained(h)
		}
		a.mux.HandleFunc(rt.pattern, h)
	}
}
