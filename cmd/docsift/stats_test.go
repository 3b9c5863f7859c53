package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/storetest"
)

func TestStats(t *testing.T) {
	env := map[string]string{"DOCSIFT_DATA": t.TempDir()}
	getenv := func(name string) string { return env[name] }
	run := func(args ...string) (int, string) {
		var out bytes.Buffer
		p := process{getenv: getenv, in: bytes.NewReader(nil), out: &out, log: &out}
		return p.run(t.Context(), append([]string{"stats"}, args...)), out.String()
	}
	if status, out := run(); status != 3 || !strings.Contains(out, "set DATABASE_URL or DOCSIFT_DATA") {
		t.Errorf("without a database: %d %s", status, out)
	}
	c, err := config.Load(getenv, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	s, err := app.OpenStore(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	noon := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for i := range 4 {
		r := storetest.Finished("default", noon, func(r *store.Record) { r.Result.Upgraded = i == 0 })
		if err := s.Note(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	l := storetest.Book(t, s, store.LedgerOptions{Now: func() time.Time { return noon }})
	sent := storetest.Sent(1000)
	sent.Tenant = "default"
	id, err := l.Begin(sent)
	if err != nil {
		t.Fatal(err)
	}
	l.End(id, storetest.Settled(10_000_000))
	status, out := run("--from", "2026-11-27", "--to", "2026-11-28", "--by", "day", "--group", "provider")
	want := `day         provider  documents  cached  review  upgraded  backup  p50      p99      cost       saved
2026-11-27  openai    4          0.0 %   0.0 %   25.0 %    0.0 %   11.9 ms  11.9 ms  $0.000208  $0
all                   4          0.0 %   0.0 %   25.0 %    0.0 %   11.9 ms  11.9 ms  $0.000208  $0

model              ended with  calls  bill not known  cost   tokens in  cached  out
openai/gpt-6-luna  an answer   1      0               $0.01  100        0       10
`
	if status != 0 || out != want {
		t.Errorf("status %d:\n%s\nwant:\n%s", status, out, want)
	}
	if status, out := run("--json", "--from", "2026-11-27", "--to", "2026-11-28"); status != 0 || !strings.Contains(out, `"documents": 4`) {
		t.Errorf("as JSON: %d %s", status, out)
	}
	if status, out := run("--group", "tenant"); status != 2 {
		t.Errorf("a group that there is not: %d %s", status, out)
	}
}
