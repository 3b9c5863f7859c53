package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/docsift/docsift/fault"
)

// Scope is what a caller must be allowed to do for a route.
type Scope string

// The scopes. Admin contains the others.
const (
	Public   Scope = ""         // nobody is asked who they are
	Classify Scope = "classify" // have documents classified, and read what became of one's own
	Read     Scope = "read"     // read what became of a tenant's documents
	Review   Scope = "review"   // say what a document really is
	Admin    Scope = "admin"    // keys, webhooks, breakers
)

// DefaultTenant is the tenant of those who need not say who they are.
const DefaultTenant = "default"

// Caller is who sent a request.
type Caller struct {
	Tenant string // whose documents these are
	Key    string // the id of the API key; "" where none are asked for
	Scopes []Scope
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

		{"POST /v1/classifications", Classify, a.classify},
		{"POST /v1/uploads", Classify, a.announce},
		{"PUT /v1/uploads/{id}", Public, anyone(a.bring)},
		{"POST /v1/decisions", Classify, anyone(a.decisions)},
		{"POST /v1/systemone", Classify, anyone(a.systemOne)},
		{"GET /v1/taxonomies", Read, anyone(a.taxonomies)},
		{"GET /v1/providers", Read, anyone(a.providers)},
		{"PUT /v1/providers/breaker", Admin, anyone(a.setBreaker)},

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
		if !strings.HasPrefix(rt.pattern, "GET ") {
			h = a.drained(h)
		}
		a.mux.HandleFunc(rt.pattern, h)
	}
}

// admitted lets a request through to its route if its caller may use it.
func (a *API) admitted(rt route, w http.ResponseWriter, r *http.Request) {
	c, err := a.opts.Identify(r)
	if err == nil && !c.May(rt.scope) {
		err = fault.New(forbidden, nil, "the API key does not allow this: it lacks the scope %s", rt.scope)
	}
	if err != nil && rt.scope != Public {
		a.problem(w, err)
		return
	}
	rt.handle(w, r, c)
}
