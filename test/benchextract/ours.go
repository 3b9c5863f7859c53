//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
)

// work is what is done to a document.
type work string

const (
	text        work = "text of three pages"
	textAndPage work = "text and a page image"
)

// side of a page's picture, in pixels.
const side = 1024

// Three pages are the first two and the last, so that both do the same work. A child is
// started and ended with every round and counts with all that it costs; in the service it reads
// more documents than in a round.
const (
	firstPages = 2
	passes     = 3
)

// readAll reads every document a few times over.
func readAll(ctx context.Context, docs []source, w work, children int) error {
	r, err := app.OpenReader(app.ReaderOptions{Reading: config.Reading{
		Children: children, Pages: firstPages, Timeout: time.Minute, OCR: config.OCROff,
	}})
	if err != nil {
		return err
	}
	defer r.Close()
	var group sync.WaitGroup
	var next atomic.Int64
	errs := make([]error, children)
	for i := range children {
		group.Go(func() {
			for n := next.Add(1) - 1; int(n) < passes*len(docs) && errs[i] == nil; n = next.Add(1) - 1 {
				errs[i] = readOne(ctx, r, docs[int(n)%len(docs)], w)
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func readOne(ctx context.Context, x extract.Extractor, d source, w work) error {
	c, err := x.Extract(ctx, d.Document)
	if err == nil && w == textAndPage {
		_, err = c.Draw(ctx, 1, extract.View{Side: side})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	return nil
}

// spent returns the CPU that job takes, in this process and in those that it starts and reaps.
func spent(job func() error) (time.Duration, error) {
	before := used()
	err := job()
	return used() - before, err
}

func used() (total time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			panic(err) // it knows both
		}
		total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return total
}

// cold measures a process that starts, reads one PDF and ends, with the compiled reader in its
// cache.
func cold(ctx context.Context, binary string, docs []source, rounds int) error {
	smallest := slices.MinFunc(docs, func(a, b source) int { return len(a.Bytes) - len(b.Bytes) })
	var walls []float64
	for range 2*rounds + 1 {
		cmd := exec.CommandContext(ctx, binary, "classify", "-q", "--policy", "local", smallest.path)
		cmd.Env = append(os.Environ(), "DOCSIFT_OCR="+config.OCROff)
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", binary, err, out)
		}
		walls = append(walls, time.Since(start).Seconds()*1000)
	}
	fmt.Printf("\na cold process, cache warm, one PDF classified: %.0f ms wall in the median, %.0f at best\n", median(walls), slices.Min(walls))
	return nil
}
