package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/ledger"
)

// Spend reads the files until a server's database has something.
func TestSpendOfAServer(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{"DOCSIFT_DATA": dir, "DOCSIFT_LEDGER": filepath.Join(dir, "ledger"), "DOCSIFT_BUDGET_DAY": "5"}
	getenv := func(name string) string { return env[name] }
	say := func() (s spending) {
		t.Helper()
		var out, log bytes.Buffer
		p := process{getenv: getenv, in: bytes.NewReader(nil), out: &out, log: &log}
		if status := p.run(t.Context(), []string{"spend", "--json"}); status != 0 {
			t.Fatalf("status %d: %s", status, log.String())
		}
		if err := json.NewDecoder(&out).Decode(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	c, err := config.Load(getenv, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(l ledger.Ledger) {
		t.Helper()
		if _, err := l.Begin(ledger.Sent{Model: "x/y", Key: "K", Estimate: 1_000_000_000, Priced: true}); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	files, err := app.OpenLedger(c, log)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	begin(files)
	s, err := app.OpenStore(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := say(); got.Day != "1" || got.Ledger != c.Money.Ledger || got.Requests != 1 {
		t.Errorf("of files: %+v", got)
	}
	books, err := app.OpenBooks(t.Context(), s, c, log)
	if err != nil {
		t.Fatal(err)
	}
	defer books.Close()
	begin(books)
	got := say()
	if got.Day != "2" || got.Month != "2" || got.Ledger != filepath.Join(dir, "docsift.db") || got.Requests != 2 || got.Open != 2 ||
		got.Keys["K"] != "2" || got.Models["x/y"] != "2" || got.Budget["day"] != "5" {
		t.Errorf("of a database: %+v", got)
	}
}
