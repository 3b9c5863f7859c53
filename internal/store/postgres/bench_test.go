//go:build linux

package postgres_test

import (
	"sync"
	"testing"

	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/storetest"
)

// BenchmarkLedger is a request written down and closed, by 64 at once in one process or in two.
func BenchmarkLedger(b *testing.B) {
	for _, bench := range []struct {
		name      string
		processes int
		budget    ledger.Budget
	}{
		{"without a budget", 1, ledger.Budget{}},
		{"within a budget", 1, ledger.Budget{Day: 1 << 60, Month: 1 << 60}},
		{"within a budget of two processes", 2, ledger.Budget{Day: 1 << 60, Month: 1 << 60}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			url := pgtest.Start(b).URL("postgres")
			ledgers := make([]*store.Ledger, bench.processes)
			for i := range ledgers {
				ledgers[i] = storetest.Book(b, open(b, url), store.LedgerOptions{Dir: b.TempDir(), Budget: bench.budget})
			}
			work := make(chan struct{}, 64)
			var all sync.WaitGroup
			for i := range 64 {
				l := ledgers[i%len(ledgers)]
				all.Go(func() {
					for range work {
						id, err := l.Begin(storetest.Sent(cent))
						if err != nil {
							b.Error(err)
						}
						l.End(id, storetest.Settled(cent))
					}
				})
			}
			for b.Loop() {
				work <- struct{}{}
			}
			close(work)
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}
