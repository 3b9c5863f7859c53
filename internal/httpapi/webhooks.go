package httpapi

import (
	"io"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// Webhooks is what the routes of webhooks need of who sends events.
type Webhooks interface {
	// Check says why events cannot be sent to an address.
	Check(address string) error

	// NewSecret returns a signing secret for a webhook, and the same as it is kept.
	NewSecret(webhook string) (secret, sealed string)
}

// The limits of webhooks.
const (
	maxDescription = 200            // characters
	secretOverlap  = 24 * time.Hour // in which the secret before the last one still signs
)

// hooked is a handler of webhooks, whose errors are answered.
func (a *API) hooked(h func(http.ResponseWriter, *http.Request, Caller) error) func(http.ResponseWriter, *http.Request, Caller) {
	return func(w http.ResponseWriter, r *http.Request, c Caller) {
		var err error
		if a.opts.Store == nil || a.opts.Webhooks == nil {
			err = fault.New(fault.NotFound, nil, "this server keeps nothing, and so has no webhooks")
		} else {
			err = h(w, r, c)
		}
		if err != nil {
			a.problem(w, err)
		}
	}
}

// webhookJSON is a webhook in an answer.
type webhookJSON struct {
	ID             string            `json:"id"`
	URL            string            `json:"url"`
	Events         []store.EventType `json:"events"`
	Description    string            `json:"description"`
	Enabled        bool              `json:"enabled"`
	DisabledReason string            `json:"disabled_reason"` // "" for one that is enabled
	Created        time.Time         `json:"created_at"`

	// PreviousUntil is until when events are signed with the secret before this one too.
	PreviousUntil *time.Time `json:"previous_secret_until"`

	// Secret is told once, when it is made.
	Secret string `json:"secret,omitempty"`
}

func toWebhookJSON(w store.Webhook) webhookJSON {
	j := webhookJSON{
		ID: w.ID, URL: w.URL, Events: w.Events, Description: w.Description, Enabled: w.Enabled, DisabledReason: w.Reason, Created: w.Created,
	}
	if len(w.Secrets) > 1 && time.Now().Before(w.Secrets[1].Until) {
		j.PreviousUntil = &w.Secrets[1].Until
	}
	return j
}

// webhookRequest is the body of a request about a webhook. What is left out is nil.
type webhookRequest struct {
	URL         *string           `json:"url"`
	Events      []store.EventType `json:"events"`
	Description *string           `json:"description"`
	Enabled     *bool             `json:"enabled"`
}

func (a *API) readWebhook(r *http.Request) (req webhookRequest, err error) {
	if err := decode(io.LimitReader(r.Body, smallBody), &req, `{"url": "https://example.com/hooks", "events": ["classification.completed"]}`); err != nil {
		return req, err
	}
	if req.URL != nil {
		if err := a.opts.Webhooks.Check(*req.URL); err != nil {
			return req, err
		}
	}
	if req.Description != nil && utf8.RuneCountInString(*req.Description) > maxDescription {
		return req, fault.New(fault.Invalid, nil, "description: at most %d characters are kept", maxDescription)
	}
	if req.Events != nil && len(req.Events) == 0 {
		return req, fault.New(fault.Invalid, nil, "events: name one, or leave the field out for all of them")
	}
	for _, e := range req.Events {
		if !slices.Contains(store.EventTypes(), e) {
			return req, fault.New(fault.Invalid, nil, "events: %.40q is none; there are %v", e, store.EventTypes())
		}
	}
	slices.Sort(req.Events)
	req.Events = slices.Compact(req.Events)
	return req, nil
}

// addWebhook answers POST /v1/webhooks.
func (a *API) addWebhook(w http.ResponseWriter, r *http.Request, c Caller) error {
	req, err := a.readWebhook(r)
	if err != nil {
		return err
	}
	if req.URL == nil {
		return fault.New(fault.Invalid, nil, "the field url is missing")
	}
	if req.Events == nil {
		req.Events = store.EventTypes()
	}
	hook := store.Webhook{
		ID: store.NewID(), Tenant: c.Tenant, URL: *req.URL, Events: req.Events, Enabled: true, Created: time.Now().UTC().Truncate(time.Microsecond),
	}
	if req.Description != nil {
		hook.Description = *req.Description
	}
	if req.Enabled != nil && !*req.Enabled {
		hook.Enabled, hook.Reason = false, switchedOff
	}
	secret, sealed := a.opts.Webhooks.NewSecret(hook.ID)
	hook.Secrets = []store.Secret{{Sealed: sealed}}
	if err := a.opts.Store.AddWebhook(r.Context(), hook); err != nil {
		return err
	}
	j := toWebhookJSON(hook)
	j.Secret = secret
	w.Header().Set("Location", "/v1/webhooks/"+hook.ID)
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusCreated, j)
	return nil
}

// switchedOff is why a webhook is not enabled that somebody has switched off.
const switchedOff = "it was switched off over the API"

// webhooks answers GET /v1/webhooks.
func (a *API) webhooks(w http.ResponseWriter, r *http.Request, c Caller) error {
	all, err := a.opts.Store.Webhooks(r.Context(), c.Tenant)
	if err != nil {
		return err
	}
	out := struct {
		Webhooks []webhookJSON `json:"webhooks"`
	}{[]webhookJSON{}}
	for _, hook := range all {
		out.Webhooks = append(out.Webhooks, toWebhookJSON(hook))
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// webhook answers GET /v1/webhooks/{id}.
func (a *API) webhook(w http.ResponseWriter, r *http.Request, c Caller) error {
	return a.tellWebhook(w, r, c, "")
}

// tellWebhook answers with a webhook as it is now, and the secret that was made for it.
func (a *API) tellWebhook(w http.ResponseWriter, r *http.Request, c Caller, secret string) error {
	hook, err := a.opts.Store.Webhook(r.Context(), c.Tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	j := toWebhookJSON(hook)
	j.Secret = secret
	writeJSON(w, http.StatusOK, j)
	return nil
}

// changeWebhook answers PATCH /v1/webhooks/{id}.
func (a *API) changeWebhook(w http.ResponseWriter, r *http.Request, c Caller) error {
	req, err := a.readWebhook(r)
	if err != nil {
		return err
	}
	change := store.WebhookChange{URL: req.URL, Events: req.Events, Description: req.Description, Enabled: req.Enabled}
	if req.Enabled != nil {
		change.Reason = new(map[bool]string{false: switchedOff}[*req.Enabled])
	}
	if err := a.opts.Store.ChangeWebhook(r.Context(), c.Tenant, r.PathValue("id"), change); err != nil {
		return err
	}
	return a.tellWebhook(w, r, c, "")
}

// deleteWebhook answers DELETE /v1/webhooks/{id}.
func (a *API) deleteWebhook(w http.ResponseWriter, r *http.Request, c Caller) error {
	if err := a.opts.Store.DeleteWebhook(r.Context(), c.Tenant, r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// rotateWebhook answers POST /v1/webhooks/{id}/rotate.
func (a *API) rotateWebhook(w http.ResponseWriter, r *http.Request, c Caller) error {
	id := r.PathValue("id")
	secret, sealed := a.opts.Webhooks.NewSecret(id)
	if err := a.opts.Store.RotateSecret(r.Context(), c.Tenant, id, sealed, secretOverlap); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return a.tellWebhook(w, r, c, secret)
}
