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
	all := []route{
		{"GET /healthz", Public, anyone(a.health)},
		{"GET /readyz", Public, anyone(a.ready)},

		{"POST /v1/classifications", Classify, a.classify},
		{"POST /v1/uploads", Classify, a.announce},
		{"PUT /v1/uploads/{id}", Public, anyone(a.bring)},
		{"POST /v1/decisions", Classify, a.decisions},
		{"POST /v1/systemone", Classify, a.systemOne},
		{"GET /v1/taxonomies", Read, anyone(a.taxonomies)},
		{"GET /v1/stats", Read, a.stats},
		{"GET /v1/providers", Read, anyone(a.providers)},
		{"GET /v1/cache", Admin, anyone(a.cached)},
		{"PUT /v1/providers/breaker", Admin, anyone(a.setBreaker)},

		// The original service's contract.
		{"POST /classify_file", Classify, a.classifyFile},
		{"GET /industries", Public, anyone(a.industries)},
		{"GET /categories/{industry}", Public, anyone(a.categories)},
	}
	if a.opts.Store == nil {
		return all
	}
	return append(all, []route{
		{"GET /v1/classifications", Read, a.listRecords},
		{"GET /v1/classifications/{id}", Classify, a.getRecord},
		{"POST /v1/classifications/{id}/cancel", Classify, a.cancelRecord},
		{"POST /v1/classifications/{id}/feedback", Review, a.giveFeedback},
		{"GET /v1/feedback", Read, a.listFeedback},

		{"POST /v1/batches", Classify, a.newBatch},
		{"GET /v1/batches", Read, a.listBatches},
		{"GET /v1/batches/{id}", Classify, a.getBatch},
		{"GET /v1/batches/{id}/results", Classify, a.batchResults},
		{"POST /v1/batches/{id}/close", Classify, a.closeBatch},
		{"POST /v1/batches/{id}/cancel", Classify, a.cancelBatch},
		{"POST /v1/batches/{id}/retry", Classify, a.retryBatch},

		{"POST /v1/webhooks", Admin, a.hooked(a.addWebhook)},
		{"GET /v1/webhooks", Admin, a.hooked(a.webhooks)},
		{"GET /v1/webhooks/{id}", Admin, a.hooked(a.webhook)},
		{"PATCH /v1/webhooks/{id}", Admin, a.hooked(a.changeWebhook)},
		{"DELETE /v1/webhooks/{id}", Admin, a.hooked(a.deleteWebhook)},
		{"POST /v1/webhooks/{id}/rotate", Admin, a.hooked(a.rotateWebhook)},
		{"POST /v1/webhooks/{id}/test", Admin, a.hooked(a.testWebhook)},
		{"GET /v1/webhooks/{id}/deliveries", Admin, a.hooked(a.deliveries)},
		{"POST /v1/webhooks/{id}/deliveries/{delivery}/replay", Admin, a.hooked(a.replay)},

		{"POST /classify_file_async", Classify, a.classifyFileAsync},
		{"GET /classify_file_async/{id}", Classify, a.asyncStatus},
	}...)
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
