package access_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
)

// source is a list of keys that may not answer.
type source struct {
	mu    sync.Mutex
	keys  []access.Key
	err   error
	looks atomic.Int64
	notes int
	used  map[string]time.Time
}

func (s *source) Keys(context.Context, string) ([]access.Key, error) {
	s.looks.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys, s.err
}

func (s *source) KeysUsed(_ context.Context, used map[string]time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes++
	s.used = used
	return s.err
}

func TestKeys(t *testing.T) {
	k, whole := access.New(access.Key{Name: "a"})
	other, otherWhole := access.New(access.Key{})
	now := time.Now()
	revoked, expired := k, k
	revoked.Revoked, expired.Expires = now, now
	tests := []struct {
		name, shown string
		key         access.Key
		want        string // what the refusal says
	}{
		{"the key", whole, k, ""},
		{"one that was revoked", whole, revoked, "was revoked"},
		{"one whose time is over", whole, expired, "expired on"},
		{"another one", otherWhole, k, "not valid"},
		{"one of the same id", strings.Replace(otherWhole, other.ID, k.ID, 1), k, "not valid"},
		{"none", "", k, "not valid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.key.Check(tt.shown, now)
			if tt.want == "" && err != nil || tt.want != "" && (fault.KindOf(err) != access.Unauthorized || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	if !strings.HasPrefix(whole, k.Prefix()+"_") || len(whole) != 72 || whole == otherWhole {
		t.Errorf("the key is %q", whole)
	}
}

// However many keys somebody makes up, the source is asked no more often.
func TestForgedKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, whole := access.New(access.Key{})
		s := &source{keys: []access.Key{k}}
		r := access.Open(s, slog.New(slog.DiscardHandler))
		defer r.Close()
		for i := range 100_000 {
			b := []byte(whole)
			b[20+i%40] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[i%32]
			if string(b) == whole {
				continue
			}
			if _, err := r.Find(string(b)); fault.KindOf(err) != access.Unauthorized {
				t.Fatal(err)
			}
		}
		if n := s.looks.Load(); n != 1 {
			t.Errorf("the source was asked %d times for keys with a wrong checksum", n)
		}
		start := time.Now()
		for range 100 { // 100 at once, with right ones
			for range 100 {
				go func() {
					_, forged := access.New(access.Key{})
					r.Find(forged)
				}()
			}
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		if n := s.looks.Load(); n > 5 {
			t.Errorf("the source was asked %d times within %v", n, time.Since(start))
		}
		if _, err := r.Find(whole); err != nil {
			t.Error(err)
		}
	})
}

func TestKeyring(t *testing.T) {
	down := fault.New(fault.Storage, errors.New("connection refused"), "the database does not answer")
	tests := []struct {
		name  string
		first func(s *source, k access.Key) // before the keyring opens
		then  func(s *source, k access.Key)
		wait  time.Duration
		want  fault.Kind
	}{
		{"a key that there is", nil, nil, 0, ""},
		{"one that has just been made", func(s *source, _ access.Key) { s.keys = nil }, func(s *source, k access.Key) { s.keys = []access.Key{k} }, 0, ""},
		{"one that was revoked elsewhere", nil, func(s *source, k access.Key) { k.Revoked = time.Now(); s.keys = []access.Key{k} }, 5 * time.Second, access.Unauthorized},
		{"one that is gone", nil, func(s *source, _ access.Key) { s.keys = nil }, 5 * time.Second, access.Unauthorized},
		{"a known one while the source is down", nil, func(s *source, _ access.Key) { s.err = down }, 4 * time.Minute, ""},
		{"for no longer than five minutes", nil, func(s *source, _ access.Key) { s.err = down }, 6 * time.Minute, fault.Storage},
		{"an unknown one while the source is down", func(s *source, _ access.Key) { s.keys = nil }, func(s *source, _ access.Key) { s.err = down }, time.Minute, fault.Storage},
		{"an unknown one as soon as it is", func(s *source, _ access.Key) { s.keys = nil }, func(s *source, _ access.Key) { s.err = down }, 0, fault.Storage},
		{"any while the source was never there", func(s *source, _ access.Key) { s.err = down }, nil, time.Minute, fault.Storage},
		{"once it is there", func(s *source, _ access.Key) { s.err = down }, func(s *source, _ access.Key) { s.err = nil }, 4 * time.Second, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k, whole := access.New(access.Key{Tenant: "a"})
				s := &source{keys: []access.Key{k}}
				if tt.first != nil {
					tt.first(s, k)
				}
				r := access.Open(s, slog.New(slog.DiscardHandler))
				defer r.Close()
				synctest.Wait()
				if tt.then != nil {
					s.mu.Lock()
					tt.then(s, k)
					s.mu.Unlock()
				}
				time.Sleep(tt.wait)
				synctest.Wait()
				if got, err := r.Find(whole); fault.KindOf(err) != tt.want || err == nil && got.Tenant != "a" {
					t.Errorf("%+v, %v; want kind %q", got, err, tt.want)
				}
			})
		})
	}
}

// When a key was used is written down once a minute, however often that was.
func TestNotesWhenKeysWereUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, whole := access.New(access.Key{})
		s := &source{keys: []access.Key{k}}
		r := access.Open(s, slog.New(slog.DiscardHandler))
		for range 1210 {
			r.Find(whole)
			time.Sleep(100 * time.Millisecond)
		}
		last := time.Now().Add(-100 * time.Millisecond)
		r.Close()
		if s.notes != 3 || !s.used[k.ID].Equal(last) {
			t.Errorf("%d notes, the last of %v, want 3 and %v", s.notes, s.used, last)
		}
	})
}

func TestValidate(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name string
		key  access.Key
		ok   bool
	}{
		{"a plain one", access.Key{Tenant: "acme.eu-1_x", Name: "Büro"}, true},
		{"no tenant", access.Key{}, false},
		{"a tenant that could be something else", access.Key{Tenant: "a/b"}, false},
		{"a tenant of control characters", access.Key{Tenant: "a\n"}, false},
		{"a scope that there is not", access.Key{Tenant: "a", Scopes: []access.Scope{"root"}}, false},
		{"no scope of a key", access.Key{Tenant: "a", Scopes: []access.Scope{""}}, false},
		{"a name that would draw on a terminal", access.Key{Tenant: "a", Name: "\x1b[2J"}, false},
		{"a name that is no text", access.Key{Tenant: "a", Name: "\xff"}, false},
		{"one that is over", access.Key{Tenant: "a", Expires: now}, false},
		{"a budget below 0", access.Key{Tenant: "a", Budget: -1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.key.Validate(now); tt.ok != (err == nil) || !tt.ok && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v, want ok %v", err, tt.ok)
			}
		})
	}
}

func BenchmarkFindForged(b *testing.B) {
	r := access.Open(&source{}, slog.New(slog.DiscardHandler))
	defer r.Close()
	_, whole := access.New(access.Key{})
	whole = whole[:20] + "0" + whole[21:]
	for b.Loop() {
		r.Find(whole)
	}
}
