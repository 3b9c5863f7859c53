//go:build unix

// Command benchextract measures what reading PDFs costs, in children as the service does it,
// beside poppler's commands on the same files in the same run. It prints figures and passes no
// judgement: the machine may be busy with other things, and ratios are steadier than seconds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/internal/app"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == app.ChildCommand {
		if err := app.Child(context.Background(), os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	most := flag.Int("n", 80, "`documents` at most, taken evenly")
	rounds := flag.Int("rounds", 5, "`times` that everything is measured")
	binary := flag.String("docsift", "bin/docsift", "the `program` whose start is measured")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: benchextract [flags] FOLDER")
		os.Exit(2)
	}
	if err := run(context.Background(), flag.Arg(0), *binary, *most, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "benchextract:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, folder, binary string, most, rounds int) error {
	docs, err := pdfs(folder, most)
	if err != nil {
		return err
	}
	fmt.Printf("%d PDFs, %d rounds, %d CPUs, %s\n\n", len(docs), rounds, runtime.NumCPU(), popplerVersion())
	if err := beside(ctx, docs, rounds); err != nil {
		return err
	}
	if err := together(ctx, docs, rounds); err != nil {
		return err
	}
	return cold(ctx, binary, docs, rounds)
}

// source is a document and where it lies, for commands that read files.
type source struct {
	path string
	*document.Document
}

// pdfs returns at most n of a folder's PDFs, evenly spread.
func pdfs(folder string, n int) ([]source, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*.pdf"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no PDF in the folders of %s", folder)
	}
	var docs []source
	for i := range min(n, len(paths)) {
		path := paths[i*len(paths)/min(n, len(paths))]
		d, err := document.Open(path, document.Options{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		docs = append(docs, source{path, d})
	}
	return docs, nil
}

// beside compares the CPU of both, one document after the other.
func beside(ctx context.Context, docs []source, rounds int) error {
	fmt.Println("CPU a document, ms          OURS   POPPLER  RATIO (median of rounds; least and most)")
	for _, w := range []work{text, textAndPage} {
		var ours, theirs, ratios []float64
		for range rounds {
			a, err := spent(func() error { return readAll(ctx, docs, w, 1) })
			if err != nil {
				return err
			}
			b, err := spent(func() error { return poppler(ctx, docs, w) })
			if err != nil {
				return err
			}
			ours, theirs = append(ours, each(a, passes*len(docs))), append(theirs, each(b, len(docs)))
			ratios = append(ratios, ours[len(ours)-1]/theirs[len(theirs)-1])
		}
		fmt.Printf("%-25s %6.1f  %8.1f  %5.2f (%.2f to %.2f)\n", w, median(ours), median(theirs), median(ratios), slices.Min(ratios), slices.Max(ratios))
	}
	return nil
}

// together measures how many documents two children read in a second.
func together(ctx context.Context, docs []source, rounds int) error {
	fmt.Println("\ntwo children at once        DOCUMENTS A SECOND (best, median)")
	for _, w := range []work{text, textAndPage} {
		var rates []float64
		for range rounds {
			start := time.Now()
			if err := readAll(ctx, docs, w, 2); err != nil {
				return err
			}
			rates = append(rates, float64(passes*len(docs))/time.Since(start).Seconds())
		}
		fmt.Printf("%-25s %6.0f  %6.0f\n", w, slices.Max(rates), median(rates))
	}
	return nil
}

// each returns milliseconds a document.
func each(d time.Duration, documents int) float64 {
	return d.Seconds() * 1000 / float64(documents)
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

var errNothing = errors.New("nothing was read")
