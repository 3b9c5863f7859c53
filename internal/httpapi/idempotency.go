package httpapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

const (
	idempotencyHeader = "Idempotency-Key"
	replayedHeader    = "Idempotency-Replayed"

	maxKey   = 255              // characters of a key
	maxReply = 1 << 20          // bytes of a body that is kept
	onceFor  = 10 * time.Second // lease of a request that is being carried out
)

// work is what a request asks for, once it has been received.
type work struct {
	caller Caller
	parts  func() []any                             // all that makes it up, which JSON can hold
	do     func(http.ResponseWriter, *http.Request) // carries it out and answers
	refuse func(http.ResponseWriter, error)         // answers with an error in the route's own form
}

// sum tells a request from others of the same idempotency key.
func (t work) sum(r *http.Request) string {
	h := sha256.New()
	json.NewEncoder(h).Encode(append(t.parts(), r.Pattern)) // texts and lists of them always encode
	return hex.EncodeToString(h.Sum(nil))
}

// once carries out a request, unless one of the same idempotency key was: then that one's answer
// is given again. What has an idempotency key is carried out even if the caller leaves.
func (a *API) once(w http.ResponseWriter, r *http.Request, todo work) {
	key, err := idempotencyKey(r.Header)
	if err != nil {
		todo.refuse(w, err)
		return
	}
	if key == "" || a.opts.Store == nil {
		todo.do(w, r)
		return
	}
	o := store.Once{Tenant: todo.caller.Tenant, Key: key, Sum: todo.sum(r), Owner: rand.Text()}
	before, err := a.begin(r.Context(), o)
	switch {
	case err != nil:
		todo.refuse(w, err)
	case before != nil:
		w.Header().Set("Content-Type", before.Kind)
		w.Header().Set(replayedHeader, "true")
		if before.Location != "" {
			w.Header().Set("Location", before.Location)
		}
		w.WriteHeader(before.Status)
		w.Write(before.Body) // the caller is gone if this fails
	default:
		a.carryOut(w, r, o, todo.do)
	}
}

// begin takes it on to carry out a request. While another carries it out it waits, for as long as
// an instance that died in the midst of it holds it at most: balancers repeat a request at once.
func (a *API) begin(ctx context.Context, o store.Once) (before *store.Reply, err error) {
	before, err = a.opts.Store.Begin(ctx, o, onceFor)
	if fault.KindOf(err) != store.InProgress || a.opts.KeyWait < 0 {
		return before, err
	}
	leave, full := a.waiting.take()
	if full != nil {
		return nil, err
	}
	defer leave()
	late := time.After(a.opts.KeyWait)
	for pause := 50 * time.Millisecond; fault.KindOf(err) == store.InProgress; pause = min(pause*3/2, time.Second) {
		select {
		case <-late:
			return nil, err
		case <-a.cut.Done():
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		before, err = a.opts.Store.Begin(ctx, o, onceFor)
	}
	return before, err
}

// carryOut carries a request out, keeps its answer where it is final, and then sends it.
func (a *API) carryOut(w http.ResponseWriter, r *http.Request, o store.Once, do func(http.ResponseWriter, *http.Request)) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	defer context.AfterFunc(a.cut, cancel)()
	answer := &reply{header: w.Header(), once: o}
	func() {
		defer a.settle(r, o, answer) // even in a panic
		var renewing sync.WaitGroup
		defer renewing.Wait()
		defer cancel()
		renewing.Go(func() { a.prolong(ctx, o) })
		do(answer, r.WithContext(ctx))
		answer.whole = true
	}()
	w.WriteHeader(answer.status)
	w.Write(answer.body.Bytes()) // the caller is gone if this fails
}

// settle keeps an answer, or gives its key free.
func (a *API) settle(r *http.Request, o store.Once, answer *reply) {
	if answer.settled && answer.status == http.StatusAccepted {
		return
	}
	ctx := context.WithoutCancel(r.Context())
	var err error
	if answer.final() {
		err = a.opts.Store.Replied(ctx, o, answer.kept(), a.opts.IdempotencyTTL)
	} else {
		err = a.opts.Store.Release(ctx, o)
	}
	if err != nil {
		a.opts.Log.Warn("the answer to a request with an idempotency key is not kept", "error", err)
	}
}

// prolong keeps a request from being carried out by others until ctx ends.
func (a *API) prolong(ctx context.Context, o store.Once) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(onceFor / 3):
		}
		if err := a.opts.Store.Prolong(ctx, o, onceFor); err != nil && ctx.Err() == nil {
			a.opts.Log.Warn("others may carry out a request with an idempotency key as well", "error", err)
		}
	}
}

// Cut ends what goes on though its caller has left.
func (a *API) Cut() {
	a.stop()
	if a.opts.Cache != nil {
		a.opts.Cache.Cut()
	}
}

// idempotencyKey returns the key of a request, or "". It may stand between quotes.
func idempotencyKey(h http.Header) (string, error) {
	given := h.Values(idempotencyHeader)
	if len(given) == 0 {
		return "", nil
	}
	key := given[0]
	if n := len(key); n > 1 && key[0] == '"' && key[n-1] == '"' {
		key = key[1 : n-1]
	}
	strange := func(c rune) bool { return c < ' ' || c > '~' }
	if len(given) > 1 || key == "" || len(key) > maxKey || strings.ContainsFunc(key, strange) {
		return "", fault.New(fault.Invalid, nil, "%s is one key of 1 to %d printable characters", idempotencyHeader, maxKey)
	}
	return key, nil
}

// reply is an answer that is held until it is whole.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
	whole  bool

	once    store.Once
	settled bool // a 202 was kept with what was accepted
}

// kept returns the answer as it is kept.
func (r *reply) kept() store.Reply {
	return store.Reply{Status: r.status, Kind: r.header.Get("Content-Type"), Location: r.header.Get("Location"), Body: r.body.Bytes()}
}

// Header returns the header.
func (r *reply) Header() http.Header { return r.header }

// WriteHeader keeps the status.
func (r *reply) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write keeps b.
func (r *reply) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// final reports whether a repeated request is to have the same answer. What may pass is tried again.
func (r *reply) final() bool {
	switch r.status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests, 499:
		return false
	}
	return r.whole && r.status > 0 && r.status < http.StatusInternalServerError && r.body.Len() <= maxReply
}
