package storetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

// Webhook keeps a webhook of a tenant that wants some events, or all.
func Webhook(t *testing.T, s *store.Store, tenant string, events ...store.EventType) store.Webhook {
	t.Helper()
	if len(events) == 0 {
		events = store.EventTypes()
	}
	w := store.Webhook{
		ID: store.NewID(), Tenant: tenant, URL: "https://example.com/in?x=1", Events: events, Description: "for the läter",
		Secrets: []store.Secret{{Sealed: "v1:one"}}, Enabled: true, Created: time.Now().UTC().Truncate(time.Microsecond),
	}
	if err := s.AddWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return w
}

// Finish has a tenant's next document come to an end, and returns what is kept of it.
func Finish(t *testing.T, s *store.Store, tenant string, state store.State) store.Record {
	t.Helper()
	r := Record(tenant)
	submit(t, s, r)
	j := take(t, s, "w", 1, time.Minute)[0]
	r.State, r.Finished, r.Result = state, time.Now().UTC(), Answer(r)
	if state == store.Failed {
		r.Result.Error = &cascade.Problem{Code: fault.Encrypted, Message: "it has a password"}
	}
	if err := s.Finish(t.Context(), j, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// deliveries returns all deliveries to a webhook.
func deliveries(t *testing.T, s *store.Store, w store.Webhook) []store.Delivery {
	t.Helper()
	all, err := s.Deliveries(t.Context(), w.Tenant, w.ID, "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// notice takes the next job of a webhook.
func notice(t *testing.T, s *store.Store) store.Job {
	t.Helper()
	jobs, err := s.Take(t.Context(), store.Notify, "n", 1, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("took %+v, %v", jobs, err)
	}
	return jobs[0]
}

func webhookKept(t *testing.T, s *store.Store) {
	w := Webhook(t, s, "a")
	check := func(what string) {
		t.Helper()
		got, err := s.Webhook(t.Context(), "a", w.ID)
		if err != nil || !reflect.DeepEqual(got, w) {
			t.Errorf("%s: found %+v, %v, want %+v", what, got, err, w)
		}
	}
	check("new")
	address, why, off := "https://example.org/", "too loud", false
	if err := s.ChangeWebhook(t.Context(), "a", w.ID, store.WebhookChange{URL: &address, Reason: &why, Enabled: &off}); err != nil {
		t.Fatal(err)
	}
	w.URL, w.Reason, w.Enabled = address, why, off
	check("changed")
	w.Events = []store.EventType{store.BatchCompleted}
	if err := s.ChangeWebhook(t.Context(), "a", w.ID, store.WebhookChange{Events: w.Events}); err != nil {
		t.Fatal(err)
	}
	check("changed again")
	second := Webhook(t, s, "a")
	if all, err := s.Webhooks(t.Context(), "a"); err != nil || len(all) != 2 || all[0].ID != w.ID || all[1].ID != second.ID {
		t.Errorf("all: %+v, %v", all, err)
	}
	if err := s.DeleteWebhook(t.Context(), "a", w.ID); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Webhooks(t.Context(), "a"); err != nil || len(all) != 1 {
		t.Errorf("left: %+v, %v", all, err)
	}
}

func webhookForeign(t *testing.T, s *store.Store) {
	w := Webhook(t, s, "a")
	Finish(t, s, "a", store.Completed)
	d := deliveries(t, s, w)[0]
	address := "https://evil.example"
	for _, tt := range []struct{ tenant, webhook, delivery string }{
		{"b", w.ID, d.ID}, {"", w.ID, d.ID}, {"a", store.NewID(), store.NewID()}, {"a", "x", "x"}, {"a", "", ""}, {"a", w.ID + "\x00", d.ID + "\x00"},
	} {
		_, found := s.Webhook(t.Context(), tt.tenant, tt.webhook)
		_, delivery := s.Delivery(t.Context(), tt.tenant, tt.delivery)
		for what, err := range map[string]error{
			"find": found, "find a delivery": delivery,
			"change": s.ChangeWebhook(t.Context(), tt.tenant, tt.webhook, store.WebhookChange{URL: &address}),
			"delete": s.DeleteWebhook(t.Context(), tt.tenant, tt.webhook),
			"rotate": s.RotateSecret(t.Context(), tt.tenant, tt.webhook, "v1:x", time.Hour),
			"replay": s.Replay(t.Context(), tt.tenant, tt.webhook, tt.delivery),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s as tenant %q, webhook %q, delivery %q: %v, want not found", what, tt.tenant, tt.webhook, tt.delivery, err)
			}
		}
	}
	if depth, err := s.Depth(t.Context(), store.Notify); err != nil || depth.Waiting != 1 {
		t.Errorf("jobs %+v, %v, want that of its own event", depth, err)
	}
	if all, err := s.Deliveries(t.Context(), "b", w.ID, "", "", 10); err != nil || len(all) != 0 {
		t.Errorf("another tenant's deliveries: %+v, %v", all, err)
	}
	if got, err := s.Webhook(t.Context(), "a", w.ID); err != nil || !reflect.DeepEqual(got, w) {
		t.Errorf("it is %+v by now, %v", got, err)
	}
}

func webhookRotates(t *testing.T, s *store.Store) {
	w := Webhook(t, s, "a")
	for n := range 3 {
		if err := s.RotateSecret(t.Context(), "a", w.ID, fmt.Sprintf("v1:new%d", n), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Webhook(t.Context(), "a", w.ID)
	if err != nil || len(got.Secrets) != 2 || got.Secrets[0].Sealed != "v1:new2" || got.Secrets[1].Sealed != "v1:new1" {
		t.Fatalf("secrets %+v, %v", got.Secrets, err)
	}
	if left := time.Until(got.Secrets[1].Until); !got.Secrets[0].Until.IsZero() || left < 50*time.Minute || left > time.Hour {
		t.Errorf("secrets %+v", got.Secrets)
	}
}

func webhookMost(t *testing.T, s *store.Store) {
	for range store.MaxWebhooks {
		Webhook(t, s, "a")
	}
	if err := s.AddWebhook(t.Context(), store.Webhook{ID: store.NewID(), Tenant: "a"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("one more: %v", err)
	}
	Webhook(t, s, "b")
}

func announced(t *testing.T, s *store.Store) {
	w, other := Webhook(t, s, "a"), Webhook(t, s, "a")
	r := Finish(t, s, "a", store.Completed)
	all := deliveries(t, s, w)
	if len(all) != 1 {
		t.Fatalf("deliveries %+v", all)
	}
	d := all[0]
	if d.State != store.Waiting || d.Type != store.ClassificationCompleted || d.Subject != r.ID || d.Tenant != "a" || d.Next.IsZero() || !d.Finished.IsZero() {
		t.Errorf("delivery %+v", d)
	}
	if u, err := uuid.Parse(d.ID); err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 || d.ID[:13] != r.ID[:13] || d.ID == r.ID {
		t.Errorf("id %s of %s", d.ID, r.ID)
	}
	if again := deliveries(t, s, other); len(again) != 1 || again[0].ID == d.ID {
		t.Errorf("the other webhook has %+v", again)
	}
	var told struct {
		Type, Timestamp string
		Data            struct {
			ID, Status, Category string
			Confidence           float64
			Links                struct{ Self string }
		}
	}
	if err := json.Unmarshal([]byte(d.Payload), &told); err != nil || len(d.Payload) > 1024 {
		t.Fatalf("payload %s: %v", d.Payload, err)
	}
	if told.Type != "classification.completed" || told.Data.ID != r.ID || told.Data.Status != "completed" || told.Data.Category != "invoice" ||
		told.Data.Confidence != 0.93 || told.Data.Links.Self != "/v1/classifications/"+r.ID || strings.Contains(d.Payload, "later") {
		t.Errorf("payload %s", d.Payload)
	}
	if depth, err := s.Depth(t.Context(), store.Notify); err != nil || depth.Waiting != 2 {
		t.Errorf("jobs %+v, %v", depth, err)
	}
	if j := notice(t, s); j.Tenant != "a" || j.Kind != store.Notify {
		t.Errorf("job %+v", j)
	}
}

func announcedWanted(t *testing.T, s *store.Store) {
	Finish(t, s, "a", store.Completed) // nobody wants it, which is remembered for a while
	all, failed, off := Webhook(t, s, "a"), Webhook(t, s, "a", store.ClassificationFailed), Webhook(t, s, "a")
	foreign, no := Webhook(t, s, "b"), false
	if err := s.ChangeWebhook(t.Context(), "a", off.ID, store.WebhookChange{Enabled: &no}); err != nil {
		t.Fatal(err)
	}
	done, broken := Finish(t, s, "a", store.Completed), Finish(t, s, "a", store.Failed)
	Finish(t, s, "a", store.Canceled)
	subjects := func(w store.Webhook) (ids []string) {
		for _, d := range deliveries(t, s, w) {
			ids = append(ids, d.Subject)
		}
		slices.Sort(ids)
		return ids
	}
	for _, tt := range []struct {
		name string
		w    store.Webhook
		want []string
	}{
		{"one that wants all", all, []string{done.ID, broken.ID}}, {"one that wants failures", failed, []string{broken.ID}},
		{"one that is off", off, nil}, {"another tenant's", foreign, nil},
	} {
		if got := subjects(tt.w); !slices.Equal(got, tt.want) {
			t.Errorf("%s was told of %v, want %v", tt.name, got, tt.want)
		}
	}
	if d := deliveries(t, s, failed)[0]; d.Type != store.ClassificationFailed || !strings.Contains(d.Payload, `"code":"password_protected"`) {
		t.Errorf("delivery %+v", d)
	}
	if err := s.DeleteWebhook(t.Context(), "a", all.ID); err != nil {
		t.Fatal(err)
	}
	Finish(t, s, "a", store.Completed)
	if got := subjects(all); len(got) != 2 {
		t.Errorf("one that is deleted was told of %v", got)
	}
}

func announcedFenced(t *testing.T, s *store.Store) {
	w := Webhook(t, s, "a")
	r := Record("a")
	submit(t, s, r)
	j := take(t, s, "w", 1, time.Minute)[0]
	j.Attempt--
	r.State, r.Result = store.Completed, Answer(r)
	if err := s.Finish(t.Context(), j, r); fault.KindOf(err) != store.Fenced {
		t.Errorf("finished: %v", err)
	}
	if all := deliveries(t, s, w); len(all) != 0 {
		t.Errorf("deliveries %+v", all)
	}
}
