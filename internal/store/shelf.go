package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

// Shelf is where a process finds the taxonomies that tenants made. It goes on with what it knows while
// the database does not answer. It is safe for concurrent use.
type Shelf struct {
	// Found is told of each taxonomy that is about to be used. It is set before the first call.
	Found func(...*taxonomy.Taxonomy)

	s     *Store
	reads singleflight.Group

	mu      sync.Mutex
	used    map[string]using // by tenant
	whole   map[[3]string]*taxonomy.Taxonomy
	failing bool
}

// using is which version each id of a tenant's meant at a time.
type using struct {
	at time.Time
	of map[string]string
}

// The limits of a Shelf.
const (
	shelfPatience = 500 * time.Millisecond // for which the database is waited for
	maxShelf      = 256                    // taxonomies that are kept ready
)

// Shelf returns the taxonomies of this store. What one process changes, the others go by within 5 seconds.
func (s *Store) Shelf() *Shelf { return &Shelf{s: s} }

// Use is UseTaxonomy. This process goes by it at once.
func (h *Shelf) Use(ctx context.Context, tenant, by, id, version string) error {
	err := h.s.UseTaxonomy(ctx, tenant, by, id, version)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.used, tenant)
	h.reads.Forget(tenant)
	return err
}

// Taxonomy returns what a tenant means by the name of a taxonomy: an id, or one with a version, as in
// "tickets@2+9f3a2c1b07de". It is nil where the tenant has made none of that name.
func (h *Shelf) Taxonomy(tenant, name string) (*taxonomy.Taxonomy, error) {
	id, version, exact := strings.Cut(name, "@")
	if !exact {
		version = h.using(tenant)[id]
	}
	if version == "" {
		return nil, nil
	}
	t, err := h.read(tenant, id, version)
	if exact && fault.KindOf(err) == fault.NotFound {
		return nil, nil // everybody's, perhaps
	}
	return t, err
}

// Taxonomies returns those that a tenant made and uses, ordered by id.
func (h *Shelf) Taxonomies(tenant string) (all []*taxonomy.Taxonomy, err error) {
	used := h.using(tenant)
	for _, id := range slices.Sorted(maps.Keys(used)) {
		t, err := h.read(tenant, id, used[id])
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// using returns which versions are in use, as far as that is known.
func (h *Shelf) using(tenant string) map[string]string {
	h.mu.Lock()
	had, ok := h.used[tenant]
	h.mu.Unlock()
	if ok && time.Since(had.at) < rememberFor {
		return had.of
	}
	now, _, _ := h.reads.Do(tenant, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), shelfPatience)
		defer cancel()
		of, err := h.s.taxonomiesUsed(ctx, tenant)
		if err != nil {
			of = had.of
		}
		h.remember(tenant, of, err)
		return of, nil
	})
	return now.(map[string]string)
}

func (h *Shelf) remember(tenant string, of map[string]string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil && !h.failing {
		h.s.log.Warn("which taxonomies tenants use cannot be read: what was known of them still counts", "error", err)
	}
	h.failing = err != nil
	if h.used == nil || len(h.used) >= rememberOf {
		h.used = make(map[string]using)
	}
	h.used[tenant] = using{time.Now(), of}
}

func (h *Shelf) read(tenant, id, version string) (*taxonomy.Taxonomy, error) {
	key := [3]string{tenant, id, version}
	h.mu.Lock()
	t := h.whole[key]
	h.mu.Unlock()
	if t != nil {
		return t, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.s.Patience)
	defer cancel()
	t, _, err := h.s.ReadTaxonomy(ctx, tenant, id, version)
	if err != nil {
		return nil, err
	}
	if h.Found != nil {
		h.Found(t)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.whole == nil || len(h.whole) >= maxShelf {
		h.whole = make(map[[3]string]*taxonomy.Taxonomy)
	}
	h.whole[key] = t
	return t, nil
}
