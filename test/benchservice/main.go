//go:build linux

// Command benchservice measures the service that keeps what it accepts: how fast it takes documents
// in, what it does with more than it can take, how fast it works through PDFs and what each costs, and
// whether that changes as the database grows. It prints each figure beside its target and passes no
// judgement: all of it, the clients too, shares the processors of one machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/docsift/docsift/internal/pgtest"
)

// bench is what all parts have in common.
type bench struct {
	program string
	phase   time.Duration
	rows    int
	log     int
	host    *host
	pdfs    *pdfs
	client  *http.Client
	table   *tabwriter.Writer
}

// part is one question.
type part struct {
	name string
	run  func(*bench, context.Context)
}

func parts() []part {
	return []part{{"accept", (*bench).accept}, {"flood", (*bench).flood}, {"through", (*bench).through}, {"file", (*bench).file}, {"log", (*bench).grown}}
}

func main() {
	b := &bench{host: newHost(), client: newClient(), table: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)}
	only := flag.String("only", "accept,flood,through,file,log", "the `parts` to measure")
	flag.StringVar(&b.program, "docsift", "bin/docsift", "the `program` that is measured")
	flag.DurationVar(&b.phase, "phase", 15*time.Second, "`time` of one measurement")
	flag.IntVar(&b.rows, "rows", 1_000_000, "`number` of documents to which the database has grown")
	flag.IntVar(&b.log, "log", 10_000_000, "`number` of documents in the log beside which others wait")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(b.run(ctx, strings.Split(*only, ",")))
}

func (b *bench) run(ctx context.Context, only []string) (status int) {
	defer func() {
		b.host.clean()
		if p := recover(); p != nil {
			fmt.Fprintln(os.Stderr, "benchservice:", p)
			status = 1
		}
	}()
	var err error
	b.pdfs, err = readPDFs("samples")
	check(err)
	load, err := os.ReadFile("/proc/loadavg")
	check(err)
	fmt.Printf("%d CPUs for clients, simulator, docsift and database together; load before %s\n", runtime.NumCPU(), load)
	b.tell("WHAT", "MEASURED", "TARGET")
	for _, p := range parts() {
		if slices.Contains(only, p.name) && ctx.Err() == nil {
			p.run(b, ctx)
			b.table.Flush()
		}
	}
	return 0
}

// tell prints a figure beside its target.
func (b *bench) tell(what, measured, target string) {
	fmt.Fprintf(b.table, "%s\t%s\t%s\n", what, measured, target)
}

// check ends a measurement that cannot be made.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// postgres starts a server that keeps what it says it keeps.
func (b *bench) postgres() *pgtest.Server {
	return pgtest.Start(b.host, "shared_buffers = 512MB", "max_wal_size = 4GB", "wal_compression = on", "checkpoint_timeout = 15min")
}

// database returns the settings of an empty one of either engine.
func (b *bench) database(pg *pgtest.Server, name string) []string {
	if pg == nil {
		return nil
	}
	pg.Do("postgres", "CREATE DATABASE "+name)
	return []string{"DATABASE_URL=" + pg.URL(name)}
}
