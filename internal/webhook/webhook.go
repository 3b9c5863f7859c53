// Package webhook tells tenants over HTTP what became of their documents, after Standard Webhooks
// 1.0. An event is sent at least once, and again with the same id until it is taken or given up.
package webhook

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/seal"
	"github.com/docsift/docsift/internal/store"
)

// Options configures a Deliverer.
type Options struct {
	Store   *store.Store // required
	Key     *seal.Key    // required: seals the signing secrets
	Log     *slog.Logger // required
	Version string       // of this build

	// Allow names what may be reached beside port 443 of the Internet: ranges such as 10.0.0.0/8 and
	// hosts such as hooks.internal, each with a port or without, to which plain http is possible too, and
	// ports such as :8443.
	Allow []string

	// PerHost is how many events may be on their way to one host at once. Default 16.
	PerHost int

	// Timeout is how long a receiver may take for all of it, from its name to the end of its answer.
	// Default 10s.
	Timeout time.Duration

	// Roots are the authorities whose certificates are believed. Default: the system's.
	Roots *x509.CertPool

	// Resolver finds the addresses of hosts. Default: the system's.
	Resolver *net.Resolver
}

// Deliverer sends events. It is safe for concurrent use.
type Deliverer struct {
	opts   Options
	allow  allowed
	client *http.Client

	mu   sync.Mutex
	busy map[string]int // hosts, and how many events are on their way to each
}

// New returns a Deliverer. An entry of Allow that is none is fault.Config.
func New(o Options) (*Deliverer, error) {
	allow, err := parseAllowed(o.Allow)
	if err != nil {
		return nil, err
	}
	o.PerHost, o.Timeout = cmp.Or(o.PerHost, 16), cmp.Or(o.Timeout, 10*time.Second)
	return &Deliverer{opts: o, allow: allow, client: newClient(allow, o.Resolver, o.Roots), busy: make(map[string]int)}, nil
}

// Close lets go of idle connections.
func (d *Deliverer) Close() error {
	d.client.CloseIdleConnections()
	return nil
}

// NewSecret returns a signing secret for a webhook, and the same as it is kept.
func (d *Deliverer) NewSecret(webhook string) (secret, sealed string) {
	secret = newSecret()
	return secret, d.opts.Key.Seal(secret, purpose(webhook))
}

func purpose(webhook string) string { return "webhook " + webhook }

// Deliver does a job of kind store.Notify once and writes down what came of it: the job is done, or
// waits for another try. An error is one of the store's, or ctx's when that ended before the receiver
// answered; the job is then as it was.
func (d *Deliverer) Deliver(ctx context.Context, j store.Job) error {
	event, to, err := d.find(ctx, j)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return d.finish(ctx, j, store.Outcome{State: store.Dead, Error: "the webhook was deleted"})
	case err != nil:
		return err
	case !to.Enabled:
		return d.finish(ctx, j, store.Outcome{State: store.Dead, Status: event.Status, Error: "the webhook is switched off"})
	}
	leave, ok := d.enter(to.URL)
	if !ok {
		return d.opts.Store.Return(ctx, j, jittered(2*time.Second))
	}
	defer leave()
	header, err := d.header(event, to)
	if err != nil {
		d.opts.Log.Error("an event cannot be signed", "webhook", to.ID, "error", err)
		return d.opts.Store.Return(ctx, j, jittered(5*time.Minute))
	}
	got, err := d.send(ctx, to.URL, header, event.Payload)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	o := outcome(got, event.Attempts+1)
	d.tell(event, to, o, err)
	return d.finish(ctx, j, o)
}

func (d *Deliverer) find(ctx context.Context, j store.Job) (store.Delivery, store.Webhook, error) {
	event, err := d.opts.Store.Delivery(ctx, j.Tenant, j.ID)
	if err != nil {
		return event, store.Webhook{}, err
	}
	to, err := d.opts.Store.Webhook(ctx, j.Tenant, event.Webhook)
	return event, to, err
}

// finish writes down what became of a job, even if ctx has ended by now.
func (d *Deliverer) finish(ctx context.Context, j store.Job, o store.Outcome) error {
	return d.opts.Store.FinishDelivery(context.WithoutCancel(ctx), j, o)
}

// header returns the headers of an event, signed with each secret that still holds.
func (d *Deliverer) header(event store.Delivery, to store.Webhook) (http.Header, error) {
	now := time.Now()
	var secrets []string
	for _, s := range to.Secrets {
		if !s.Until.IsZero() && now.After(s.Until) {
			continue
		}
		secret, err := d.opts.Key.Unseal(s.Sealed, purpose(to.ID))
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, secret)
	}
	h := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"docsift/" + d.opts.Version}}
	return h, sign(h, secrets, event.ID, now, event.Payload)
}

// enter takes a place among those that send to a host.
func (d *Deliverer) enter(address string) (leave func(), ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return func() {}, true // it will not be sent
	}
	host := strings.ToLower(u.Host)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[host] >= d.opts.PerHost {
		return nil, false
	}
	d.busy[host]++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.busy[host]--; d.busy[host] == 0 {
			delete(d.busy, host)
		}
	}, true
}

// waits are how long it takes from one attempt to the next. After the last of them an event is dead.
var waits = [...]time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// longest is how long a receiver may have an event wait.
const longest = 24 * time.Hour

// outcome judges the nth attempt by the answer to it; one with no status did not come.
func outcome(a answer, nth int) store.Outcome {
	o := store.Outcome{State: store.Waiting, Sent: true, Status: a.status}
	switch {
	case a.status == 0:
		o.Error = "no answer in time from an address that events are sent to"
	case a.status >= 200 && a.status < 300:
		o.State = store.Delivered
		return o
	case a.status >= 300 && a.status < 400:
		o.Error = fmt.Sprintf("answered %d: redirects are not followed", a.status)
	default:
		o.Error = fmt.Sprintf("answered %d", a.status)
	}
	switch {
	case a.status == http.StatusGone:
		o.State, o.SwitchOff = store.Dead, "the receiver answered 410: it is gone"
	case nth > len(waits):
		o.State = store.Dead
	default:
		o.After = jittered(max(waits[nth-1], min(a.wait, longest)))
	}
	return o
}

// jittered returns a time that is longer by up to a fifth, so that what failed together does not come back together.
func jittered(d time.Duration) time.Duration { return d + rand.N(d/5) }

// tell logs an attempt that failed. The address is left out, as it may hold a secret.
func (d *Deliverer) tell(event store.Delivery, to store.Webhook, o store.Outcome, err error) {
	level := slog.LevelDebug
	switch o.State {
	case store.Delivered:
		return
	case store.Dead:
		level = slog.LevelWarn
	}
	d.opts.Log.Log(context.Background(), level, "event not delivered", "delivery", event.ID, "webhook", to.ID, "attempt", event.Attempts+1,
		"state", o.State, "status", o.Status, "switched_off", o.SwitchOff != "", "error", reason(err))
}
