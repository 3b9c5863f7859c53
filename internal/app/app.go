// Package app assembles the rooms into a running process. It is the only package that knows them all.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/job"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/webui"
)

// Options is the resolved configuration of one server.
type Options struct {
	Config  config.Config
	Log     *slog.Logger // required
	Version string       // of this build

	// Grace is how long Run goes on serving after its context ends, so that balancers see that
	// /readyz says no before the door closes: one that does not look meets no refusals. Default 0.
	Grace time.Duration

	// Drain is how long requests under way may then take to end. Default 30s.
	Drain time.Duration
}

// App is a server ready to run. Close it even when Run was never called.
type App struct {
	*service

	grace  time.Duration
	drain  time.Duration
	live   live
	ln     net.Listener
	srv    *http.Server
	api    *httpapi.API
	worker *job.Worker // nil: other processes do what is accepted here

	sessions *webui.Sessions // nil: nobody is asked who they are
}

// New opens everything that Options names. On error nothing is left open.
func New(o Options) (_ *App, err error) {
	s, err := openService(o.Config, o.Log, o.Version)
	if err != nil {
		return nil, err
	}
	a := &App{service: s, grace: o.Grace, drain: cmp.Or(o.Drain, 30*time.Second)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.ln, err = net.Listen("tcp", o.Config.Addr); err != nil {
		return nil, fmt.Errorf("%w: name another address with --addr or DOCSIFT_ADDR, such as 127.0.0.1:8081", err)
	}
	a.onClose(a.closeListener)
	a.announce(a.classifier)
	opts := httpapi.Options{
		Classifier: a.classifier, Document: o.Config.Document, Log: o.Log, Version: o.Version, Sharing: a.sharing,
		Hosts: a.hosts(o.Config), Cache: a.cache, IdempotencyTTL: o.Config.Keeping.Idempotency,
		Recorder: a.watch, Metrics: a.watch.metrics.Handler(), Extractor: a.reader,
	}
	if a.store != nil {
		opts.Store, opts.Shelf, opts.Blobs, opts.Webhooks, opts.Stats = a.store, a.shelf, a.blobs, a.webhooks, a.store.Stats
		opts.KeepAnswered, opts.UploadURL = o.Config.Blobs.Retention != 0, o.Config.Blobs.Uploads
		if o.Config.Work.Documents > 0 {
			a.worker = a.service.worker(o.Config.Work.Documents, a.drain*5/6)
			opts.Wake = func() { a.worker.Wake(store.Classify) }
		}
	}
	if err := a.guard(o.Config, &opts); err != nil {
		return nil, err
	}
	opts.Pages = a.pages(o.Version)
	a.api = httpapi.New(opts)
	a.srv = &http.Server{
		Handler:           a.watch.traces.Serve(a.live.count(a.api)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       2 * time.Minute, // of a whole request; uploads have a pace of their own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	a.onClose(a.stop)
	if err := a.tell(); err != nil {
		return nil, err
	}
	o.Log.Info("listening", "url", "http://"+a.Addr())
	return a, nil
}

func (a *App) closeListener() error {
	if err := a.ln.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// ready starts a reader before the first document comes, says how documents are read, and
// returns what ends that.
func ready(r *Reader, log *slog.Logger) (end func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h := r.Health(ctx)
		if ctx.Err() != nil {
			return
		}
		log.Info("reader", "children", h.Children, "confined_by", h.Confinement.Holds, "ocr", h.OCR)
		if len(h.Confinement.Missing) > 0 {
			log.Warn("children are not confined as they could be", "missing", h.Confinement.Missing)
		}
		if h.Problem != "" {
			log.Error("reader", "problem", h.Problem)
		}
	}()
	return func() error {
		cancel()
		<-done
		return nil
	}
}

// announce says what will answer, and what cannot for want of a key.
func (a *App) announce(c *docsift.Classifier) {
	policy, missing := c.Policy()
	a.log.Info("policy", "name", policy.Name, "version", policy.Version)
	for _, m := range missing {
		a.log.Warn("model left out", "stage", m.Stage, "model", m.Model, "remedy", m.Reason)
	}
	for _, m := range c.Models() {
		if !m.Priced {
			a.log.Warn("no price is known: what it costs will be unknown", "model", m.Model, "remedy", "put it into a file and set DOCSIFT_PRICES")
		}
		if left := ending(m.EndsOn, time.Now()); left != "" {
			a.log.Warn("model is being switched off", "model", m.Model, "when", left, "remedy", "choose another in the policy")
		}
	}
}

// ending says when a model ends if that is soon or past, or returns "".
func ending(day string, now time.Time) string {
	switch left, soon := price.EndsSoon(day, now); {
	case !soon:
		return ""
	case left < 0:
		return "it was on " + day
	default:
		return fmt.Sprintf("on %s, in %d days", day, left)
	}
}

// Addr returns the bound address.
func (a *App) Addr() string { return a.ln.Addr().String() }

// hosts returns the names that requests may be for: any behind a proxy, which has names of its own.
func (a *App) hosts(c config.Config) []string {
	if len(c.Access.Proxies) > 0 {
		return nil
	}
	return httpapi.LoopbackHosts(c.Addr, a.Addr())
}

// Run serves until ctx ends, goes on for the time of grace, and then lets the requests
// and jobs under way end. Requests that take too long are cut off, which is fault.Timeout; such
// jobs are given back, for others to do.
func (a *App) Run(ctx context.Context) error {
	stopWork := a.work(ctx)
	defer stopWork()
	failed := make(chan error, 1)
	go func() { failed <- a.srv.Serve(a.ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	a.log.Info("draining", "requests", a.live.now())
	a.api.Leave()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(a.grace):
	}
	a.api.Drain()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.drain)
	defer cancel()
	err := a.srv.Shutdown(drain)
	if err == nil {
		return nil
	}
	n := a.live.now()
	a.log.Warn("cut off", "requests", n, "after", a.drain)
	return errors.Join(fault.New(fault.Timeout, err, "%d requests were cut off after %v", n, a.drain), a.stop())
}

// work begins the upkeep of what is kept, and the jobs if they are done here. They end with ctx;
// stop waits for that.
func (a *App) work(ctx context.Context) (stop func()) {
	if a.store == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	working.Go(func() { a.upkeep(ctx) })
	if a.worker != nil {
		working.Go(func() { a.worker.Run(ctx) })
	}
	return func() {
		cancel()
		working.Wait()
	}
}

// stop cuts what is still under way and waits until no request uses what the closers close.
func (a *App) stop() error {
	err := a.srv.Close()
	a.api.Cut()
	a.live.wait()
	return err
}
