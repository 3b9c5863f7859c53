package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

// MostVersions is how many versions of taxonomies a tenant may keep.
const MostVersions = 1000

// TaxonomyVersion is a version of a taxonomy that a tenant made. It never changes.
type TaxonomyVersion struct {
	ID      string    `json:"id"`
	Version string    `json:"version"`
	Used    bool      `json:"used"` // it is what the id means now
	By      string    `json:"by"`
	Created time.Time `json:"created_at"`
}

// Ref is the name of this version in requests.
func (v TaxonomyVersion) Ref() string { return v.ID + "@" + v.Version }

// SaveTaxonomy keeps a version of a taxonomy, and its source as it was written, and reports whether it
// is new. One that is kept already stays as it is.
func (s *Store) SaveTaxonomy(ctx context.Context, tenant, by string, t *taxonomy.Taxonomy, source string) (fresh bool, err error) {
	whole, err := json.Marshal(t)
	if err != nil {
		return false, fmt.Errorf("encode the taxonomy: %w", err)
	}
	err = s.write(ctx, faithfully, func(x *tx) error {
		n, err := x.exec(`INSERT INTO taxonomies (tenant, id, version, source, whole, actor, created_at) SELECT $1, $2, $3, $4, $5, $6, $7
			WHERE (SELECT count(*) FROM taxonomies WHERE tenant = $1) < $8 ON CONFLICT DO NOTHING`,
			tenant, t.ID, text(t.Version), text(source), string(whole), text(by), microseconds(time.Now()), MostVersions)
		if err != nil {
			return err
		}
		if fresh = n > 0; fresh {
			return x.audit(Act{Tenant: tenant, By: by, What: "taxonomy.save", Of: t.ID, Detail: t.Version})
		}
		return x.hasTaxonomy(tenant, t.ID, t.Version, fault.New(fault.Conflict, nil, "%d versions of taxonomies are kept, which is the most", MostVersions))
	})
	return fresh, err
}

// UseTaxonomy has the id of a taxonomy mean one of its versions; "" has it mean again what it means
// to everybody. A version that is not kept, or that none is used where it is "", is fault.NotFound.
func (s *Store) UseTaxonomy(ctx context.Context, tenant, by, id, version string) error {
	return s.write(ctx, faithfully, func(x *tx) error {
		if version == "" {
			n, err := x.exec(`DELETE FROM taxonomies_used WHERE tenant = $1 AND id = $2`, tenant, text(id))
			if err == nil && n == 0 {
				err = fault.New(fault.NotFound, nil, "no version of the taxonomy %.64q is in use", id)
			}
			if err != nil {
				return err
			}
			return x.audit(Act{Tenant: tenant, By: by, What: "taxonomy.drop", Of: id})
		}
		if err := x.hasTaxonomy(tenant, id, version, fault.New(fault.NotFound, nil, "no version %.64q of the taxonomy %.64q is kept", version, id)); err != nil {
			return err
		}
		_, err := x.exec(`INSERT INTO taxonomies_used (tenant, id, version) VALUES ($1, $2, $3) ON CONFLICT (tenant, id) DO UPDATE SET version = excluded.version`, tenant, id, version)
		if err != nil {
			return err
		}
		return x.audit(Act{Tenant: tenant, By: by, What: "taxonomy.use", Of: id, Detail: version})
	})
}

// hasTaxonomy returns missing where a version is not kept.
func (t *tx) hasTaxonomy(tenant, id, version string, missing error) error {
	kept := false
	err := rows(t.ctx, t, func(*sql.Rows) error { kept = true; return nil },
		`SELECT 1 FROM taxonomies WHERE tenant = $1 AND id = $2 AND version = $3`, tenant, text(id), text(version))
	if err == nil && !kept {
		err = missing
	}
	return err
}

// TaxonomyVersions returns the versions of a tenant's taxonomy, or of all where the id is "", the latest first.
func (s *Store) TaxonomyVersions(ctx context.Context, tenant, id string) (all []TaxonomyVersion, err error) {
	err = s.read(ctx, func(r *sql.Rows) error {
		var v TaxonomyVersion
		var created int64
		err := r.Scan(&v.ID, &v.Version, &v.Used, &v.By, &created)
		v.Created = moment(created)
		all = append(all, v)
		return err
	}, `SELECT t.id, t.version, u.id IS NOT NULL, t.actor, t.created_at FROM taxonomies t
		LEFT JOIN taxonomies_used u ON u.tenant = t.tenant AND u.id = t.id AND u.version = t.version
		WHERE t.tenant = $1 AND (t.id = $2 OR $2 = '') ORDER BY t.created_at DESC, t.id, t.version`, tenant, text(id))
	return all, err
}

// ReadTaxonomy returns a version of a tenant's taxonomy, and its source.
func (s *Store) ReadTaxonomy(ctx context.Context, tenant, id, version string) (t *taxonomy.Taxonomy, source string, err error) {
	err = s.read(ctx, func(r *sql.Rows) error {
		var whole string
		if err := r.Scan(&source, &whole); err != nil {
			return err
		}
		t = new(taxonomy.Taxonomy)
		return json.Unmarshal([]byte(whole), t)
	}, `SELECT source, whole FROM taxonomies WHERE tenant = $1 AND id = $2 AND version = $3`, tenant, text(id), text(version))
	if err == nil && t == nil {
		err = fault.New(fault.NotFound, nil, "no version %.64q of the taxonomy %.64q is kept", version, id)
	}
	return t, source, err
}

// TaxonomySource returns a taxonomy as a tenant wrote it, or, of one that it did not, a file like it. A nil
// Store has none that tenants wrote.
func (s *Store) TaxonomySource(ctx context.Context, tenant string, t *taxonomy.Taxonomy) (string, error) {
	if s != nil {
		_, source, err := s.ReadTaxonomy(ctx, tenant, t.ID, t.Version)
		if fault.KindOf(err) != fault.NotFound {
			return source, err
		}
	}
	b, err := t.YAML()
	return string(b), err
}

// taxonomiesUsed returns the version that each id of a tenant's means.
func (s *Store) taxonomiesUsed(ctx context.Context, tenant string) (map[string]string, error) {
	used := make(map[string]string)
	err := s.read(ctx, func(r *sql.Rows) error {
		var id, version string
		err := r.Scan(&id, &version)
		used[id] = version
		return err
	}, `SELECT id, version FROM taxonomies_used WHERE tenant = $1`, tenant)
	return used, err
}
