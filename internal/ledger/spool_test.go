package ledger_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
)

// opened is an entry of something sent.
func opened(n int) ledger.Entry {
	s := sent(cent)
	return ledger.Entry{ID: fmt.Sprintf("2026-11-27-x-%d", n), At: day, Sent: &s}
}

func closed(n int) ledger.Entry {
	c := settled(cent)
	return ledger.Entry{ID: fmt.Sprintf("2026-11-27-x-%d", n), At: day, Closed: &c}
}

// ids takes all that waits, some at a time, as one that takes over does.
func ids(t *testing.T, s *ledger.Spool) (all []string) {
	t.Helper()
	for {
		some, err := s.Next(3)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return all
		}
		for _, e := range some {
			all = append(all, e.ID)
		}
		s.Done()
	}
}

func TestSpool(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger", "waiting.jsonl")
	s := ledger.NewSpool(path, 1<<20)
	if !s.Rest() || len(ids(t, s)) != 0 {
		t.Error("a new one has something")
	}
	var want []string
	for n := range 10 {
		if err := s.Put(opened(n)); err != nil {
			t.Fatal(err)
		}
		want = append(want, opened(n).ID)
	}
	if some, err := s.Next(3); err != nil || len(some) != 3 || s.Rest() {
		t.Errorf("%d, %v, and it rests", len(some), err)
	}
	// What was returned and not done with comes again.
	if got := ids(t, s); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%q, want %q", got, want)
	}
	if !s.Rest() {
		t.Error("with all done it does not rest")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its file is still there: %v", err)
	}
	if err := s.Put(opened(11)); err != nil || len(ids(t, s)) != 1 {
		t.Errorf("it cannot be used again: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What was sent is closed even when nothing more may be sent, or nothing be written.
func TestSpoolThatIsFull(t *testing.T) {
	dir := t.TempDir()
	s := ledger.NewSpool(filepath.Join(dir, "f"), 1000)
	n := 0
	for s.Put(opened(n)) == nil {
		n++
	}
	if err := s.Put(opened(n)); n == 0 || fault.KindOf(err) != fault.Unrecorded {
		t.Errorf("after %d: %v, want %s", n, err, fault.Unrecorded)
	}
	if err := s.Put(closed(0)); err != nil {
		t.Errorf("close: %v", err)
	}
	if got := ids(t, s); len(got) != n+1 {
		t.Errorf("%d wait, want %d", len(got), n+1)
	}
	blocked := filepath.Join(dir, "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s = ledger.NewSpool(filepath.Join(blocked, "f"), 1<<20)
	if err := s.Put(closed(1)); fault.KindOf(err) != fault.Unrecorded || s.Rest() {
		t.Errorf("where nothing can be written: %v", err)
	}
	os.Remove(blocked)
	if err := s.Put(opened(2)); err != nil {
		t.Error(err)
	}
	if got := ids(t, s); len(got) != 2 || got[0] != closed(1).ID {
		t.Errorf("once it can: %q", got)
	}
	if err := ledger.NewSpool("", 1).Put(opened(1)); fault.KindOf(err) != fault.Unrecorded {
		t.Errorf("without a folder: %v", err)
	}
}

// A file that a crash has cut short is followed as far as it goes, and further when it goes on.
func TestFollow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s := ledger.NewSpool(path, 1<<30)
	for n := range 1000 {
		if err := s.Put(opened(n)); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := len(data) - 10
	data = append([]byte("no entry\n\n{}\n"), data...)
	follow := func(data []byte, from int64) (n int, end int64) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		end, err = ledger.Follow(file, from, 64, func(some []ledger.Entry) error {
			for _, e := range some {
				if e.Sent != nil {
					n++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n, end
	}
	n, end := follow(data[:cut], 0)
	if n != 999 {
		t.Errorf("%d entries of a file that is cut short, want 999", n)
	}
	if n, end = follow(data, end); n != 1 || end != int64(len(data)) {
		t.Errorf("%d more up to %d, want 1 up to %d", n, end, len(data))
	}
}
