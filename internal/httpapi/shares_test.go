package httpapi

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/docsift/docsift/fault"
)

// One who sends more than can be kept leaves places to others, and is told to come back.
func TestShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShares(8)
		var leave []func()
		take := func(tenant string, want fault.Kind) {
			t.Helper()
			free, err := s.take(t.Context(), tenant)
			if fault.KindOf(err) != want {
				t.Fatalf("%s: %v, want %q", tenant, err, want)
			}
			if err == nil {
				leave = append(leave, free)
			}
		}
		for range 6 {
			take("big", "")
		}
		take("big", fault.Busy)
		take("small", "")
		take("other", "")
		take("third", fault.Busy)
		done := make(chan error)
		go func() {
			_, err := s.take(t.Context(), "third")
			done <- err
		}()
		synctest.Wait()
		leave[0]()
		if err := <-done; err != nil {
			t.Errorf("a place became free: %v", err)
		}
		for _, free := range leave[1:] {
			free()
		}
		if len(s.all) != 1 || len(s.of) != 1 {
			t.Errorf("%d places of %d tenants are taken, want the third's", len(s.all), len(s.of))
		}
	})
}

// However many come and go, no place is lost.
func TestSharesAtOnce(t *testing.T) {
	s := newShares(4)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if leave, err := s.take(t.Context(), fmt.Sprint(i%7)); err == nil {
				leave()
			}
		})
	}
	all.Wait()
	if len(s.all) != 0 || len(s.of) != 0 {
		t.Errorf("%d places of %d tenants are taken", len(s.all), len(s.of))
	}
}
