package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/ratelimit"
	"github.com/docsift/docsift/model"
)

// Scope is what a caller must be allowed to do for a route.
type Scope = access.Scope

// The scopes. Admin contains the others.
const (
	Public   Scope = "" // nobody is asked who they are
	Classify       = access.Classify
	Metrics        = access.Metrics
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

// client is for whom models are asked.
func (c Caller) client() model.Client {
	return model.Client{Tenant: c.Tenant, Key: c.Key, Day: int64(c.Budget)}
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
		{"GET /openapi.json", Public, anyone(a.document)},
		{"GET /openapi.yaml", Public, anyone(a.documentYAML)},
		{"GET /docs", Public, anyone(a.docs)},

		{"POST /v1/classifications", Classify, a.classify},
		{"POST /v1/uploads", Classify, a.announce},
		{"PUT /v1/uploads/{id}", Public, anyone(a.bring)},
		{"POST /v1/decisions", Classify, a.decisions},
		{"POST /v1/systemone", Classify, a.systemOne},
		{"GET /v1/taxonomies", Read, a.taxonomies},
		{"GET /v1/taxonomies/{id}", Read, a.getTaxonomy},
		{"GET /v1/stats", Read, a.stats},
		{"GET /v1/providers", Read, anyone(a.providers)},
		{"GET /v1/cache", Admin, anyone(a.cached)},
		{"PUT /v1/providers/breaker", Admin, a.setBreaker},
		{"POST /v1/providers/test", Admin, a.testModel},
		{"GET /v1/keys", Admin, a.keys},
		{"POST /v1/keys", Admin, a.addKey},
		{"DELETE /v1/keys/{id}", Admin, a.revokeKey},
		{"GET /v1/audit", Admin, a.audit},

		// The original service's contract.
		{"POST /classify_file", Classify, a.classifyFile},
		{"GET /industries", Public, anyone(a.industries)},
		{"GET /categories/{industry}", Public, anyone(a.categories)},
	}
	if a.opts.Metrics != nil {
		rt := route{"GET /metrics", Metrics, anyone(a.opts.Metrics.ServeHTTP)}
		if len(a.opts.Hosts) > 0 {
			rt.scope = Public
		}
		all = append(all, rt)
	}
	if a.opts.Store == nil {
		return all
	}
	return append(all, []route{
		{"GET /v1/classifications", Read, a.listRecords},
		{"GET /v1/classifications/{id}", Classify, a.getRecord},
		{"GET /v1/classifications/{id}/pages/{page}", Read, a.pageImage},
		{"GET /v1/classifications/{id}/text", Read, a.pageText},
		{"POST /v1/classifications/{id}/cancel", Classify, a.cancelRecord},
		{"POST /v1/classifications/{id}/again", Classify, a.classifyAgain},
		{"POST /v1/classifications/{id}/feedback", Review, a.giveFeedback},
		{"GET /v1/feedback", Read, a.listFeedback},
		{"POST /v1/taxonomies", Admin, a.saveTaxonomy},
		{"PUT /v1/taxonomies/{id}/version", Admin, a.useTaxonomy},
		{"DELETE /v1/taxonomies/{id}/version", Admin, a.dropTaxonomy},
		{"POST /v1/taxonomies/try", Admin, a.tryTaxonomy},
		{"POST /v1/reviews/claim", Review, a.claimReviews},
		{"POST /v1/reviews/{id}/skip", Review, a.setReviewAside},

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
	for _, p := range a.opts.Pages {
		a.mux.HandleFunc(p.Pattern, func(w http.ResponseWriter, r *http.Request) { a.answerPage(p, w, r) })
	}
}
