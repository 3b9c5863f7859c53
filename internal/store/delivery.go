package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/docsift/docsift/fault"
)

// Notify is the kind of the jobs that send an event to a webhook. A job has the id of its delivery.
const Notify = "webhook"

// DeliveryState is how far an event has come on its way to a webhook.
type DeliveryState string

// The states of a delivery.
const (
	Waiting   DeliveryState = "waiting"
	Delivered DeliveryState = "delivered"
	Dead      DeliveryState = "dead" // it is not sent any more, unless somebody asks for it
)

// Delivery is an event on its way to a webhook.
type Delivery struct {
	ID       string // the same for ever for an event and a webhook, so that a receiver can tell what it has
	Webhook  string
	Tenant   string
	Type     EventType
	Subject  string // the id of the classification or batch
	State    DeliveryState
	Attempts int       // since it was last asked for
	Status   int       // the HTTP status of the last answer; 0 for none
	Error    string    // why the last attempt failed, as the tenant may know it
	Next     time.Time // when it is sent again; zero when it is not
	Created  time.Time
	Finished time.Time // zero: not yet
	Payload  string    // JSON: what is sent, the same at each attempt
}

// TestWebhook sends a webhook of a tenant an event that means nothing, and returns the id of the delivery.
func (s *Store) TestWebhook(ctx context.Context, tenant, webhook string) (id string, err error) {
	subject := NewID()
	err = s.write(ctx, faithfully, func(t *tx) (err error) {
		id, err = t.dispatch(s, webhook, event{kind: WebhookTest, tenant: tenant, subject: subject, data: struct {
			ID    string `json:"id"`
			Links links  `json:"links"`
		}{webhook, links{Self: "/v1/webhooks/" + webhook}}})
		return err
	})
	return id, err
}

// Deliveries returns up to n deliveries to a webhook of a tenant, those of the latest subjects
// first: of one state, or of all where it is "", and with an id below before, where that is not "".
func (s *Store) Deliveries(ctx context.Context, tenant, webhook string, state DeliveryState, before string, n int) ([]Delivery, error) {
	switch {
	case before == "":
		before = "g" // above any id
	case dayOf(before) < 0:
		return nil, fault.New(fault.Invalid, nil, "%.64q is no cursor of an earlier page", before)
	}
	of := ""
	switch state { // by name, as the indexes are
	case "":
	case Waiting, Delivered, Dead:
		of = "AND state = '" + string(state) + "'"
	default:
		return nil, fault.New(fault.Invalid, nil, "state: %.40q is none; there are %s, %s and %s", state, Waiting, Delivered, Dead)
	}
	return s.deliveries(ctx, `WHERE webhook = $1 AND tenant = $2 AND id < $3 `+of+` ORDER BY id DESC LIMIT $4`, webhook, tenant, before, n)
}

// Delivery returns a delivery of a tenant, with fault.NotFound where there is none.
func (s *Store) Delivery(ctx context.Context, tenant, id string) (Delivery, error) {
	day := dayOf(id)
	if day < 0 {
		return Delivery{}, noDelivery(id)
	}
	all, err := s.deliveries(ctx, `WHERE day = $1 AND id = $2 AND tenant = $3`, day, id, tenant)
	if err == nil && len(all) == 0 {
		err = noDelivery(id)
	}
	if err != nil {
		return Delivery{}, err
	}
	return all[0], nil
}

func noDelivery(id string) error {
	return fault.New(fault.NotFound, nil, "there is no delivery %.64q", id)
}

func (s *Store) deliveries(ctx context.Context, where string, args ...any) (all []Delivery, err error) {
	err = s.read(ctx, func(r *sql.Rows) error {
		var d Delivery
		var next, created, finished int64
		err := r.Scan(&d.ID, &d.Webhook, &d.Tenant, &d.Type, &d.Subject, &d.State, &d.Attempts, &d.Status, &d.Error, &next, &created, &finished, &d.Payload)
		d.Next, d.Created, d.Finished = moment(next), moment(created), moment(finished)
		all = append(all, d)
		return err
	}, `SELECT id, webhook, tenant, type, subject, state, attempts, status, error, next_at, created_at, finished_at, payload FROM deliveries `+where, args...)
	return all, err
}

// Replay has a delivery to a webhook of a tenant sent again now, whatever became of it.
func (s *Store) Replay(ctx context.Context, tenant, webhook, id string) error {
	day := dayOf(id)
	if day < 0 {
		return noDelivery(id)
	}
	return s.write(ctx, faithfully, func(t *tx) error { // the job first, as FinishDelivery does: who locks in another order waits for ever
		if err := t.enqueue(s, Job{Kind: Notify, ID: id, Tenant: tenant, Priority: Normal}); err != nil {
			return err
		}
		_, err := t.exec(s.sql(`UPDATE jobs SET visible_at = NOW() WHERE kind = $1 AND id = $2 AND worker = '' AND visible_at > NOW()`), Notify, id)
		if err != nil {
			return err
		}
		n, err := t.exec(s.sql(`UPDATE deliveries SET state = $1, attempts = 0, next_at = NOW(), finished_at = 0
			WHERE day = $2 AND id = $3 AND webhook = $4 AND tenant = $5`), string(Waiting), day, id, webhook, tenant)
		if err == nil && n == 0 {
			err = noDelivery(id)
		}
		return err
	})
}

// Outcome is what became of an attempt to deliver an event.
type Outcome struct {
	State  DeliveryState
	Sent   bool          // it counts as an attempt
	Status int           // of the answer; 0 for none
	Error  string        // "" when it was delivered
	After  time.Duration // of one that is Waiting: until the next attempt

	// SwitchOff says why the webhook is to be sent nothing from now on. Default: it is.
	SwitchOff string
}

// FinishDelivery keeps what became of a job of kind Notify, and ends the job unless it is to be done
// again. It is Fenced when the job is another's by now.
func (s *Store) FinishDelivery(ctx context.Context, j Job, o Outcome) error {
	if o.SwitchOff != "" {
		defer s.hooks.forget(j.Tenant)
	}
	return s.write(ctx, lazily, func(t *tx) error {
		next, end := "0", t.finish
		if o.State == Waiting {
			next, end = "NOW() + $8", func(j Job) error { return t.giveBack(s, j, o.After) }
		}
		if err := end(j); err != nil {
			return err
		}
		args := []any{string(o.State), o.Sent, o.Status, text(o.Error), dayOf(j.ID), j.ID, j.Tenant}
		if o.State == Waiting {
			args = append(args, o.After.Microseconds())
		}
		_, err := t.exec(s.sql(`UPDATE deliveries SET state = $1, attempts = attempts + CASE WHEN $2 THEN 1 ELSE 0 END, status = $3, error = $4, next_at = `+next+`,
			finished_at = CASE WHEN $1 = 'waiting' THEN 0 ELSE NOW() END WHERE day = $5 AND id = $6 AND tenant = $7`), args...)
		if err != nil || o.SwitchOff == "" {
			return err
		}
		_, err = t.exec(`UPDATE webhooks SET enabled = $1, reason = $2 WHERE tenant = $3 AND id = (SELECT webhook FROM deliveries WHERE day = $4 AND id = $5)`,
			false, o.SwitchOff, j.Tenant, dayOf(j.ID), j.ID)
		return err
	})
}
