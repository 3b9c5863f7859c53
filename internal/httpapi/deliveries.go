package httpapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// maxPage is how many rows a page has at most, and defaultPage how many where nobody says.
const (
	maxPage     = 200
	defaultPage = 50
)

// deliveryJSON is a delivery in an answer. What is not known is null.
type deliveryJSON struct {
	ID       string              `json:"id"` // which the receiver sees as webhook-id
	Type     store.EventType     `json:"type"`
	Subject  string              `json:"subject"`
	State    store.DeliveryState `json:"state"`
	Attempts int                 `json:"attempts"`
	Status   *int                `json:"last_status"`
	Error    string              `json:"last_error"`
	Next     *time.Time          `json:"next_attempt_at"`
	Created  time.Time           `json:"created_at"`
	Finished *time.Time          `json:"finished_at"`
	Payload  json.RawMessage     `json:"payload"`
}

func toDeliveryJSON(d store.Delivery) deliveryJSON {
	j := deliveryJSON{
		ID: d.ID, Type: d.Type, Subject: d.Subject, State: d.State, Attempts: d.Attempts, Error: d.Error,
		Next: orNull(d.Next), Created: d.Created, Finished: orNull(d.Finished), Payload: json.RawMessage(d.Payload),
	}
	if d.Status != 0 {
		j.Status = &d.Status
	}
	return j
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// deliveries answers GET /v1/webhooks/{id}/deliveries.
func (a *API) deliveries(w http.ResponseWriter, r *http.Request, c Caller) error {
	query := r.URL.Query()
	n, err := pageSize(query)
	if err != nil {
		return err
	}
	hook, err := a.opts.Store.Webhook(r.Context(), c.Tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	all, err := a.opts.Store.Deliveries(r.Context(), c.Tenant, hook.ID, store.DeliveryState(query.Get("state")), query.Get("cursor"), n+1)
	if err != nil {
		return err
	}
	out := struct {
		Deliveries []deliveryJSON `json:"deliveries"`
		Next       *string        `json:"next_cursor"` // null on the last page
	}{Deliveries: []deliveryJSON{}}
	if len(all) > n {
		all = all[:n]
		out.Next = &all[n-1].ID
	}
	for _, d := range all {
		out.Deliveries = append(out.Deliveries, toDeliveryJSON(d))
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// pageSize reads how many rows a page is to have.
func pageSize(query url.Values) (int, error) {
	text := query.Get("limit")
	if text == "" {
		return defaultPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 0, fault.New(fault.Invalid, nil, "limit: give a number from 1 to %d", maxPage)
	}
	return n, nil
}

// testWebhook answers POST /v1/webhooks/{id}/test.
func (a *API) testWebhook(w http.ResponseWriter, r *http.Request, c Caller) error {
	hook, err := a.enabled(r, c)
	if err != nil {
		return err
	}
	id, err := a.opts.Store.TestWebhook(r.Context(), c.Tenant, hook.ID)
	if err != nil {
		return err
	}
	return a.tellDelivery(w, r, c, id)
}

// replay answers POST /v1/webhooks/{id}/deliveries/{delivery}/replay.
func (a *API) replay(w http.ResponseWriter, r *http.Request, c Caller) error {
	hook, err := a.enabled(r, c)
	if err != nil {
		return err
	}
	id := r.PathValue("delivery")
	if err := a.opts.Store.Replay(r.Context(), c.Tenant, hook.ID, id); err != nil {
		return err
	}
	return a.tellDelivery(w, r, c, id)
}

// enabled returns the webhook of a request about something to be sent.
func (a *API) enabled(r *http.Request, c Caller) (store.Webhook, error) {
	hook, err := a.opts.Store.Webhook(r.Context(), c.Tenant, r.PathValue("id"))
	if err == nil && !hook.Enabled {
		err = fault.New(fault.Conflict, nil, "the webhook is switched off: %s", hook.Reason)
	}
	return hook, err
}

// tellDelivery answers with a delivery that is to be sent.
func (a *API) tellDelivery(w http.ResponseWriter, r *http.Request, c Caller, id string) error {
	d, err := a.opts.Store.Delivery(r.Context(), c.Tenant, id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusAccepted, toDeliveryJSON(d))
	return nil
}
