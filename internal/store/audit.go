package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
)

// Act is something that somebody did to how the service works.
type Act struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Tenant string    `json:"tenant"` // whose affairs it was about
	By     string    `json:"by"`     // a key, or a user of the machine
	What   string    `json:"what"`   // such as key.create
	Of     string    `json:"of"`     // such as a key or a model
	Detail string    `json:"detail"`
}

// Audit keeps that something was done. Its id and its time are given to it.
func (s *Store) Audit(ctx context.Context, a Act) error {
	return s.write(ctx, faithfully, func(t *tx) error { return t.audit(a) })
}

func (t *tx) audit(a Act) error {
	_, err := t.exec(`INSERT INTO audit (id, at, tenant, actor, action, target, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		uuid.Must(uuid.NewV7()).String(), microseconds(time.Now()), a.Tenant, text(a.By), a.What, text(a.Of), text(a.Detail))
	return err
}

// Acts returns up to n acts about a tenant, or about all where it is "", the latest first: those
// before one by its id, or the very latest where that is "".
func (s *Store) Acts(ctx context.Context, tenant, before string, n int) (all []Act, err error) {
	all = []Act{}
	err = s.read(ctx, func(r *sql.Rows) error {
		var a Act
		var at int64
		err := r.Scan(&a.ID, &at, &a.Tenant, &a.By, &a.What, &a.Of, &a.Detail)
		a.At = moment(at)
		all = append(all, a)
		return err
	}, `SELECT id, at, tenant, actor, action, target, detail FROM audit
		WHERE (tenant = $1 OR $1 = '') AND (id < $2 OR $2 = '') ORDER BY id DESC LIMIT $3`, tenant, text(before), n)
	return all, err
}
