//go:build linux

// Command hostile sends a folder of malformed and malicious files through a running
// `docsift serve` and fails when one of them gets what it must not: a crash, a hang, a 500, a
// refusal of what must be classified, a file written, a packet sent out.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	binary := flag.String("docsift", "bin/docsift", "the `program` to attack")
	only := flag.String("kind", "", "send the files of one `kind` only")
	workers := flag.Int("j", 2, "`files` at once")
	list := flag.Bool("list", false, "print a line for each file")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: hostile [flags] FOLDER with a manifest.tsv")
		os.Exit(2)
	}
	apart, err := enterEmptyNetwork()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	broken, err := attack(ctx, attackOptions{*binary, flag.Arg(0), *only, *workers, *list, apart})
	if err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(1)
	}
	if broken > 0 {
		fmt.Printf("\n%d rules broken\n", broken)
		os.Exit(1)
	}
	fmt.Println("\nevery rule held")
}

type attackOptions struct {
	binary, folder, kind string
	workers              int
	list                 bool
	apart                bool // in a network of its own, so that packets out can be counted
}

// attack runs everything and returns how many rules were broken.
func attack(ctx context.Context, o attackOptions) (int, error) {
	trials, err := load(o.folder, o.kind)
	if err != nil {
		return 0, err
	}
	srv, err := start(ctx, o.binary)
	if err != nil {
		return 0, err
	}
	defer srv.stop()
	if err := srv.warmUp(ctx); err != nil {
		return 0, err
	}
	srv.watch(ctx)

	results := make([]result, len(trials))
	var next, done atomic.Int64
	var group sync.WaitGroup
	for range o.workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(trials) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				results[i] = srv.send(ctx, trials[i])
				if o.list {
					fmt.Println(results[i])
				}
				if n := done.Add(1); n%250 == 0 {
					fmt.Fprintf(os.Stderr, "%d of %d\n", n, len(trials))
				}
			}
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return report(results, srv, o.apart), nil
}
