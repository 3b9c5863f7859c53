package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/ratelimit"
)

// AddKey keeps a key, and who made it. One whose id there is already is fault.Conflict.
func (s *Store) AddKey(ctx context.Context, k access.Key, by string) error {
	scopes := make([]string, len(k.Scopes))
	for i, sc := range k.Scopes {
		scopes[i] = string(sc)
	}
	limits := ""
	if k.Own {
		limits = ratelimit.Format(k.Limits)
	}
	return s.write(ctx, faithfully, func(t *tx) error {
		n, err := t.exec(`INSERT INTO api_keys (id, hash, name, tenant, scopes, budget, limits, created_at, expires_at, revoked_at, used_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0) ON CONFLICT DO NOTHING`,
			k.ID, hex.EncodeToString(k.Hash[:]), text(k.Name), k.Tenant, strings.Join(scopes, ","), int64(k.Budget), limits, microseconds(k.Created), microseconds(k.Expires))
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, nil, "there is a key %s already", k.Prefix())
		}
		if err != nil {
			return err
		}
		return t.audit(Act{Tenant: k.Tenant, By: by, What: "key.create", Of: k.Prefix(), Detail: k.Name})
	})
}

// RevokeKey ends a key of a tenant, and notes who did that. One that there is not, or that was
// revoked before, is fault.NotFound.
func (s *Store) RevokeKey(ctx context.Context, tenant, id, by string) error {
	return s.write(ctx, faithfully, func(t *tx) error {
		n, err := t.exec(`UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND tenant = $3 AND revoked_at = 0`, microseconds(time.Now()), text(id), tenant)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, nil, "there is no key %.64q that could be revoked", id)
		}
		if err != nil {
			return err
		}
		return t.audit(Act{Tenant: tenant, By: by, What: "key.revoke", Of: access.Key{ID: id}.Prefix()})
	})
}

// Keys returns the keys of a tenant, or of all where it is "", in the order in which they were
// made. Those that were revoked are among them.
func (s *Store) Keys(ctx context.Context, tenant string) (all []access.Key, err error) {
	err = s.read(ctx, func(r *sql.Rows) error {
		k, err := scanKey(r)
		all = append(all, k)
		return err
	}, `SELECT id, hash, name, tenant, scopes, budget, limits, created_at, expires_at, revoked_at, used_at
		FROM api_keys WHERE tenant = $1 OR $1 = '' ORDER BY created_at, id`, tenant)
	return all, err
}

func scanKey(r *sql.Rows) (k access.Key, err error) {
	var hash, scopes, limits string
	var created, expires, revoked, used int64
	if err := r.Scan(&k.ID, &hash, &k.Name, &k.Tenant, &scopes, &k.Budget, &limits, &created, &expires, &revoked, &used); err != nil {
		return k, err
	}
	k.Created, k.Expires, k.Revoked, k.Used = moment(created), moment(expires), moment(revoked), moment(used)
	for sc := range strings.SplitSeq(scopes, ",") {
		k.Scopes = append(k.Scopes, access.Scope(sc))
	}
	if k.Own = limits != ""; k.Own {
		if k.Limits, err = ratelimit.Parse(limits); err != nil {
			return k, fmt.Errorf("the key %s: %w", k.ID, err)
		}
	}
	if n, err := hex.Decode(k.Hash[:], []byte(hash)); err != nil || n != len(k.Hash) || len(hash) != 2*n {
		return k, fmt.Errorf("the key %s has no hash", k.ID)
	}
	return k, nil
}

// KeysUsed notes when keys were used last.
func (s *Store) KeysUsed(ctx context.Context, used map[string]time.Time) error {
	return s.write(ctx, lazily, func(t *tx) error {
		for id, at := range used {
			if _, err := t.exec(`UPDATE api_keys SET used_at = $1 WHERE id = $2 AND used_at < $1`, microseconds(at), id); err != nil {
				return err
			}
		}
		return nil
	})
}
