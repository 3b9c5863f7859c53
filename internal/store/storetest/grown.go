package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/store"
)

// Grown is a store and its database, with what was classified before.
type Grown struct {
	Store *store.Store
	DB    *sql.DB
	IDs   []string // some of the tenant "t7"
}

// GrownRows returns how many rows a log is to have grown to, and skips the test where nobody asks.
func GrownRows(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("DOCSIFT_BENCH_ROWS"))
	if err != nil {
		t.Skip("DOCSIFT_BENCH_ROWS is not set: 'make bench-log' does that")
	}
	return n
}

// listed are the queries of lists of documents, with a digest as the second parameter.
func listed() map[string]string {
	const of = `SELECT id, state, category, filename, created_at FROM classifications WHERE tenant = 't7' AND $1 <> '' `
	return map[string]string{
		"list the latest":   of + `ORDER BY day DESC, id DESC LIMIT 50`,
		"list for review":   of + `AND review <> '' ORDER BY day DESC, id DESC LIMIT 50`,
		"find by digest":    of + `AND sha256 = $1 ORDER BY day DESC, id DESC LIMIT 1`,
		"list an older day": of + `AND day < (SELECT max(day) FROM classifications WHERE tenant = 't7') - 1 ORDER BY day DESC, id DESC LIMIT 50`,
	}
}

// CompareGrown measures what is done for each document on a store that has grown and on one that
// has hardly begun, turn by turn, and tells the medians and the ratio.
func CompareGrown(t *testing.T, empty, full Grown) {
	ops := map[string]func(g Grown) error{
		"insert": func(g Grown) error { return g.Store.Note(t.Context(), Finished("t7", time.Now(), nil)) },
		"find": func(g Grown) error {
			_, err := g.Store.Find(t.Context(), "t7", g.IDs[rand.IntN(len(g.IDs))])
			return err
		},
		"submit, take and finish": func(g Grown) error {
			r := Record("t7")
			if err := g.Store.Submit(t.Context(), r); err != nil {
				return err
			}
			jobs, err := g.Store.Take(t.Context(), store.Classify, "w", 1, time.Minute)
			if err != nil || len(jobs) != 1 {
				return fmt.Errorf("%d jobs: %w", len(jobs), err)
			}
			r.ID, r.State, r.Finished, r.Result = jobs[0].ID, store.Completed, time.Now(), Answer(r)
			return g.Store.Finish(t.Context(), jobs[0], r)
		},
	}
	for name, query := range listed() {
		ops[name] = func(g Grown) error {
			r, err := g.DB.QueryContext(context.Background(), query, fmt.Sprintf("%064x", rand.IntN(1000)))
			if err != nil {
				return err
			}
			for r.Next() {
			}
			return r.Close()
		}
	}
	if len(empty.IDs) == 0 || len(full.IDs) == 0 {
		t.Fatal("there is nothing to find")
	}
	for _, name := range slices.Sorted(maps.Keys(ops)) {
		var took [2][]time.Duration
		for range 1500 {
			for i, g := range []Grown{empty, full} {
				start := time.Now()
				if err := ops[name](g); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				took[i] = append(took[i], time.Since(start))
			}
		}
		for i := range took {
			slices.Sort(took[i])
		}
		at := func(i int, q float64) float64 { return float64(took[i][int(q*float64(len(took[i])-1))].Microseconds()) }
		t.Logf("%-24s empty p50 %6.0f µs p99 %6.0f µs   grown p50 %6.0f µs p99 %6.0f µs   median × %.2f",
			name, at(0, 0.5), at(0, 0.99), at(1, 0.5), at(1, 0.99), at(1, 0.5)/at(0, 0.5))
	}
}
