package app_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/ledger"
)

// A server that keeps its account in a database begins with what commands have spent.
func TestBooksBeginWithTheFiles(t *testing.T) {
	dir := t.TempDir()
	c := config.Config{Data: dir, Money: config.Money{Ledger: filepath.Join(dir, "ledger")}}
	log := slog.New(slog.DiscardHandler)
	if s, _, err := app.FindStore(t.Context(), c, log); s != nil || err != nil {
		t.Fatalf("a store is found where there is none: %v", err)
	}
	files, err := app.OpenLedger(c, log)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(l ledger.Ledger) {
		t.Helper()
		id, err := l.Begin(ledger.Sent{Model: "x/y", Estimate: 1000, Priced: true})
		if err != nil {
			t.Fatal(err)
		}
		l.End(id, ledger.Closed{State: ledger.Settled, Cost: 2000, Priced: true})
	}
	begin(files)
	files.Close()
	s, err := app.OpenStore(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for start := range 2 {
		l, err := app.OpenBooks(t.Context(), s, c, log)
		if err != nil {
			t.Fatal(err)
		}
		begin(l)
		if spent := l.Spend(); int(spent.Day) != 2000*(start+2) || spent.Open != 0 {
			t.Errorf("start %d: spent %+v", start+1, spent)
		}
		l.Close()
	}
	if found, where, err := app.FindStore(t.Context(), c, log); err != nil || where != filepath.Join(dir, "docsift.db") {
		t.Errorf("found %q, %v", where, err)
	} else {
		found.Close()
	}
}
