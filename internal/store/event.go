package store

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/cascade"
)

// EventType is what a webhook may be told of.
type EventType string

// The types of events.
const (
	ClassificationCompleted EventType = "classification.completed"
	ClassificationFailed    EventType = "classification.failed"
	ClassificationReviewed  EventType = "classification.reviewed"
	BatchCompleted          EventType = "batch.completed"

	// WebhookTest is sent to one webhook when somebody asks for it.
	WebhookTest EventType = "webhook.test"
)

// EventTypes returns the types that a webhook may want.
func EventTypes() []EventType {
	return []EventType{ClassificationCompleted, ClassificationFailed, ClassificationReviewed, BatchCompleted}
}

// event is something that webhooks may want to be told of.
type event struct {
	kind    EventType
	tenant  string
	subject string // made by NewID
	again   string // tells events of one type about one subject from each other; "" where there is only one
	data    any    // what is told; of the size of a result's summary
}

// id returns the id of the event at a webhook. It has the moment of the subject, and so its day.
func (e event) id(webhook string) (string, error) {
	of, err := uuid.Parse(e.subject)
	if err != nil || dayOf(e.subject) < 0 {
		return "", fmt.Errorf("an event about %.64q, which is no id", e.subject)
	}
	sum := sha256.Sum256([]byte(webhook + "\n" + string(e.kind) + "\n" + e.subject + "\n" + e.again))
	copy(of[6:], sum[:])
	of[6], of[8] = 0x70|of[6]&0x0f, 0x80|of[8]&0x3f // version 7 and its variant
	return of.String(), nil
}

// announce keeps an event for each webhook of its tenant that wants it, to be sent when the
// transaction is committed. What was announced before is not announced again.
func (t *tx) announce(s *Store, e event) error {
	webhooks, err := t.wanting(s, e.tenant, e.kind)
	for _, w := range webhooks {
		if err == nil {
			_, err = t.dispatch(s, w, e)
		}
	}
	return err
}

// dispatch keeps an event for one webhook, with a job, and returns its id.
func (t *tx) dispatch(s *Store, webhook string, e event) (string, error) {
	id, err := e.id(webhook)
	if err != nil {
		return "", err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	payload, err := json.Marshal(struct {
		Type      EventType `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      any       `json:"data"`
	}{e.kind, now, e.data})
	if err != nil {
		return "", fmt.Errorf("encode an event: %w", err)
	}
	n, err := t.exec(s.sql(`INSERT INTO deliveries (day, id, webhook, tenant, type, subject, state, attempts, status, error, next_at, created_at, finished_at, payload)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '', NOW(), NOW(), 0, $8) ON CONFLICT DO NOTHING`),
		dayOf(id), id, webhook, e.tenant, string(e.kind), e.subject, string(Waiting), string(payload))
	if err != nil || n == 0 {
		return id, err
	}
	return id, t.enqueue(s, Job{Kind: Notify, ID: id, Tenant: e.tenant, Priority: Normal})
}

// outcome returns the event of a classification that has ended. There is none of one that was canceled.
func outcome(r Record) (e event, ok bool) {
	e = event{tenant: r.Tenant, subject: r.ID}
	switch r.State {
	case Completed:
		e.kind = ClassificationCompleted
	case Failed:
		e.kind = ClassificationFailed
	default:
		return e, false
	}
	told := struct {
		ID         string           `json:"id"`
		Batch      string           `json:"batch"` // "" for none
		Status     State            `json:"status"`
		Category   string           `json:"category"`
		Confidence *float64         `json:"confidence"`
		Review     cascade.Review   `json:"review"`
		Cost       cascade.Cost     `json:"cost"`
		Error      *cascade.Problem `json:"error"`
		Links      links            `json:"links"`
	}{ID: r.ID, Batch: r.Batch, Status: r.State, Links: links{Self: "/v1/classifications/" + r.ID}}
	if a := r.Result; a != nil {
		told.Category, told.Confidence, told.Review, told.Cost, told.Error = a.Classification, a.Confidence, a.Review, a.Cost, a.Error
	}
	e.data = told
	return e, true
}

// links are the addresses of what an event is about, at the server that sent it.
type links struct {
	Self string `json:"self"`
}
