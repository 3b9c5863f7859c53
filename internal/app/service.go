package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/job"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/webhook"
)

// service is what servers and workers have in common: the classifier, and what is kept around it.
type service struct {
	config config.Config
	log    *slog.Logger
	watch  *watch

	reader     *Reader
	classifier *docsift.Classifier
	ledger     docsift.Ledger
	cache      *cache.Cache        // nil: every document is classified
	sharing    func() share.Status // nil: breakers are this process's own

	// What is kept, and nil where there is no place for it.
	store    *store.Store
	shelf    *store.Shelf
	blobs    blob.Store
	webhooks *webhook.Deliverer

	closers []func() error // in order of opening; Close runs them backwards
}

// openService opens everything that the settings name. On error nothing is left open.
func openService(c config.Config, log *slog.Logger, version string) (_ *service, err error) {
	s := &service{config: c, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.watch, err = openWatch(c, log, version); err != nil {
		return nil, err
	}
	s.onClose(s.watch.close)
	reader, err := OpenReader(ReaderOptions{
		Reading: c.Reading, Log: log, Preparing: func() { log.Info("preparing a reader: once on this machine, a few seconds") },
		Lost: s.watch.metrics.ChildLost,
	})
	if err != nil {
		return nil, err
	}
	s.reader = reader
	s.onClose(reader.Close, ready(reader, log))
	parts := Parts{Reader: watchedReader{reader, s.watch}, Watch: s.watch.request, Log: log}
	if err := s.keep(version, &parts); err != nil {
		return nil, err
	}
	if c.Redis != "" {
		shared, err := share.Open(share.Options{URL: c.Redis, Log: log})
		if err != nil {
			return nil, err
		}
		s.onClose(shared.Close)
		parts.Sharing, s.sharing = shared, shared.Status
	}
	if s.classifier, err = OpenClassifier(c, parts); err != nil {
		return nil, err
	}
	if s.cache, err = OpenCache(c, s.classifier, s.store, version, log); err != nil {
		return nil, err
	}
	if s.cache != nil {
		s.onClose(s.cache.Close)
	}
	s.onClose(s.gauge())
	return s, nil
}

// keep opens what is kept. Where there is no place for it, requests are written down in files alone.
func (s *service) keep(version string, parts *Parts) (err error) {
	if s.config.Data == "" && s.config.Database == "" {
		ledger, err := OpenLedger(s.config, s.log)
		if err != nil {
			return err
		}
		s.onClose(ledger.Close)
		parts.Ledger, s.ledger = ledger, ledger
		return nil
	}
	ctx := context.Background()
	if s.store, err = OpenStore(ctx, s.config, s.log); err != nil {
		return err
	}
	s.onClose(s.store.Close)
	books, err := OpenBooks(ctx, s.store, s.config, s.log)
	if err != nil {
		return err
	}
	s.onClose(books.Close)
	parts.Ledger, s.ledger, parts.Memory = books, books, s.store.Memory(s.log)
	s.shelf = s.store.Shelf()
	s.shelf.Found = s.watch.know
	parts.Shelf = s.shelf
	blobs, err := OpenBlobs(s.config)
	if err != nil {
		return err
	}
	s.blobs = s.watch.documents(blobs)
	if s.webhooks, err = OpenWebhooks(s.config, s.store, s.log, version); err != nil {
		return err
	}
	s.onClose(s.webhooks.Close)
	return nil
}

func (s *service) onClose(f ...func() error) { s.closers = append(s.closers, f...) }

// Close releases what was opened, last first.
func (s *service) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// worker returns what does the jobs of the store, n documents at once.
func (s *service) worker(n int, grace time.Duration) *job.Worker {
	documents := job.Documents{
		Store: s.store, Log: s.log, Document: s.config.Document, Degrade: s.config.Work.Degrade, Patience: s.config.Work.Patience,
		Classify: s.classify, Fetch: s.fetch, Done: s.watch.Answered,
	}
	return job.New(job.Options{
		Queue: s.store, Log: s.log, Grace: grace, Lease: s.config.Work.Lease,
		Kinds: map[string]job.Kind{
			store.Classify: {Run: s.watch.job(documents.Run), AtOnce: n},
			store.Notify:   {Run: s.watch.job(s.notify), AtOnce: 16},
		},
	})
}

// classify answers about a document that was accepted.
func (s *service) classify(ctx context.Context, d *document.Document, r store.Record) (docsift.Result, error) {
	if s.cache == nil {
		return s.classifier.Classify(ctx, d, r.Request.Request)
	}
	return s.cache.Classify(ctx, d, r.Request.Request, cache.Terms{Tenant: r.Tenant, NoCache: r.Request.NoCache})
}

func (s *service) fetch(ctx context.Context, tenant, sha256 string) ([]byte, error) {
	r, err := s.blobs.Open(ctx, blob.Ref{Tenant: tenant, SHA256: sha256})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r) // what was kept was bounded
}

// notify sends an event. One that killed its worker is not sent again.
func (s *service) notify(ctx context.Context, j store.Job) error {
	if j.Kills >= job.MostKills {
		return s.store.FinishDelivery(ctx, j, store.Outcome{State: store.Dead, Error: "sending it ended the process each time"})
	}
	return s.webhooks.Deliver(ctx, j)
}

// upkeep does what is due now and then until ctx ends. Several processes may do so at once.
func (s *service) upkeep(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	tidy := s.config.Blobs.Retention
	for _, of := range []struct {
		name  string
		every time.Duration
		do    func(context.Context) error
	}{
		{"batches that are done", 2 * time.Second, func(ctx context.Context) error { _, err := s.store.FinishBatches(ctx); return err }},
		{"statistics", 10 * time.Second, s.store.Rollup},
		{"what has had its time", time.Minute, s.store.Sweep},
		{"old records", time.Hour, func(ctx context.Context) error { return s.store.Maintain(ctx, s.config.Work.Keep) }},
		{"old documents", tidy.Every(), func(ctx context.Context) error {
			_, err := blob.Sweep(ctx, s.blobs, tidy, s.store.Needed)
			return err
		}},
	} {
		all.Go(func() {
			failing := false
			for wait(ctx, of.every) {
				err := of.do(ctx)
				if ctx.Err() != nil {
					return
				}
				if err != nil && !failing {
					s.log.Warn("upkeep", "of", of.name, "error", err)
				}
				failing = err != nil
			}
		})
	}
}

// wait waits, and reports whether that was not for nothing.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
