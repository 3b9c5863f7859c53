package httpapi

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// Statistics returns what became of a tenant's documents.
type Statistics func(ctx context.Context, tenant string, q store.StatsQuery) (store.Stats, error)

// stats answers GET /v1/stats.
func (a *API) stats(w http.ResponseWriter, r *http.Request, c Caller) {
	s, err := a.statsOf(r, c)
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, s)
}

func (a *API) statsOf(r *http.Request, c Caller) (store.Stats, error) {
	if a.opts.Stats == nil {
		return store.Stats{}, fault.New(fault.NotFound, nil, "this server keeps no statistics")
	}
	query, known := r.URL.Query(), []string{"from", "to", "by", "group"}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(known, name) || len(query[name]) > 1 {
			return store.Stats{}, fault.New(fault.Invalid, nil, "%.40q is no parameter, or is given twice: there are %s", name, strings.Join(known, ", "))
		}
	}
	q, err := store.ParseStats(query.Get("from"), query.Get("to"), query.Get("by"), query.Get("group"))
	if err != nil {
		return store.Stats{}, err
	}
	return a.opts.Stats(r.Context(), c.Tenant, q)
}
