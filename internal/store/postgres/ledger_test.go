//go:build linux

package postgres_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/storetest"
)

const cent = price.Amount(10_000_000)

// lines is a log that several goroutines write and a test reads.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) count(of string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), of)
}

func (l *lines) wait(t *testing.T, of string, n int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); l.count(of) < n; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not log %q", of)
		}
	}
}

// While the database is gone, requests are sent and written down in a file, within the budgets;
// when it is back, each of them is there once.
func TestLedgerWithoutDatabase(t *testing.T) {
	faults := map[string]struct{ hurt, mend func(*pgtest.Server) }{
		"killed": {(*pgtest.Server).Kill, (*pgtest.Server).Run},
		"frozen": {(*pgtest.Server).Freeze, (*pgtest.Server).Thaw},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			server := pgtest.Start(t)
			s := open(t, server.URL("postgres"))
			var log lines
			dir := t.TempDir()
			l := storetest.Book(t, s, store.LedgerOptions{
				Dir: dir, Budget: ledger.Budget{Day: 300 * cent}, Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			before := begin(t, l, storetest.Sent(cent))
			l.End(begin(t, l, storetest.Sent(cent)), storetest.Settled(2*cent))
			f.hurt(server)
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					for range 4 {
						if id, err := l.Begin(storetest.Sent(cent)); err != nil {
							t.Error(err)
						} else {
							l.End(id, storetest.Settled(cent))
						}
					}
				})
			}
			all.Wait()
			l.End(before, storetest.Settled(3*cent))
			lost := begin(t, l, storetest.Sent(95*cent)) // what is left of it
			if _, err := l.Begin(storetest.Sent(cent)); fault.KindOf(err) != fault.Budget {
				t.Errorf("beyond the budget: %v", err)
			}
			if s := l.Spend(); s.Day != 300*cent || s.Open != 1 {
				t.Errorf("meanwhile $%s are spent with %d open, want $3 with 1", s.Day, s.Open)
			}
			f.mend(server)
			log.wait(t, "the database is back", 1)
			l.End(lost, storetest.Settled(90*cent))
			if s := l.Spend(); s.Day != 295*cent || s.Sent != 203 || s.Open != 0 {
				t.Errorf("$%s are spent with %d, %d of them open, want $2.95 with 203", s.Day, s.Sent, s.Open)
			}
			if n := log.count("waits in a file"); n != 1 {
				t.Errorf("%d lines say that the database does not answer", n)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("%v is left", left)
			}
			sum := server.Do("postgres", "SELECT count(*) || ' ' || sum(cost_nano) FROM attempts")
			if sum != "203 2950000000" {
				t.Errorf("the attempts come to %s", sum)
			}
		})
	}
}

// What finds no room in the file is not sent; what was sent is closed all the same.
func TestLedgerWithoutRoom(t *testing.T) {
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	var log lines
	l := storetest.Book(t, s, store.LedgerOptions{Dir: t.TempDir(), MaxWaiting: 10_000, Log: slog.New(slog.NewTextHandler(&log, nil))})
	server.Kill()
	var sent []string
	for {
		id, err := l.Begin(storetest.Sent(cent))
		if err != nil {
			if fault.KindOf(err) != fault.Unrecorded {
				t.Errorf("without room: %v", err)
			}
			break
		}
		sent = append(sent, id)
	}
	for _, id := range sent {
		l.End(id, storetest.Settled(2*cent))
	}
	server.Run()
	log.wait(t, "the database is back", 1)
	if s := l.Spend(); s.Sent != len(sent) || s.Day != price.Amount(len(sent))*2*cent || s.Open != 0 {
		t.Errorf("spent %+v, want %d requests of $0.02", s, len(sent))
	}
}

// A process that ends while the database is gone leaves what waits to the next one.
func TestLedgerIsLeftBehind(t *testing.T) {
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	dir := t.TempDir()
	l, err := s.Ledger(t.Context(), store.LedgerOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	l.End(begin(t, l, storetest.Sent(cent)), storetest.Settled(2*cent))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "waiting-*.jsonl")); len(left) != 1 {
		t.Fatalf("%v is left", left)
	}
	server.Run()
	next := storetest.Book(t, s, store.LedgerOptions{Dir: dir})
	if s := next.Spend(); s.Day != 2*cent || s.Sent != 1 || s.Open != 0 {
		t.Errorf("spent %+v, want $0.02", s)
	}
}

func begin(t *testing.T, l ledger.Ledger, s ledger.Sent) string {
	t.Helper()
	id, err := l.Begin(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
