package access

import (
	"time"

	"github.com/docsift/docsift/internal/ratelimit"
)

// View is what is shown of a key.
type View struct {
	ID      string     `json:"id"`
	Prefix  string     `json:"prefix"`
	Name    string     `json:"name"`
	Tenant  string     `json:"tenant"`
	Scopes  []Scope    `json:"scopes"`
	Budget  *string    `json:"budget_day_usd"` // null: none of its own
	Limits  *string    `json:"limits"`         // null: the server's
	Created time.Time  `json:"created_at"`
	Expires *time.Time `json:"expires_at"`
	Revoked *time.Time `json:"revoked_at"`
	Used    *time.Time `json:"used_at"` // within a minute

	// Key is the whole of it, which is shown once, to who made it.
	Key string `json:"key,omitempty"`
}

// View returns what is shown of a key.
func (k Key) View() View {
	v := View{
		ID: k.ID, Prefix: k.Prefix(), Name: k.Name, Tenant: k.Tenant, Scopes: k.Scopes,
		Created: k.Created, Expires: orNull(k.Expires), Revoked: orNull(k.Revoked), Used: orNull(k.Used),
	}
	if k.Budget > 0 {
		v.Budget = new(k.Budget.String())
	}
	if k.Own {
		v.Limits = new(ratelimit.Format(k.Limits))
	}
	return v
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
