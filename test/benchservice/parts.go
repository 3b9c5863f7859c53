//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/sim"
)

const documentBytes = 50_000

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }

// provider returns the settings of a simulated one that takes so long.
func (b *bench) provider(latency time.Duration) []string {
	h, err := sim.New(sim.Options{Latency: latency, Jitter: 0.2, Limits: []sim.Limit{{RPM: 10_000_000, TPM: 1_000_000_000}}})
	check(err)
	srv := &http.Server{Addr: "127.0.0.1:" + port(), Handler: h}
	go srv.ListenAndServe()
	b.host.Cleanup(func() { srv.Close() })
	return []string{"OPENAI_BASE_URL=http://" + srv.Addr + "/v1"}
}

// postgresCPU returns the CPU time of all of a server's processes.
func postgresCPU(pg *pgtest.Server) time.Duration {
	if pg == nil {
		return 0
	}
	data, err := os.ReadFile(filepath.Join(pg.Dir, "postmaster.pid"))
	check(err)
	first, _, _ := strings.Cut(string(data), "\n")
	pid, err := strconv.Atoi(first)
	check(err)
	return cpuOf(pid)
}

func (b *bench) async(n int, from int64, header ...string) call {
	return call{from: b.client, path: "/v1/classifications", name: fmt.Sprint("letter ", n, ".txt"), data: letter(int(from)+n, documentBytes), header: append(header, "Prefer", "respond-async")}
}

// accept measures how fast documents are taken in, while nobody works on them.
func (b *bench) accept(ctx context.Context) {
	for _, engine := range []struct {
		name   string
		target int
	}{{"SQLite", 500}, {"PostgreSQL", 1000}} {
		var pg *pgtest.Server
		if engine.name == "PostgreSQL" {
			pg = b.postgres()
		}
		s := b.serve(ctx, b.host.folder(), append(b.database(pg, "accept"), "DOCSIFT_WORKERS=0", "DOCSIFT_POLICY=local")...)
		b.tell("this disk: files of 50 kB and their folders synced/s by 32 writers", fmt.Sprintf("%.0f", b.disk()), "what there is to be had")
		b.table.Flush()
		from := rand.Int64N(1 << 40)
		next := func(n int) call { return b.async(n, from) }
		s.closed(ctx, 16, 3*time.Second, func(n int) call { return b.async(n, from+1<<30) }, 202) // warms up
		before, database := s.cpu(), postgresCPU(pg)
		t := s.closed(ctx, 32, b.phase, next, 202)
		each := func(d time.Duration) string { return ms(d / time.Duration(max(len(t.took), 1))) }
		what := "accepting 50 kB, " + engine.name + ": "
		b.tell(what+"documents/s of 32 clients", fmt.Sprintf("%.0f", t.rate()), fmt.Sprintf("≥ %d", engine.target))
		b.tell(what+"p50, p99 then", ms(t.at(0.5))+", "+ms(t.at(0.99)), "p99 ≤ 200 ms")
		b.tell(what+"CPU of docsift, database each", each(s.cpu()-before)+", "+each(postgresCPU(pg)-database), "")
		half := s.paced(ctx, engine.target/2, b.phase, func(n int) call { return b.async(n, from+1<<32) }, 202)
		b.tell(what+fmt.Sprintf("p99 at %d a second", engine.target/2), ms(half.at(0.99)), "≤ 200 ms")
		b.tell(what+"memory at most", s.peak(), "≤ 512 MiB")
		b.oddities(what, t, half)
		s.stop()
	}
}

