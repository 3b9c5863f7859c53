package storetest

import (
	"reflect"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/ratelimit"
	"github.com/docsift/docsift/internal/store"
)

func keys(t *testing.T, s *store.Store) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	k, _ := access.New(access.Key{
		Name: "läter & <x>", Tenant: "a", Scopes: []access.Scope{access.Classify, access.Read}, Budget: 25_000_000_000,
		Limits: []ratelimit.Limit{{Count: 5, Per: time.Minute}}, Own: true, Created: now, Expires: now.Add(time.Hour),
	})
	other, _ := access.New(access.Key{Tenant: "b", Scopes: []access.Scope{access.Admin}, Created: now.Add(time.Second)})
	free, _ := access.New(access.Key{Tenant: "b", Scopes: []access.Scope{access.Admin}, Own: true, Created: now.Add(2 * time.Second)})
	for _, key := range []access.Key{k, other, free} {
		if err := s.AddKey(t.Context(), key, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddKey(t.Context(), k, "ann"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("added twice: %v", err)
	}
	used := now.Add(time.Minute)
	for _, at := range []time.Time{used, now} { // the later one stays
		if err := s.KeysUsed(t.Context(), map[string]time.Time{k.ID: at, "NONESUCH": at}); err != nil {
			t.Fatal(err)
		}
	}
	k.Used = used
	for tenant, want := range map[string][]access.Key{"a": {k}, "b": {other, free}, "": {k, other, free}, "c": nil} {
		if got, err := s.Keys(t.Context(), tenant); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("keys of %q: %+v, %v; want %+v", tenant, got, err, want)
		}
	}
}

func revokes(t *testing.T, s *store.Store) {
	k, _ := access.New(access.Key{Tenant: "a", Name: "one", Created: time.Now()})
	if err := s.AddKey(t.Context(), k, "ann"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, tenant, id string
		want             fault.Kind
	}{
		{"another tenant's", "b", k.ID, fault.NotFound},
		{"nobody's", "", k.ID, fault.NotFound},
		{"one that there is not", "a", "x\x00' OR 1=1 --", fault.NotFound},
		{"one's own", "a", k.ID, ""},
		{"the same again", "a", k.ID, fault.NotFound},
	} {
		if err := s.RevokeKey(t.Context(), tt.tenant, tt.id, "bob"); fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want kind %q", tt.name, err, tt.want)
		}
	}
	if got, err := s.Keys(t.Context(), "a"); err != nil || got[0].Revoked.IsZero() {
		t.Errorf("keys %+v, %v", got, err)
	}
	var did []string
	acts, err := s.Acts(t.Context(), "a", "", 10)
	for _, a := range acts {
		did = append(did, a.By+" "+a.What+" "+a.Of+" "+a.Detail)
	}
	if want := []string{"bob key.revoke " + k.Prefix() + " ", "ann key.create " + k.Prefix() + " one"}; err != nil || !reflect.DeepEqual(did, want) {
		t.Errorf("acts %q, %v; want %q", did, err, want)
	}
}

func acts(t *testing.T, s *store.Store) {
	for _, tenant := range []string{"a", "b", "a", "a"} {
		if err := s.Audit(t.Context(), store.Act{Tenant: tenant, By: "ann\x00", What: "breaker.set", Of: "local", Detail: "\xff"}); err != nil {
			t.Fatal(err)
		}
	}
	first, err := s.Acts(t.Context(), "a", "", 2)
	if err != nil || len(first) != 2 || first[0].ID <= first[1].ID || first[0].By != "ann�" || time.Since(first[0].At) > time.Minute {
		t.Fatalf("the latest two: %+v, %v", first, err)
	}
	if rest, err := s.Acts(t.Context(), "a", first[1].ID, 2); err != nil || len(rest) != 1 || rest[0].ID >= first[1].ID {
		t.Errorf("the rest: %+v, %v", rest, err)
	}
	if all, err := s.Acts(t.Context(), "", "", 10); err != nil || len(all) != 4 {
		t.Errorf("all: %+v, %v", all, err)
	}
	if none, err := s.Acts(t.Context(), "c", "", 10); err != nil || none == nil || len(none) != 0 {
		t.Errorf("none: %+v, %v", none, err)
	}
}
