package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/store"
)

// keptState is what a server has kept.
type keptState struct {
	where  string // "" where nothing is kept
	health store.Health
	err    error // why the database cannot be looked at
	keys   []access.Key
	figure store.Figures // of the default tenant, in the last 24 hours
	calls  []store.Called
	said   time.Time // when people of the default tenant last said what a document is; zero: never
}

// lookAtKept looks at the database if there is one.
func lookAtKept(ctx context.Context, c config.Config) (k keptState) {
	s, where, err := app.FindStore(ctx, c, slog.New(slog.DiscardHandler))
	if s == nil {
		return keptState{where: where, err: err}
	}
	defer s.Close()
	k.where = where
	if k.health, k.err = s.Health(ctx); k.err != nil {
		return k
	}
	if k.keys, k.err = s.Keys(ctx, ""); k.err != nil {
		return k
	}
	var stats store.Stats
	stats, k.err = s.Stats(ctx, access.DefaultTenant, store.StatsQuery{})
	k.figure, k.calls = stats.Total, stats.Calls
	if last, err := s.FeedbackOn(ctx, access.DefaultTenant, "", "", 1); err == nil && len(last) > 0 {
		k.said = last[0].At
	}
	return k
}

// checks says how what is kept fares. Where there is none it is one line.
func (k keptState) checks(c config.Config, now time.Time) []check {
	switch {
	case k.err != nil:
		return []check{ok("database", "%s: %s", cmp.Or(k.where, "it"), describe(k.err, false)).but(failed, "see that it runs and that DATABASE_URL, or the folder DOCSIFT_DATA, is right")}
	case k.where == "":
		return []check{skip("database", "no server has kept anything here yet")}
	}
	return []check{checkDatabase(k.where, k.health, c.Work.Keep, now), checkQueue(k.health), checkWebhooks(k.health), checkKeys(k.keys, c.Access.Auth, now), checkJudged(k.health.Judged, k.said, now)}
}

func checkDatabase(where string, h store.Health, keep time.Duration, now time.Time) check {
	days := 0
	if !h.Oldest.IsZero() {
		days = int(now.Sub(h.Oldest).Hours() / 24)
	}
	d := ok("database", "%s, version %d, %s, %d days kept, a commit takes %v", where, h.Version, size(h.Bytes), days, h.Commit.Round(100*time.Microsecond))
	switch {
	case h.Commit > 500*time.Millisecond:
		return d.but(failed, "put it on a faster disk, or nearer: every accepted document waits for a commit")
	case h.Commit > 50*time.Millisecond:
		return d.but(warned, "a disk of its own would accept more documents a second")
	case keep > 0 && !h.Oldest.IsZero() && now.Sub(h.Oldest) > keep+48*time.Hour:
		return d.but(warned, "nothing lets go of what is older than DOCSIFT_RETAIN_RECORDS: a server or worker must run for that")
	}
	return d
}

func checkQueue(h store.Health) check {
	q := ok("queue", "%s at %d workers", depth(h.Jobs), h.Workers)
	return judgeQueue(q, h.Jobs, h.Workers > 0)
}

func depth(d store.Depth) string {
	return fmt.Sprintf("%d wait, the oldest for %v; %d wait for later; %d under way", d.Waiting, d.Oldest.Round(time.Second), d.Later, d.Running)
}

// judgeQueue says what to do about a queue, at which somebody works or nobody.
func judgeQueue(q check, d store.Depth, worked bool) check {
	switch {
	case d.Waiting > 0 && !worked && d.Oldest > time.Minute:
		return q.but(failed, "nobody works: start 'docsift worker', or 'docsift serve' with DOCSIFT_WORKERS above 0")
	case d.Oldest > 10*time.Minute: // as the alert DocsiftQueueOld
		return q.but(warned, "start more workers, or raise DOCSIFT_WORKERS where processors are idle")
	case d.Later > 0 && d.Later > d.Running+d.Waiting:
		return q.but(warned, "most wait because models are out of reach: 'docsift providers' says which")
	}
	return q
}

func checkWebhooks(h store.Health) check {
	w := ok("webhooks", "%d events are given up, %d wait after a failure, %d webhooks are switched off", h.Dead, h.Overdue, h.Disabled)
	if h.Dead+h.Overdue+h.Disabled > 0 {
		return w.but(warned, "GET /v1/webhooks/{id}/deliveries?state=dead says why; mend the receiver, then replay")
	}
	return w
}

// soon is how long before its end a key is told of.
const soon = 14 * 24 * time.Hour

