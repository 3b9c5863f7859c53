package store

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestKnown(t *testing.T) {
	hooks := []hook{{id: "w", events: EventTypes()}}
	fresh := func(k *known, tenant string) bool {
		_, ok, _ := k.get(tenant)
		return ok
	}
	t.Run("what is put is known for a while", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			k := new(known)
			_, ok, changes := k.get("a")
			if k.put("a", hooks, changes); ok || !fresh(k, "a") || fresh(k, "b") {
				t.Errorf("known %+v", k.of)
			}
			time.Sleep(rememberFor)
			if fresh(k, "a") {
				t.Error("it is known too long")
			}
		})
	})
	t.Run("what was read before a change is not known after it", func(t *testing.T) {
		k := new(known)
		_, _, changes := k.get("a")
		k.forget("a")
		if k.put("a", nil, changes); fresh(k, "a") {
			t.Error("an old list is known")
		}
		_, _, changes = k.get("a")
		k.put("a", hooks, changes)
		if k.forget("a"); fresh(k, "a") {
			t.Error("a changed list is known")
		}
	})
	t.Run("not more tenants are known than there is room for", func(t *testing.T) {
		k := new(known)
		for n := range rememberOf + 10 {
			k.put(string(rune(n)), nil, 0)
		}
		if len(k.of) > rememberOf {
			t.Errorf("%d are known", len(k.of))
		}
	})
}

// What is made of an event is the same each time, and another for each of its parts.
func TestEventID(t *testing.T) {
	one := event{kind: ClassificationReviewed, subject: NewID(), again: "1"}
	id := func(e event, webhook string) string {
		t.Helper()
		id, err := e.id(webhook)
		if err != nil || dayOf(id) != dayOf(e.subject) {
			t.Errorf("id %s of %s, %v", id, e.subject, err)
		}
		return id
	}
	twice, failed, other := one, one, one
	twice.again, failed.kind, other.subject = "2", ClassificationFailed, NewID()
	ids := map[string]bool{id(one, "w"): true, id(one, "w"): true, id(one, "v"): true, id(twice, "w"): true, id(failed, "w"): true, id(other, "w"): true}
	if len(ids) != 5 {
		t.Errorf("ids %v", ids)
	}
	if _, err := (event{subject: "batch 1"}).id("w"); err == nil {
		t.Error("an event about nothing has an id")
	}
}
