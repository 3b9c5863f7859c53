package storetest

import (
	"context"
	"database/sql"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/store"
)

// Views runs the queries of docs/analytics.md, as a tool of somebody's own would, against the
// database of a store.
func Views(t *testing.T, s *store.Store, db *sql.DB) {
	text, err := os.ReadFile("../../../docs/analytics.md")
	if err != nil {
		t.Fatal(err)
	}
	queries := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(queries) != 3 {
		t.Fatalf("%d queries, want 3", len(queries))
	}
	now := time.Now().UTC()
	dear := func(r *store.Record) { r.Result.Cost.NanoUSD = 20_000_000 }
	note(t, s, Finished("default", now, dear), Finished("default", now, dear))
	if err := s.Rollup(t.Context()); err != nil {
		t.Fatal(err)
	}
	note(t, s, Finished("default", now, dear))
	l := Book(t, s, store.LedgerOptions{})
	l.End(begin(t, l, Sent(cent)), ledger.Closed{State: ledger.Unknown, Cost: cent, Priced: true, Error: "timeout"})
	for i, want := range []string{"openai|3|0.02", "invoice|gpt-6-luna|0.02", "openai/gpt-6-luna|timeout|1|0.01"} {
		if got := table(t, db, queries[i][1]); !strings.Contains(got, want) {
			t.Errorf("query %d:\n%s\nwant …%s…", i+1, got, want)
		}
	}
	for _, moment := range []string{"SELECT finished_at FROM docsift_classifications", "SELECT sent_at FROM docsift_attempts"} {
		if got := table(t, db, moment); !strings.HasPrefix(got, now.Format("2006-01-02")) {
			t.Errorf("%s: %s", moment, got)
		}
	}
	if got := table(t, db, "SELECT DISTINCT hour FROM docsift_stats_hour"); !strings.HasPrefix(got, now.Format("2006-01-02")) || strings.Count(got, "\n") != 1 {
		t.Errorf("hours %s", got)
	}
}

// table returns rows as lines, with bars between the columns and no zeros at the end of fractions.
func table(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	r, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer r.Close()
	columns, err := r.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for r.Next() {
		values, to := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := r.Scan(to...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if i > 0 {
				b.WriteByte('|')
			}
			b.WriteString(regexp.MustCompile(`^(\d+\.\d*?)0+$`).ReplaceAllString(v.String, "$1"))
		}
		b.WriteByte('\n')
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
