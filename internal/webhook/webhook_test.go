package webhook_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/seal"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
	"github.com/docsift/docsift/internal/store/storetest"
	"github.com/docsift/docsift/internal/webhook"
)

// kept is a store with the key of its secrets.
type kept struct {
	*store.Store
	dir string
	key *seal.Key
	log *bytes.Buffer
}

func world(t testing.TB) kept {
	t.Helper()
	k := kept{dir: t.TempDir(), log: new(bytes.Buffer)}
	var err error
	if k.key, err = seal.Open("", filepath.Join(k.dir, "secret.key")); err != nil {
		t.Fatal(err)
	}
	if k.Store, err = sqlite.Open(t.Context(), filepath.Join(k.dir, "docsift.db"), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func deliverer(t testing.TB, k kept, o webhook.Options) *webhook.Deliverer {
	t.Helper()
	o.Store, o.Key, o.Version = k.Store, k.key, "test"
	o.Log = slog.New(slog.NewTextHandler(k.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d, err := webhook.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// lax lets a Deliverer reach this machine.
func lax() webhook.Options {
	return webhook.Options{Allow: []string{"127.0.0.0/8"}, Timeout: 2 * time.Second}
}

// hook keeps a webhook of the tenant a, and returns its secret too.
func hook(t testing.TB, k kept, d *webhook.Deliverer, address string) (w store.Webhook, secret string) {
	t.Helper()
	w = store.Webhook{ID: store.NewID(), Tenant: "a", URL: address, Events: store.EventTypes(), Enabled: true, Created: time.Now()}
	secret, sealed := d.NewSecret(w.ID)
	w.Secrets = []store.Secret{{Sealed: sealed}}
	if err := k.AddWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return w, secret
}

// work does what may be done by now, as a worker would, and returns how many jobs that were.
func work(t testing.TB, k kept, d *webhook.Deliverer) int {
	t.Helper()
	jobs, err := k.Take(t.Context(), store.Notify, "w", 10, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if err := d.Deliver(t.Context(), j); err != nil {
			t.Error(err)
		}
	}
	return len(jobs)
}

// only returns the one delivery that there is.
func only(t testing.TB, k kept, w store.Webhook) store.Delivery {
	t.Helper()
	all, err := k.Deliveries(t.Context(), w.Tenant, w.ID, "", "", 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("deliveries %+v, %v", all, err)
	}
	return all[0]
}

// hurry lets all jobs be taken now.
func hurry(t testing.TB, k kept) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(k.dir, "docsift.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE jobs SET visible_at = 0`); err != nil {
		t.Fatal(err)
	}
}

func TestDeliver(t *testing.T) {
	k := world(t)
	d := deliverer(t, k, lax())
	r := receive(t, status(http.StatusNoContent))
	w, secret := hook(t, k, d, r.URL+"/in?key=1")
	record := storetest.Finish(t, k.Store, "a", store.Completed)
	work(t, k, d)
	got := r.all()
	if len(got) != 1 {
		t.Fatalf("received %+v", got)
	}
	sent := only(t, k, w)
	if sent.State != store.Delivered || sent.Attempts != 1 || sent.Status != 204 || got[0].header.Get("webhook-id") != sent.ID {
		t.Errorf("delivery %+v, header %v", sent, got[0].header)
	}
	if err := verify(t, secret, got[0].header, got[0].body); err != nil {
		t.Error(err)
	}
	if h := got[0].header; h.Get("User-Agent") != "docsift/test" || h.Get("Content-Type") != "application/json" || !strings.Contains(got[0].body, record.ID) {
		t.Errorf("header %v, body %s", h, got[0].body)
	}
	if n := work(t, k, d); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

// In the time that two secrets hold, a receiver may have either.
func TestDeliverWhileSecretsRotate(t *testing.T) {
	k := world(t)
	d := deliverer(t, k, lax())
	r := receive(t, status(200))
	w, first := hook(t, k, d, r.URL)
	second, sealed := d.NewSecret(w.ID)
	send := func(overlap time.Duration) received {
		if err := k.RotateSecret(t.Context(), "a", w.ID, sealed, overlap); err != nil {
			t.Fatal(err)
		}
		storetest.Finish(t, k.Store, "a", store.Completed)
		work(t, k, d)
		all := r.all()
		return all[len(all)-1]
	}
	got := send(time.Hour)
	if one, two := verify(t, first, got.header, got.body), verify(t, second, got.header, got.body); one != nil || two != nil {
		t.Errorf("first %v, second %v", one, two)
	}
	if second, sealed = d.NewSecret(w.ID); verify(t, second, got.header, got.body) == nil {
		t.Error("a secret that nobody has is taken")
	}
	got = send(-time.Second)
	if old, now := verify(t, first, got.header, got.body), verify(t, second, got.header, got.body); old == nil || now != nil {
		t.Errorf("old %v, now %v", old, now)
	}
	for _, name := range []string{"docsift.db", "docsift.db-wal"} {
		data, _ := os.ReadFile(filepath.Join(k.dir, name))
		if bytes.Contains(data, []byte("whsec_")) || bytes.Contains(data, []byte(strings.TrimPrefix(first, "whsec_"))) {
			t.Errorf("%s holds a secret", name)
		}
	}
}

// An event that fails ten times is dead, has had the same id and body each time, and lives again
// when somebody asks for it.
func TestDeadAndAgain(t *testing.T) {
	k := world(t)
	d := deliverer(t, k, lax())
	var well atomic.Bool
	r := receive(t, func(w http.ResponseWriter, _ *http.Request) {
		if !well.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	w, secret := hook(t, k, d, r.URL)
	storetest.Finish(t, k.Store, "a", store.Completed)
	for range 10 {
		if got := only(t, k, w); got.State != store.Waiting {
			t.Fatalf("delivery %+v", got)
		}
		work(t, k, d)
		hurry(t, k)
	}
	if got := only(t, k, w); got.State != store.Dead || got.Attempts != 10 || work(t, k, d) != 0 {
		t.Fatalf("delivery %+v", got)
	}
	well.Store(true)
	if err := k.Replay(t.Context(), "a", w.ID, only(t, k, w).ID); err != nil {
		t.Fatal(err)
	}
	work(t, k, d)
	if got := only(t, k, w); got.State != store.Delivered || got.Attempts != 1 {
		t.Errorf("delivery %+v", got)
	}
	all := r.all()
	for _, got := range all {
		if got.header.Get("webhook-id") != all[0].header.Get("webhook-id") || got.body != all[0].body || verify(t, secret, got.header, got.body) != nil {
			t.Errorf("received %+v, at first %+v", got, all[0])
		}
	}
	if len(all) != 11 {
		t.Errorf("received %d times", len(all))
	}
}

// A worker that is lost after it has sent, and the one that comes after it, send the same.
func TestLostWorker(t *testing.T) {
	k := world(t)
	d := deliverer(t, k, lax())
	r := receive(t, status(200))
	w, _ := hook(t, k, d, r.URL)
	storetest.Finish(t, k.Store, "a", store.Completed)
	lost, err := k.Take(t.Context(), store.Notify, "lost", 1, time.Millisecond)
	if err != nil || len(lost) != 1 {
		t.Fatal(lost, err)
	}
	for work(t, k, d) == 0 { // until the lease ends
	}
	if err := d.Deliver(t.Context(), lost[0]); fault.KindOf(err) != store.Fenced {
		t.Errorf("the one that was lost: %v", err)
	}
	all := r.all()
	if len(all) != 2 || all[0].header.Get("webhook-id") != all[1].header.Get("webhook-id") {
		t.Errorf("received %+v", all)
	}
	if got := only(t, k, w); got.State != store.Delivered || got.Attempts != 1 {
		t.Errorf("delivery %+v", got)
	}
}

// An attempt that ends with the process is no attempt.
func TestStops(t *testing.T) {
	k := world(t)
	d := deliverer(t, k, lax())
	ctx, stop := context.WithCancel(t.Context())
	w, _ := hook(t, k, d, receive(t, func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	}).URL)
	storetest.Finish(t, k.Store, "a", store.Completed)
	jobs, err := k.Take(t.Context(), store.Notify, "w", 1, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	if err := d.Deliver(ctx, jobs[0]); fault.KindOf(err) != fault.Canceled {
		t.Errorf("delivered: %v", err)
	}
	if got := only(t, k, w); got.State != store.Waiting || got.Attempts != 0 {
		t.Errorf("delivery %+v", got)
	}
}

// What waits for a webhook that is switched off or deleted is not sent.
func TestSwitchedOffAndDeleted(t *testing.T) {
	k := world(t)
	d := deliverer(t, k, lax())
	r := receive(t, status(200))
	off, _ := hook(t, k, d, r.URL)
	gone, _ := hook(t, k, d, r.URL)
	storetest.Finish(t, k.Store, "a", store.Completed)
	no := false
	if err := k.ChangeWebhook(t.Context(), "a", off.ID, store.WebhookChange{Enabled: &no}); err != nil {
		t.Fatal(err)
	}
	if err := k.DeleteWebhook(t.Context(), "a", gone.ID); err != nil {
		t.Fatal(err)
	}
	if n := work(t, k, d); n != 2 || work(t, k, d) != 0 || len(r.all()) != 0 {
		t.Errorf("%d jobs, received %+v", n, r.all())
	}
	for _, w := range []store.Webhook{off, gone} {
		if got := only(t, k, w); got.State != store.Dead || got.Attempts != 0 || got.Error == "" {
			t.Errorf("delivery %+v", got)
		}
	}
}

// A key that is not the one that sealed a secret is our fault, and costs no attempt.
func TestWrongKey(t *testing.T) {
	k := world(t)
	d := deliverer(t, k, lax())
	r := receive(t, status(200))
	w, _ := hook(t, k, d, r.URL)
	storetest.Finish(t, k.Store, "a", store.Completed)
	var err error
	if k.key, err = seal.Open("", filepath.Join(t.TempDir(), "other.key")); err != nil {
		t.Fatal(err)
	}
	work(t, k, deliverer(t, k, lax()))
	if got := only(t, k, w); got.State != store.Waiting || got.Attempts != 0 || len(r.all()) != 0 || !strings.Contains(k.log.String(), "cannot be signed") {
		t.Errorf("delivery %+v, log %s", got, k.log)
	}
}

func TestOutcome(t *testing.T) {
	plan := []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
	for i, least := range plan {
		if o := webhook.Judge(500, 0, i+1); o.State != store.Waiting || o.After < least || o.After > least+least/5 {
			t.Errorf("attempt %d: %+v, want about %v", i+1, o, least)
		}
	}
	if o := webhook.Judge(500, time.Hour, len(plan)+1); o.State != store.Dead {
		t.Errorf("the last attempt: %+v", o)
	}
	tests := []struct {
		name  string
		wait  time.Duration // that the receiver asks for
		least time.Duration
	}{
		{"a longer time is obeyed", time.Hour, time.Hour},
		{"a shorter one is not", time.Second, 5 * time.Minute},
		{"one of a year is a day", 365 * 24 * time.Hour, 24 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if o := webhook.Judge(429, tt.wait, 2); o.After < tt.least || o.After > tt.least+tt.least/5 {
				t.Errorf("%+v, want about %v", o, tt.least)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-1": 0, "1.5": 0, "0": 0, "120": 2 * time.Minute, "99999999999999999999": 0,
		"Mon, 04 May 2026 12:01:00 GMT": time.Minute, "Mon, 04 May 2026 11:00:00 GMT": 0,
	} {
		if got := webhook.RetryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func BenchmarkDeliver(b *testing.B) {
	k := world(b)
	d := deliverer(b, k, lax())
	r := receive(b, status(200))
	w, _ := hook(b, k, d, r.URL)
	for range b.N {
		if _, err := k.TestWebhook(b.Context(), "a", w.ID); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for work(b, k, d) > 0 {
	}
	if got := fmt.Sprint(len(r.all())); got != fmt.Sprint(b.N) {
		b.Errorf("received %s of %d", got, b.N)
	}
}