func checkKeys(all []access.Key, auth string, now time.Time) check {
	var ending []string
	valid := 0
	for _, k := range all {
		if !k.Revoked.IsZero() || !k.Expires.IsZero() && k.Expires.Before(now) {
			continue
		}
		valid++
		if !k.Expires.IsZero() && k.Expires.Sub(now) < soon {
			ending = append(ending, fmt.Sprintf("%s on %s", k.Prefix(), k.Expires.UTC().Format(time.DateOnly)))
		}
	}
	switch {
	case valid == 0 && auth == config.AuthOn:
		return ok("keys", "keys are asked for and there is none").but(failed, "make one with 'docsift keys create'")
	case valid == 0:
		return skip("keys", "there are no API keys: only this machine may use a server")
	case len(ending) > 0:
		return ok("keys", "%d, of which end soon: %s", valid, strings.Join(ending, ", ")).but(warned, "make new ones with 'docsift keys create', and revoke the old ones")
	}
	return ok("keys", "%d, and none ends within 14 days", valid)
}

// checkStorage writes, reads and removes a few bytes where documents are kept.
func checkStorage(ctx context.Context, c config.Config, exists bool) check {
	if c.Blobs.S3.Bucket == "" && !exists {
		return skip("storage", "no server has kept documents here yet")
	}
	where := cmp.Or(c.Blobs.S3.Bucket, c.Data+"/documents")
	remedy := "see that the folder may be written to and has room"
	if c.Blobs.S3.Bucket != "" {
		remedy = "see to DOCSIFT_S3_ENDPOINT, the keys and the bucket's policy"
	}
	b, err := app.OpenBlobs(c)
	if err != nil {
		return ok("storage", "%s: %s", where, describe(err, false)).but(failed, remedy)
	}
	start := time.Now()
	if err := tryStorage(ctx, b); err != nil {
		return ok("storage", "%s: %v", where, err).but(failed, remedy)
	}
	took := time.Since(start).Round(100 * time.Microsecond)
	if c.Blobs.S3.Bucket != "" {
		return ok("storage", "the bucket %s takes and gives back in %v", where, took)
	}
	free, total := app.FreeSpace(c.Data)
	s := ok("storage", "%s takes and gives back in %v, %s of %s are free", where, took, size(free), size(total))
	switch {
	case total == 0:
		return ok("storage", "%s takes and gives back in %v", where, took)
	case free < 1<<30:
		return s.but(failed, "make room: documents are refused with storage_full when there is none")
	case free < total/10:
		return s.but(warned, "make room, or lower DOCSIFT_RETAIN_DOCUMENTS")
	}
	return s
}

func tryStorage(ctx context.Context, b blob.Store) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	text := []byte("docsift doctor was here")
	i, err := b.Put(ctx, "docsift-doctor", bytes.NewReader(text), blob.PutOptions{})
	if err != nil {
		return err
	}
	ref := blob.Ref{Tenant: "docsift-doctor", SHA256: i.SHA256}
	defer func() { err = errors.Join(err, b.Delete(ctx, ref, time.Now().Add(time.Minute))) }()
	r, err := b.Open(ctx, ref)
	if err != nil {
		return err
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err == nil && !bytes.Equal(got, text) {
		err = fault.New(blob.Damaged, nil, "it gave back something else")
	}
	return err
}

// checkBudget compares what was spent with what may be.
func checkBudget(s ledger.Spend, b ledger.Budget, err error) check {
	if err != nil {
		return ok("budget", "what was spent cannot be read: %s", describe(err, false)).but(failed, "see to the folder of DOCSIFT_LEDGER, or to the database")
	}
	c := ok("budget", "$%s today, $%s this month, with no bound", s.Day, s.Month)
	if b.Day == 0 && b.Month == 0 {
		if s.Month > 0 {
			return c.but(warned, "set DOCSIFT_BUDGET_DAY, so that a mistake costs no more than that")
		}
		return c
	}
	worst := 0.0
	var said []string
	for _, one := range []struct {
		name        string
		spent, most price.Amount
	}{{"today", s.Day, b.Day}, {"this month", s.Month, b.Month}} {
		if one.most == 0 {
			continue
		}
		worst = max(worst, float64(one.spent)/float64(one.most))
		said = append(said, fmt.Sprintf("$%s of $%s %s", one.spent, one.most, one.name))
	}
	c = ok("budget", "%s; %d bills are not known and count as foreseen", strings.Join(said, ", "), s.Unknown)
	switch {
	case worst >= 1:
		return c.but(failed, "nothing more is sent to hosted models until it is renewed or raised: DOCSIFT_BUDGET_DAY, DOCSIFT_BUDGET_MONTH")
	case worst > 0.8:
		return c.but(warned, "raise it, or let less pass to hosted models (docs/thresholds.md)")
	}
	return c
}
