package storetest

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/store"
)

func announce(t *testing.T, s *store.Store, token string, valid time.Duration) store.Upload {
	t.Helper()
	u := store.Upload{Filename: "läter\x00.pdf"}
	u.Upload = blob.Upload{Tenant: "a", ID: uuid.NewString(), Bytes: 1234}
	expires, err := s.Announce(t.Context(), u, token, valid)
	if err != nil {
		t.Fatal(err)
	}
	u.Filename, u.Expires = "läter�.pdf", expires
	return u
}

func uploads(t *testing.T, s *store.Store) {
	u := announce(t, s, "secret", time.Hour)
	if left := time.Until(u.Expires); left < 59*time.Minute || left > 61*time.Minute {
		t.Errorf("it expires in %v", left)
	}
	if got, err := s.FindUpload(t.Context(), "a", u.ID); err != nil || got != u {
		t.Errorf("found %+v, %v; want %+v", got, err, u)
	}
	if got, err := s.OfToken(t.Context(), u.ID, "secret"); err != nil || got != u {
		t.Errorf("of its token: %+v, %v", got, err)
	}
	i := blob.Info{Ref: blob.Ref{Tenant: "a", SHA256: strings.Repeat("ab", 32)}, Bytes: 1234}
	for range 2 {
		if err := s.Receive(t.Context(), u.ID, i); err != nil {
			t.Error(err)
		}
	}
	got, err := s.FindUpload(t.Context(), "a", u.ID)
	if err != nil || !got.Received || got.SHA256 != i.SHA256 {
		t.Errorf("when it has come: %+v, %v", got, err)
	}
	i.SHA256 = strings.Repeat("cd", 32)
	if err := s.Receive(t.Context(), u.ID, i); fault.KindOf(err) != fault.Conflict {
		t.Errorf("other bytes: %v, want a conflict", err)
	}
}

func foreignUploads(t *testing.T, s *store.Store) {
	gone := announce(t, s, "gone", -25*time.Hour)
	u, direct, past := announce(t, s, "secret", time.Hour), announce(t, s, "", time.Hour), announce(t, s, "old", -time.Second)
	if err := s.Maintain(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Receive(t.Context(), past.ID, blob.Info{Ref: blob.Ref{Tenant: "a"}}); err != nil {
		t.Errorf("one that has just expired: %v", err)
	}
	if err := s.Receive(t.Context(), gone.ID, blob.Info{Ref: blob.Ref{Tenant: "a"}}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("one that expired a day ago is still there: %v", err)
	}
	for _, tt := range []struct{ tenant, id string }{
		{"b", u.ID}, {"", u.ID}, {"a", uuid.NewString()}, {"a", ""}, {"a", "x\x00"}, {"a", past.ID},
	} {
		if _, err := s.FindUpload(t.Context(), tt.tenant, tt.id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("tenant %q, id %q: %v, want not found", tt.tenant, tt.id, err)
		}
	}
	for _, tt := range []struct{ id, token string }{
		{u.ID, ""}, {u.ID, "Secret"}, {direct.ID, ""}, {direct.ID, "secret"}, {past.ID, "old"}, {uuid.NewString(), "secret"},
	} {
		if _, err := s.OfToken(t.Context(), tt.id, tt.token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("id %q, token %q: %v, want not found", tt.id, tt.token, err)
		}
	}
}

func needs(t *testing.T, s *store.Store) {
	ref := func(tenant, pair string) blob.Ref { return blob.Ref{Tenant: tenant, SHA256: strings.Repeat(pair, 32)} }
	queued, done := Record("a"), Record("a")
	done.Document.SHA256 = strings.Repeat("cd", 32)
	submit(t, s, queued)
	done.State, done.Finished, done.Result = store.Completed, done.Created, Answer(done)
	if err := s.Note(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	received, past := announce(t, s, "x", time.Hour), announce(t, s, "y", -time.Second)
	for id, r := range map[string]blob.Ref{received.ID: ref("a", "01"), past.ID: ref("a", "02")} {
		if err := s.Receive(t.Context(), id, blob.Info{Ref: r, Bytes: 1}); err != nil {
			t.Fatal(err)
		}
	}
	all := []blob.Ref{ref("a", "ab"), ref("b", "ab"), ref("a", "cd"), ref("a", "01"), ref("a", "02"), ref("a", "ef")}
	for finished, want := range map[bool][]int{false: {0, 3}, true: {0, 2, 3}} {
		needed, err := s.Needed(t.Context(), all, finished)
		if err != nil {
			t.Fatal(err)
		}
		expect := make(map[blob.Ref]bool)
		for _, n := range want {
			expect[all[n]] = true
		}
		if !maps.Equal(needed, expect) {
			t.Errorf("finished %v: needed %v, want %v", finished, slices.Collect(maps.Keys(needed)), slices.Collect(maps.Keys(expect)))
		}
	}
	var many []blob.Ref
	for range 80 {
		many = append(many, all...)
	}
	if needed, err := s.Needed(t.Context(), many, true); err != nil || len(needed) != 3 {
		t.Errorf("of very many %d, %v; want 3", len(needed), err)
	}
	if needed, err := s.Needed(t.Context(), nil, true); err != nil || len(needed) != 0 {
		t.Errorf("of none %v, %v", needed, err)
	}
}
