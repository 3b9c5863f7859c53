package access

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
)

// Source keeps the keys.
type Source interface {
	// Keys returns the keys of a tenant, or of all where it is "".
	Keys(ctx context.Context, tenant string) ([]Key, error)

	// KeysUsed notes when keys were used last, by their ids.
	KeysUsed(ctx context.Context, used map[string]time.Time) error
}

const (
	period   = 3 * time.Second // between two looks at the source
	patience = 2 * time.Second // with one look
	fresh    = period + patience
	stale    = 5 * time.Minute // for how long keys count while the source does not answer
	soonest  = time.Second / 2 // between a look and one for the sake of unknown keys
	note     = time.Minute     // between two notes of when keys were used
)

// Keyring knows all keys of a source. What changes there counts here within five seconds. While
// the source does not answer, the keys that were known count for five minutes more. It is safe for
// concurrent use, and asks the source no more often for however many keys that there are not.
type Keyring struct {
	source Source
	log    *slog.Logger
	stop   context.CancelFunc
	done   sync.WaitGroup

	looks chan struct{} // holds one while the source is looked at
	began time.Time     // when that was last, guarded by looks

	mu   sync.Mutex
	keys map[string]Key
	read time.Time // when the keys were as they are here; zero: never
	down bool
	used map[string]time.Time
}

// Open returns the keyring of a source, whether it answers or not. Close it before the source.
func Open(s Source, log *slog.Logger) *Keyring {
	ctx, stop := context.WithCancel(context.Background())
	r := &Keyring{source: s, log: log, stop: stop, looks: make(chan struct{}, 1), used: make(map[string]time.Time)}
	r.look(time.Now(), 0)
	r.done.Go(func() { r.run(ctx) })
	return r
}

// Close ends it, and notes when keys were used last.
func (r *Keyring) Close() error {
	r.stop()
	r.done.Wait()
	r.note()
	return nil
}

func (r *Keyring) run(ctx context.Context) {
	looks, notes := time.NewTicker(period), time.NewTicker(note)
	defer looks.Stop()
	defer notes.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-looks.C:
			r.look(time.Now(), 0)
		case <-notes.C:
			r.note()
		}
	}
}

// look reads the source, unless that has begun after since, and gap after the last time at the earliest.
func (r *Keyring) look(since time.Time, gap time.Duration) {
	r.looks <- struct{}{}
	defer func() { <-r.looks }()
	if r.began.After(since) {
		return
	}
	time.Sleep(gap - time.Since(r.began))
	r.began = time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	all, err := r.source.Keys(ctx, "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.read, r.keys = r.began, make(map[string]Key, len(all))
		for _, k := range all {
			r.keys[k.ID] = k
		}
	}
	if down := err != nil; down != r.down {
		r.down = down
		if down {
			r.log.Warn("API keys cannot be read: those that are known count for a while", "for", stale, "error", err)
		} else {
			r.log.Info("API keys can be read again", "keys", len(all))
		}
	}
}

// Current returns a key by its id, for who has shown all of it before. One that no longer counts is
// Unauthorized; otherwise it is as with Find.
func (r *Keyring) Current(id string) (Key, error) {
	k, known, age := r.get(id)
	switch {
	case age > stale:
		return Key{}, unread()
	case !known:
		return Key{}, unknown()
	}
	now := time.Now()
	if err := k.current(now); err != nil {
		return Key{}, err
	}
	r.mu.Lock()
	r.used[id] = now
	r.mu.Unlock()
	return k, nil
}

func unread() error {
	e := fault.New(fault.Storage, nil, "API keys cannot be looked up: the database does not answer")
	e.RetryAfter = time.Second
	return e
}

// Find returns the key that a caller shows. One that does not count is Unauthorized; where that
// cannot be told, because the source does not answer, it is fault.Storage.
func (r *Keyring) Find(whole string) (Key, error) {
	id, ok := idOf(whole)
	if !ok {
		return Key{}, unknown()
	}
	k, known, age := r.get(id)
	if !known && age <= fresh { // it may be a new one
		r.look(time.Now(), soonest)
		k, known, age = r.get(id)
	}
	if age > stale || !known && (age > fresh || r.silent()) {
		return Key{}, unread()
	}
	if !known {
		return Key{}, unknown()
	}
	now := time.Now()
	if err := k.Check(whole, now); err != nil {
		return Key{}, err
	}
	r.mu.Lock()
	r.used[id] = now
	r.mu.Unlock()
	return k, nil
}

// get returns a key, and how long ago it was read that it is so.
func (r *Keyring) get(id string) (k Key, known bool, age time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, known = r.keys[id]
	if r.read.IsZero() {
		return k, false, stale + 1
	}
	return k, known, time.Since(r.read)
}

// silent reports whether the source did not answer when it was looked at last.
func (r *Keyring) silent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.down
}

// Any reports whether there is a key that counts.
func (r *Keyring) Any() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.keys {
		if k.Revoked.IsZero() && (k.Expires.IsZero() || time.Now().Before(k.Expires)) {
			return true
		}
	}
	return false
}

// note writes down when keys were used. What cannot be written waits for the next time.
func (r *Keyring) note() {
	r.mu.Lock()
	used := r.used
	r.used = make(map[string]time.Time)
	r.mu.Unlock()
	if len(used) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.source.KeysUsed(ctx, used); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		maps.Copy(used, r.used)
		r.used = used
	}
}
