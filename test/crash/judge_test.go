//go:build linux

package crash

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/postgres"
	"github.com/docsift/docsift/internal/store/sqlite"
)

// judge waits until all is done that will be, ends the service, and holds its answers and its
// account against what was promised and what the provider counts.
func (l *load) judge(a *axe) *verdict {
	v := new(verdict)
	drained, left := l.drain(2**lease + 90*time.Second)
	v.must(left == 0, "%d documents stuck; the last was done %v after the last kill, leases are %v", left, drained.Round(100*time.Millisecond), *lease)
	l.results(v)
	l.events(v)
	v.must(len(a.died) == 0, "processes that ended by themselves: %v", a.died)
	v.must(len(l.odd) == 0, "answers to uploads other than 202, 429, 503 and 409: %v", l.odd)
	for _, p := range l.world.all() {
		p.stop()
	}
	l.money(v, a)
	for _, p := range l.world.all() {
		v.complaints(p)
	}
	slices.Sort(l.waits)
	if n := len(l.waits); n > 0 {
		v.facts("%d documents accepted after %d tries; until then p50 %v, p99 %v, at most %v", n, l.tries.Load(),
			l.waits[n/2].Round(time.Millisecond), l.waits[n*99/100].Round(time.Millisecond), l.waits[n-1].Round(time.Millisecond))
	}
	return v
}

// complaints adds what a process logged as errors, the first few of it.
func (v *verdict) complaints(p *process) {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return
	}
	seen := 0
	for line := range strings.Lines(string(data)) {
		if !strings.Contains(line, "level=WARN") && !strings.Contains(line, "the queue cannot be read") {
			if seen++; seen <= 6 {
				v.lines = append(v.lines, "      "+p.name+": "+strings.TrimSpace(line))
			}
		}
	}
}

// drain waits until nothing waits, and returns how long that took and what is left.
func (l *load) drain(patience time.Duration) (time.Duration, int) {
	began := time.Now()
	for {
		left := l.open("queued") + l.open("running")
		if left == 0 || time.Since(began) > patience {
			return time.Since(began), left
		}
		time.Sleep(500 * time.Millisecond)
	}
}

func (l *load) open(status string) int {
	var page struct {
		Classifications []struct{} `json:"classifications"`
	}
	if code, err := l.get("/v1/classifications?limit=500&status="+status, &page); err != nil || code != 200 {
		return 1
	}
	return len(page.Classifications)
}

// results asks what became of each document that was accepted.
func (l *load) results(v *verdict) {
	lost, wrong := 0, make(map[string]int)
	for id, n := range l.accepted {
		var got struct {
			Status   string `json:"status"`
			Category string `json:"classification"`
			Error    *struct {
				Code string `json:"code"`
			} `json:"error"`
		}
		code, err := l.get("/v1/classifications/"+id, &got)
		switch {
		case err != nil || code != 200:
			lost++
		case got.Error != nil:
			wrong[got.Error.Code]++
		case got.Status != "completed" || got.Category != label(n):
			wrong[got.Status+" "+got.Category]++
		}
	}
	v.must(lost == 0, "%d of %d accepted documents lost", lost, len(l.accepted))
	v.must(len(wrong) == 0, "answers that are not right: %v", wrong)
	seen := make(map[int]bool)
	for _, n := range l.accepted {
		seen[n] = true
	}
	v.must(len(seen) == len(l.accepted), "%d ids for %d documents that were accepted", len(l.accepted), len(seen))
}

// events asks whether each document was told of, under one id.
func (l *load) events(v *verdict) {
	missing := func() (n int) {
		r := l.world.receiver
		r.mu.Lock()
		defer r.mu.Unlock()
		for id := range l.accepted {
			if len(r.events[id]) == 0 {
				n++
			}
		}
		return n
	}
	for end := time.Now().Add(2**lease + 30*time.Second); missing() > 0 && time.Now().Before(end); {
		time.Sleep(200 * time.Millisecond)
	}
	v.must(missing() == 0, "%d webhooks lost", missing())
	if p := l.world.postgres; p != nil && missing() > 0 {
		v.lines = append(v.lines, "      deliveries: "+p.Do("postgres", "SELECT state, attempts, status, error, count(*), min(next_at)/1000000-extract(epoch from now())::bigint FROM deliveries GROUP BY 1, 2, 3, 4"))
	}
	two, again, unasked := 0, 0, 0
	r := l.world.receiver
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, ids := range r.events {
		if len(ids) > 1 {
			two++
		}
		if _, ours := l.accepted[id]; !ours {
			unasked++
		}
		for _, n := range ids {
			again += n - 1
		}
	}
	v.must(two == 0, "%d documents with more than one webhook id; %d events came again under theirs", two, again)
	v.facts("%d documents were done whose client never heard that they were accepted", unasked)
}

// money holds the account against the provider's.
func (l *load) money(v *verdict, a *axe) {
	calls, twice, needless := l.world.provider.again(a.kills)
	v.must(needless == 0, "%d calls of %d paid twice, %d of them though they were not under way at a kill; %d were", twice, calls, needless, a.busy)
	var theirs price.Amount
	billed := 0
	for _, row := range l.world.provider.sim.Requests() {
		if row.Billed {
			sum, _ := price.Builtin().Cost(model, row.Time, price.Tokens{Input: row.PromptTokens, Output: row.CompletionTokens})
			theirs += sum
			billed++
		}
	}
	ours, sent, unknown, err := l.ours()
	share := 100 * float64(ours-theirs) / float64(theirs)
	v.must(err == nil && ours >= theirs && sent >= billed, "our account $%s of %d calls (%d without a bill), the provider's $%s of %d: %+.2f %% (%v)",
		ours, sent, unknown, theirs, billed, share, err)
}

func (l *load) ours() (sum price.Amount, sent, unknown int, err error) {
	ctx := context.Background()
	log := slog.New(slog.DiscardHandler)
	var s *store.Store
	if p := l.world.postgres; p != nil {
		s, err = postgres.Open(ctx, p.URL("postgres"), log)
	} else {
		s, err = sqlite.Open(ctx, filepath.Join(l.world.data(), "docsift.db"), log)
	}
	if err != nil {
		return 0, 0, 0, err
	}
	defer s.Close()
	book, err := s.Ledger(ctx, store.LedgerOptions{Dir: filepath.Join(l.world.data(), "ledger")}) // takes over what was left waiting
	if err != nil {
		return 0, 0, 0, err
	}
	defer book.Close()
	spend, err := s.Spend(ctx, time.Now())
	if err != nil {
		return 0, 0, 0, fmt.Errorf("spend: %w", err)
	}
	return spend.Day, spend.Sent, spend.Unknown + spend.Open, nil
}