// disk returns how many files like those of documents are made durable each second without docsift.
func (b *bench) disk() float64 {
	dir, data := b.host.folder(), letter(0, documentBytes)
	var all sync.WaitGroup
	var n atomic.Int64
	start := time.Now()
	for w := range 32 {
		sub := filepath.Join(dir, strconv.Itoa(w))
		check(os.Mkdir(sub, 0o700))
		all.Go(func() {
			for i := 0; time.Since(start) < 3*time.Second; i++ {
				f, err := os.Create(filepath.Join(sub, strconv.Itoa(i)))
				check(err)
				f.Write(data)
				f.Sync()
				f.Close()
				d, err := os.Open(sub)
				check(err)
				d.Sync()
				d.Close()
				n.Add(1)
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}

func (b *bench) oddities(what string, all ...*tally) {
	for _, t := range all {
		if t.why != "" || t.errors > 0 || t.silent > 0 {
			b.tell(what+"odd", fmt.Sprintf("%d errors, %d refusals without Retry-After, %s", t.errors, t.silent, t.why), "none")
		}
	}
}

// flood sends 10,000 documents in 10 seconds, and one small client's beside them.
func (b *bench) flood(ctx context.Context) {
	pg := b.postgres()
	env := append(b.database(pg, "flood"), "DOCSIFT_AUTH=on", "DOCSIFT_POLICY=local")
	s := b.serve(ctx, b.host.folder(), env...)
	big, small := s.key("big"), s.key("small")
	from := rand.Int64N(1 << 40)
	quiet := newClient()
	wait := func(n int, from int64) call {
		c := b.async(n, from)
		c.from = quiet
		c.header = []string{"Authorization", "Bearer " + small, "Prefer", "respond-async, wait=60"}
		return c
	}
	idle := s.paced(ctx, 4, 10*time.Second, func(n int) call { return wait(n, from+1<<32) }, 200)
	done := make(chan *tally)
	go func() {
		time.Sleep(2 * time.Second)
		done <- s.paced(ctx, 4, 12*time.Second, func(n int) call { return wait(n, from+1<<33) }, 200)
	}()
	start := time.Now()
	t := s.paced(ctx, 1000, 10*time.Second, func(n int) call { return b.async(n, from, "Authorization", "Bearer "+big) }, 202)
	beside := <-done
	accepted := len(t.took)
	left := -1
	for end := time.Now().Add(5 * time.Minute); left != 0 && time.Now().Before(end) && ctx.Err() == nil; time.Sleep(time.Second) {
		left, _ = strconv.Atoi(pg.Do("flood", "SELECT count(*) FROM classifications WHERE tenant = 'big' AND state = 'queued'"))
	}
	states := pg.Do("flood", "SELECT string_agg(n || ' ' || state, ', ') FROM (SELECT count(*) n, state FROM classifications WHERE tenant = 'big' GROUP BY state) s")
	b.tell("10,000 in 10 s: accepted, refused, errors of connections", fmt.Sprintf("%d, %d, %d", accepted, t.statuses[503]+t.statuses[429], t.errors), "0 errors")
	b.tell("10,000 in 10 s: p99 of acceptance", ms(t.at(0.99)), "≤ 1 s")
	b.tell("10,000 in 10 s: what became of the accepted", fmt.Sprintf("%s of %d after %v", states, accepted, time.Since(start).Round(time.Second)), "all")
	b.tell("10,000 in 10 s: memory at most", s.peak(), "≤ 512 MiB")
	for _, of := range []struct {
		what string
		took func(*tally) []time.Duration
	}{
		{"accepted to begun", func(t *tally) []time.Duration { return t.waited }},
		{"begun to done", func(t *tally) []time.Duration { return t.worked }},
		{"due to answered", func(t *tally) []time.Duration { return t.took }},
	} {
		alone, then := quantile(of.took(idle), 0.9), quantile(of.took(beside), 0.9)
		b.tell("a small tenant's p90, idle and beside the flood: "+of.what,
			fmt.Sprintf("%s, %s (× %.1f)", ms(alone), ms(then), then.Seconds()/max(alone.Seconds(), 1e-9)), "≤ × 2")
	}
	b.oddities("10,000 in 10 s: ", t, idle, beside)
	s.stop()
}

// through measures what is done for a PDF from acceptance to answer, on a database that is empty and on one that has grown.
func (b *bench) through(ctx context.Context) {
	pg := b.postgres()
	env := append(b.database(pg, "through"), b.provider(600*time.Millisecond)...)
	for i, rows := range []int{0, b.rows} {
		if i > 0 && rows == 0 {
			return
		}
		if rows > 0 {
			fill(pg, "through", rows)
		}
		s := b.serve(ctx, b.host.folder(), env...)
		what := fmt.Sprintf("PDFs through all of it, %d rows before: ", rows)
		b.work(ctx, s, pg, what, i<<24)
		s.stop()
	}
}

func (b *bench) work(ctx context.Context, s *service, pg *pgtest.Server, what string, from int) {
	count := func(query string) int {
		n, err := strconv.Atoi(pg.Do("through", query))
		check(err)
		return n
	}
	finished := func() int {
		return count("SELECT count(*) FROM classifications WHERE tenant = 'default' AND finished_at > 0")
	}
	ctx, cancel := context.WithCancel(ctx)
	sent := make(chan *tally)
	go func() {
		sent <- s.paced(ctx, 80, 10*time.Minute, func(n int) call {
			return call{from: b.client, path: "/v1/classifications", name: fmt.Sprint("scan ", from+n, ".pdf"), data: b.pdfs.make(from + n), header: []string{"Prefer", "respond-async"}}
		}, 202)
	}()
	time.Sleep(5 * time.Second) // a queue stands by then
	done, calls, start := finished(), count("SELECT count(*) FROM attempts"), time.Now()
	cpu, database, size := s.cpu(), postgresCPU(pg), count("SELECT pg_database_size('through')")
	wal := pg.Do("through", "SELECT pg_current_wal_lsn()")
	time.Sleep(2 * b.phase)
	n, took := max(finished()-done, 1), time.Since(start)
	cpu, database = s.cpu()-cpu, postgresCPU(pg)-database
	size = count("SELECT pg_database_size('through')") - size
	written := count("SELECT (pg_current_wal_lsn() - '" + wal + "')::bigint")
	calls = count("SELECT count(*) FROM attempts") - calls
	cancel()
	t := <-sent
	b.tell(what+"documents/s", fmt.Sprintf("%.0f", float64(n)/took.Seconds()), "≥ 41")
	b.tell(what+"CPU of docsift, database each", ms(cpu/time.Duration(n))+", "+ms(database/time.Duration(n)), "flat")
	b.tell(what+"requests to models, bytes of database, of its log each", fmt.Sprintf("%.2f, %d, %d", float64(calls)/float64(n), size/n, written/n), "flat")
	b.tell(what+"p99 of acceptance, memory at most", ms(t.at(0.99))+", "+s.peak(), "≤ 200 ms, ≤ 512 MiB")
}

// fill adds documents of another tenant's, as they are once they are answered.
func fill(pg *pgtest.Server, name string, rows int) {
	today := time.Now().Unix() / 86400
	pg.Do(name, fmt.Sprintf(`INSERT INTO classifications SELECT %d, id, 't' || i %% 100, 'completed', 'async', '', at, at, at + 400000,
	lpad(to_hex(i), 64, '0'), 'scan ' || i || '.pdf', 'application/pdf', 48213, '{"taxonomy":"finance","priority":1}',
	(array['invoice', 'receipt', 'bank_statement', 'unknown'])[1 + i %% 4], 0.93, (array['local', 'openai', 'google'])[1 + i %% 3], 'gpt-6-luna', 'finance', 'default',
	CASE WHEN i %% 20 = 0 THEN 'low_confidence' ELSE '' END, '', false, false, false, false, 52000, true, 4000000, 0, 380000,
	'{"id":"' || id || '","status":"completed","attempts":[' || repeat('{"stage":"text","model":"gpt"},', 20) || '{}]}'
FROM (SELECT i, at, substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7' || substr(h, 13, 3) || '-8' || substr(h, 16, 3) || '-' || substr(h, 19, 12) AS id
	FROM (SELECT i, at, lpad(to_hex(at / 1000), 12, '0') || md5(i::text) AS h FROM (SELECT i, %d * 86400000000 + i AS at FROM generate_series(1::bigint, %d) i) moments) hexes) ids;
ANALYZE classifications`, today, today, rows))
}

// grown measures whether those who wait wait longer when the log has grown, turn by turn.
func (b *bench) grown(ctx context.Context) {
	pg := pgtest.Start(b.host, "shared_buffers = 512MB", "max_wal_size = 8GB", "fsync = off")
	var servers [2]*service
	var all [2]tally
	for i, name := range []string{"fresh", "grown"} {
		servers[i] = b.serve(ctx, b.host.folder(), append(b.database(pg, name), "DOCSIFT_POLICY=local")...)
	}
	fill(pg, "grown", b.log)
	from := rand.Int64N(1 << 40)
	for round := range 12 {
		for i, s := range servers {
			t := s.paced(ctx, 20, b.phase/3, func(n int) call {
				return call{from: b.client, path: "/v1/classifications", name: "letter.txt", data: letter(int(from)+round<<20+n, 2000)}
			}, 200)
			all[i].took = append(all[i].took, t.took...)
			b.oddities("log: ", t)
		}
	}
	for _, q := range []float64{0.5, 0.99} {
		empty, full := all[0].at(q), all[1].at(q)
		b.tell(fmt.Sprintf("who waits, p%.0f: empty, beside a log of %d rows", q*100, b.log),
			fmt.Sprintf("%s, %s (× %.2f)", ms(empty), ms(full), full.Seconds()/empty.Seconds()), "≤ × 1.10")
	}
	for _, s := range servers {
		s.stop()
	}
}

// file measures the original's route, whose callers wait.
func (b *bench) file(ctx context.Context) {
	for _, policy := range []string{"guide", "default"} {
		s := b.serve(ctx, b.host.folder(), append(b.provider(60*time.Millisecond), "DOCSIFT_POLICY="+policy)...)
		from := rand.IntN(1 << 30)
		next := func(n int) call {
			return call{from: b.client, path: "/classify_file", name: fmt.Sprint("scan ", n, ".pdf"), data: b.pdfs.make(from + n), fields: []string{"industry", "finance"}}
		}
		s.paced(ctx, 2, 3*time.Second, func(n int) call { return next(n + 1<<20) }, 200)
		t := s.paced(ctx, 5, b.phase, next, 200)
		what := "POST /classify_file, policy " + policy + ", models of 60 ms: "
		b.tell(what+"p50, p99 at 5 a second", ms(t.at(0.5))+", "+ms(t.at(0.99)), "p50 ≤ 120 ms (the original: 1,005 ms)")
		b.oddities(what, t)
		s.stop()
	}
}
