package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
)

// Webhook is an address that a tenant's events are sent to.
type Webhook struct {
	ID          string // a UUID of version 7
	Tenant      string
	URL         string
	Events      []EventType // that are wanted
	Description string
	Secrets     []Secret // the one that signs from now on first
	Enabled     bool
	Reason      string // why it is not enabled; "" for one that is
	Created     time.Time
}

// Secret is a signing secret, sealed.
type Secret struct {
	Sealed string    `json:"sealed"`
	Until  time.Time `json:"until,omitzero"` // it signs until then; zero: no end is known
}

// WebhookChange says what of a webhook is to be otherwise. Nil fields stay as they are.
type WebhookChange struct {
	URL, Description, Reason *string
	Events                   []EventType
	Enabled                  *bool
}

// MaxWebhooks is how many webhooks a tenant may have.
const MaxWebhooks = 20

// AddWebhook keeps a new webhook. Other processes announce events to it within 5 seconds. One too
// many is fault.Conflict.
func (s *Store) AddWebhook(ctx context.Context, w Webhook) error {
	events, err := encoded(w.Events)
	if err != nil {
		return err
	}
	secrets, err := encoded(w.Secrets)
	if err != nil {
		return err
	}
	defer s.hooks.forget(w.Tenant)
	return s.write(ctx, faithfully, func(t *tx) error {
		var n int
		if err := t.row(`SELECT count(*) FROM webhooks WHERE tenant = $1`, w.Tenant).Scan(&n); err != nil {
			return err
		}
		if n >= MaxWebhooks {
			return fault.New(fault.Conflict, nil, "there are %d webhooks already, which is the most: delete one first", n)
		}
		_, err := t.exec(`INSERT INTO webhooks (id, tenant, url, events, description, secrets, enabled, reason, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			w.ID, w.Tenant, text(w.URL), events, text(w.Description), secrets, w.Enabled, w.Reason, microseconds(w.Created))
		return err
	})
}

// encoded returns what is kept of a list.
func encoded[T any](list []T) (string, error) {
	raw, err := json.Marshal(list)
	if err != nil {
		err = fmt.Errorf("encode a webhook: %w", err)
	}
	return string(raw), err
}

// Webhooks returns a tenant's webhooks, the oldest first.
func (s *Store) Webhooks(ctx context.Context, tenant string) ([]Webhook, error) {
	return s.webhooks(ctx, `WHERE tenant = $1 ORDER BY id`, tenant)
}

// Webhook returns a webhook of a tenant, with fault.NotFound where there is none.
func (s *Store) Webhook(ctx context.Context, tenant, id string) (Webhook, error) {
	if dayOf(id) < 0 {
		return Webhook{}, noWebhook(id)
	}
	all, err := s.webhooks(ctx, `WHERE id = $1 AND tenant = $2`, id, tenant)
	if err == nil && len(all) == 0 {
		err = noWebhook(id)
	}
	if err != nil {
		return Webhook{}, err
	}
	return all[0], nil
}

func noWebhook(id string) error {
	return fault.New(fault.NotFound, nil, "there is no webhook %.64q", id)
}

func (s *Store) webhooks(ctx context.Context, where string, args ...any) (all []Webhook, err error) {
	err = s.read(ctx, func(r *sql.Rows) error {
		var w Webhook
		var events, secrets string
		var created int64
		if err := r.Scan(&w.ID, &w.Tenant, &w.URL, &events, &w.Description, &secrets, &w.Enabled, &w.Reason, &created); err != nil {
			return err
		}
		w.Created = moment(created)
		if err := json.Unmarshal([]byte(events), &w.Events); err != nil {
			return fmt.Errorf("the events of webhook %s: %w", w.ID, err)
		}
		if err := json.Unmarshal([]byte(secrets), &w.Secrets); err != nil {
			return fmt.Errorf("the secrets of webhook %s: %w", w.ID, err)
		}
		all = append(all, w)
		return nil
	}, `SELECT id, tenant, url, events, description, secrets, enabled, reason, created_at FROM webhooks `+where, args...)
	return all, err
}

// ChangeWebhook changes a webhook of a tenant.
func (s *Store) ChangeWebhook(ctx context.Context, tenant, id string, c WebhookChange) error {
	var events *string
	if c.Events != nil {
		text, err := encoded(c.Events)
		if err != nil {
			return err
		}
		events = &text
	}
	return s.onWebhook(ctx, tenant, id, `UPDATE webhooks SET url = coalesce($3, url), description = coalesce($4, description), reason = coalesce($5, reason),
		events = coalesce($6, events), enabled = coalesce($7, enabled) WHERE id = $1 AND tenant = $2`, c.URL, c.Description, c.Reason, events, c.Enabled)
}

// DeleteWebhook deletes a webhook of a tenant. What waited to be sent to it never is.
func (s *Store) DeleteWebhook(ctx context.Context, tenant, id string) error {
	return s.onWebhook(ctx, tenant, id, `DELETE FROM webhooks WHERE id = $1 AND tenant = $2`)
}

// onWebhook writes to a webhook of a tenant with a statement whose first two arguments are its id and the tenant.
func (s *Store) onWebhook(ctx context.Context, tenant, id, query string, args ...any) error {
	if dayOf(id) < 0 {
		return noWebhook(id)
	}
	defer s.hooks.forget(tenant)
	return s.write(ctx, faithfully, func(t *tx) error {
		n, err := t.exec(query, append([]any{id, tenant}, args...)...)
		if err == nil && n == 0 {
			err = noWebhook(id)
		}
		return err
	})
}

// RotateSecret makes sealed the secret that signs from now on. The one before it goes on signing
// beside it for as long as overlap says; any older one does not.
func (s *Store) RotateSecret(ctx context.Context, tenant, id, sealed string, overlap time.Duration) error {
	w, err := s.Webhook(ctx, tenant, id)
	if err != nil {
		return err
	}
	before, err := encoded(w.Secrets)
	if err != nil {
		return err
	}
	secrets := []Secret{{Sealed: sealed}}
	if len(w.Secrets) > 0 {
		secrets = append(secrets, Secret{Sealed: w.Secrets[0].Sealed, Until: time.Now().Add(overlap).UTC()})
	}
	after, err := encoded(secrets)
	if err != nil {
		return err
	}
	err = s.onWebhook(ctx, tenant, id, `UPDATE webhooks SET secrets = $3 WHERE id = $1 AND tenant = $2 AND secrets = $4`, after, before)
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.Conflict, nil, "the secret was rotated by somebody else at the same time")
	}
	return err
}

// known is what is remembered of a tenant's webhooks, so that who has none pays nothing for them.
type known struct {
	mu sync.Mutex
	of map[string]wanted

	// changes counts what was forgotten: what was read before a change is not remembered after it.
	changes int
}

// wanted is which events the enabled webhooks of a tenant want.
type wanted struct {
	at    time.Time
	hooks []hook
}

type hook struct {
	id     string
	events []EventType
}

// The limits on what is remembered: for how long, and of how many tenants.
const (
	rememberFor = 5 * time.Second
	rememberOf  = 10_000
)

// get returns what is remembered of a tenant. The number is for put.
func (k *known) get(tenant string) (hooks []hook, fresh bool, changes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	w, ok := k.of[tenant]
	return w.hooks, ok && time.Since(w.at) < rememberFor, k.changes
}

func (k *known) put(tenant string, hooks []hook, changes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if changes != k.changes {
		return
	}
	if k.of == nil || len(k.of) >= rememberOf {
		k.of = make(map[string]wanted)
	}
	k.of[tenant] = wanted{time.Now(), hooks}
}

func (k *known) forget(tenant string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	delete(k.of, tenant)
}

// wanting returns the ids of a tenant's webhooks that want to be told of an event.
func (t *tx) wanting(s *Store, tenant string, kind EventType) (ids []string, err error) {
	hooks, fresh, changes := s.hooks.get(tenant)
	if !fresh {
		hooks = nil
		err := rows(t.ctx, t, func(r *sql.Rows) error {
			var h hook
			var events string
			if err := r.Scan(&h.id, &events); err != nil {
				return err
			}
			hooks = append(hooks, h)
			return json.Unmarshal([]byte(events), &hooks[len(hooks)-1].events)
		}, `SELECT id, events FROM webhooks WHERE tenant = $1 AND enabled`, tenant)
		if err != nil {
			return nil, err
		}
		s.hooks.put(tenant, hooks, changes)
	}
	for _, h := range hooks {
		if slices.Contains(h.events, kind) {
			ids = append(ids, h.id)
		}
	}
	return ids, nil
}
