//go:build linux

// Command benchgateway measures what stands between a client and its provider costs: docsift's
// /v1/decisions, another gateway, and the standard library's reverse proxy, which only copies, beside
// a client that asks the provider itself. All have the same simulated provider, in one run. It prints figures and passes no judgement: the
// machine may be busy with other things, and differences are steadier than milliseconds.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

type settings struct {
	docsift, portkey string
	rate, rounds     int
	phase, latency   time.Duration
}

func main() {
	var s settings
	forward := flag.String("forward", "", "be the reverse proxy to this `URL` and nothing else")
	flag.StringVar(&s.docsift, "docsift", "bin/docsift", "the `program` that is measured")
	flag.StringVar(&s.portkey, "portkey", "", "the start-server.js of @portkey-ai/gateway; left out without it")
	flag.IntVar(&s.rate, "rate", 1000, "requests a `second` at first; halved for all until all keep up")
	flag.IntVar(&s.rounds, "rounds", 3, "`times` that each is measured, in turn")
	flag.DurationVar(&s.phase, "phase", 8*time.Second, "`time` of one measurement")
	flag.DurationVar(&s.latency, "latency", 60*time.Millisecond, "`time` that the provider takes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *forward != "" {
		forwardTo(ctx, *forward)
		return
	}
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "benchgateway:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	handler, err := sim.New(sim.Options{Latency: s.latency, Limits: []sim.Limit{{RPM: 10_000_000, TPM: 1_000_000_000}}}) // more than anyone asks
	if err != nil {
		return err
	}
	provider, stop, err := serve(handler)
	if err != nil {
		return err
	}
	defer stop()
	ways, stopAll, err := open(ctx, provider, s)
	defer stopAll()
	if err != nil {
		return err
	}
	fmt.Printf("%d CPUs, a provider that takes %v, texts of %d bytes, %d rounds of %v each\n", runtime.NumCPU(), s.latency, textBytes, s.rounds, s.phase)
	return measure(ctx, ways, s)
}

// measure halves the rate until every way keeps up, and prints what they took at that rate.
func measure(ctx context.Context, ways []way, s settings) error {
	for _, w := range ways { // connections, caches and compilers warm up
		drive(ctx, w, min(s.rate, 200), 3*time.Second)
	}
	for rate := s.rate; ctx.Err() == nil; rate /= 2 {
		results := make([]result, len(ways))
		for range s.rounds {
			for i, w := range ways {
				results[i].add(drive(ctx, w, rate, s.phase))
			}
		}
		fmt.Printf("\nat %d requests a second, as they are due:\n", rate)
		report(os.Stdout, ways, results)
		behind := ""
		for i, r := range results {
			if !r.keepsUp(rate, s.latency) {
				behind += " " + ways[i].name
			}
		}
		if behind == "" {
			return nil
		}
		fmt.Printf("not everything kept up:%s\n", behind)
		if rate < 50 {
			return nil
		}
	}
	return ctx.Err()
}

// client is one with as many connections as there are requests under way.
func client() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.DisableCompression = 4096, 4096, true
	return &http.Client{Transport: t, Timeout: 30 * time.Second}
}
