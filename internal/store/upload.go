package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
)

// Upload is a document that was announced, to be brought apart from the request that is about it.
type Upload struct {
	blob.Upload

	Filename string
	Received bool // it has come, and is kept under its digest
	Expires  time.Time
}

// Announce keeps an upload for so long. Whoever knows the token may bring it to this server; with
// none nobody may. It returns when the upload expires, by the clock of the database.
func (s *Store) Announce(ctx context.Context, u Upload, token string, valid time.Duration) (expires time.Time, err error) {
	err = s.write(ctx, faithfully, func(t *tx) error {
		var us int64
		err := t.row(s.sql(`INSERT INTO uploads (id, tenant, state, sha256, bytes, filename, token, expires)
			VALUES ($1, $2, 'announced', $3, $4, $5, $6, NOW() + $7) RETURNING expires`),
			u.ID, u.Tenant, u.SHA256, u.Bytes, text(u.Filename), tokenHash(token), valid.Microseconds()).Scan(&us)
		expires = moment(us)
		return err
	})
	return expires, err
}

// tokenHash is what is kept of a token: who reads the database cannot use it.
func tokenHash(token string) string {
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// FindUpload returns an upload of a tenant. One that has expired is fault.NotFound.
func (s *Store) FindUpload(ctx context.Context, tenant, id string) (Upload, error) {
	return s.upload(ctx, id, `tenant = $2`, text(tenant))
}

// OfToken returns the upload that a token is for. It is fault.NotFound with another token.
func (s *Store) OfToken(ctx context.Context, id, token string) (Upload, error) {
	if token == "" {
		return Upload{}, noUpload(id)
	}
	return s.upload(ctx, id, `token = $2`, tokenHash(token))
}

func (s *Store) upload(ctx context.Context, id, where string, arg any) (u Upload, err error) {
	found := false
	err = s.read(ctx, func(row *sql.Rows) error {
		found = true
		var state string
		var expires int64
		err := row.Scan(&u.ID, &u.Tenant, &state, &u.SHA256, &u.Bytes, &u.Filename, &expires)
		u.Received, u.Expires = state == "received", moment(expires)
		return err
	}, s.sql(`SELECT id, tenant, state, sha256, bytes, filename, expires FROM uploads WHERE id = $1 AND expires > NOW() AND `+where), text(id), arg)
	if err == nil && !found {
		err = noUpload(id)
	}
	return u, err
}

func noUpload(id string) error {
	return fault.New(fault.NotFound, nil, "there is no upload %.64q, or it has expired", id)
}

// Receive notes that an upload has come and is kept. That it came before is fault.Conflict if it
// had other bytes.
func (s *Store) Receive(ctx context.Context, id string, i blob.Info) error {
	return s.write(ctx, faithfully, func(t *tx) error {
		n, err := t.exec(`UPDATE uploads SET state = 'received', sha256 = $1, bytes = $2
			WHERE id = $3 AND tenant = $4 AND (state = 'announced' OR sha256 = $1)`, i.SHA256, i.Bytes, id, i.Tenant)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, nil, "other bytes were uploaded here before")
		}
		return err
	})
}

// forgetUploads deletes those that expired a day ago.
func (s *Store) forgetUploads(ctx context.Context) error {
	return s.write(ctx, lazily, func(t *tx) error {
		_, err := t.exec(s.sql(`DELETE FROM uploads WHERE expires < NOW() - $1`), (24 * time.Hour).Microseconds())
		return err
	})
}

// Needed is blob.References: it returns which documents an upload or a classification that is to be
// done still needs, or with finished any classification.
func (s *Store) Needed(ctx context.Context, refs []blob.Ref, finished bool) (map[blob.Ref]bool, error) {
	needed := make(map[blob.Ref]bool)
	if len(refs) == 0 {
		return needed, nil
	}
	var list []string
	args := []any{finished}
	for n, r := range refs {
		list = append(list, fmt.Sprintf("($%d, $%d)", 2*n+2, 2*n+3))
		args = append(args, text(r.Tenant), r.SHA256)
	}
	err := s.read(ctx, func(row *sql.Rows) error {
		var r blob.Ref
		err := row.Scan(&r.Tenant, &r.SHA256)
		needed[r] = true
		return err
	}, s.sql(`WITH asked (tenant, sha256) AS (VALUES `+strings.Join(list, ", ")+`)
		SELECT a.tenant, a.sha256 FROM asked a
		WHERE EXISTS (SELECT 1 FROM classifications c WHERE c.tenant = a.tenant AND c.sha256 = a.sha256 AND ($1 OR c.state IN ('queued', 'running')))
			OR EXISTS (SELECT 1 FROM uploads u WHERE u.tenant = a.tenant AND u.sha256 = a.sha256 AND u.expires > NOW())`), args...)
	return needed, err
}
