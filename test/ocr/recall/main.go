//go:build ocr && unix

// Command recall compares the embedded tesseract with the installed one, on the documents
// of a folder that have no text: words found, CPU and time for the first page. Both find words
// in what is none, and not the same: the installed one is compared with itself as well.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/ocr"
	"github.com/docsift/docsift/test/ocr/internal/corpus"
)

func main() {
	side := flag.Int("side", 2000, "longer side of a page, in pixels")
	nth := flag.Int("nth", 1, "take every nth document")
	truth := flag.Bool("truth", false, "take the documents that have text, and compare with that instead")
	flag.Parse()
	folder := "../shared/corpus"
	if flag.NArg() > 0 {
		folder = flag.Arg(0)
	}
	if err := run(folder, *side, *nth, *truth); err != nil {
		log.Fatal(err)
	}
}

// engine is one of the two that are compared.
type engine struct {
	name  string
	read  extract.Recognizer
	who   int // whose CPU it spends, for getrusage
	texts []string
	cpu   []time.Duration
	wall  []time.Duration
}

func run(folder string, side, nth int, truth bool) error {
	ctx := context.Background()
	command, err := ocr.NewCommand(ctx, ocr.CommandOptions{})
	if err != nil {
		return err
	}
	assets, _ := ocr.Embedded()
	wasm := ocr.NewWasm(assets, ocr.WasmOptions{Workers: 1})
	defer wasm.Close()
	if err := wasm.Prepare(ctx); err != nil {
		return err
	}
	t := trio{
		native: &engine{name: "command", read: command, who: syscall.RUSAGE_CHILDREN},
		ours:   &engine{name: "wasm", read: wasm, who: syscall.RUSAGE_SELF},
		again:  &engine{name: "command, on a row of pixels less", read: command, who: syscall.RUSAGE_CHILDREN},
	}
	said := &engine{name: "document itself"}
	wanted := func(d corpus.Document) bool { return d.HasText() == truth && d.Content.Draw != nil }
	err = corpus.Walk(folder, nth, wanted, func(d corpus.Document) error {
		if truth {
			said.texts = append(said.texts, d.Content.Pages[0].Text)
			d.Content.Pages = nil
		}
		// A document that takes long is part of what is measured.
		c, err := ocr.New(already{d.Content}, t, ocr.Options{Side: side, Pages: 1, Timeout: time.Hour}).Extract(ctx, d.Raw)
		if err != nil {
			return err
		}
		c.Recognize(ctx)
		if note := c.Meta["ocr"]; strings.HasPrefix(note, "failed") {
			return errors.New(note)
		}
		return nil
	})
	if err != nil {
		return err
	}
	t.print(side)
	if truth {
		report(said, t.native)
		report(said, t.ours)
	}
	return nil
}

// already is an extract.Extractor of a document that was read before.
type already struct{ content *extract.Content }

func (a already) Extract(context.Context, *document.Document) (*extract.Content, error) {
	return a.content, nil
}

// trio is an extract.Recognizer that has both engines read. The command reads once more a page
// that lacks its last row of pixels: how much of a hard page it finds again then is as much as
// can be asked of another engine.
type trio struct{ native, ours, again *engine }

func (t trio) Recognize(ctx context.Context, page document.Image) (string, error) {
	shorter := page
	shorter.Height--
	pixels := page.Bytes[len(page.Bytes)-page.Width*page.Height:]
	shorter.Bytes = fmt.Appendf(nil, "P5\n%d %d\n255\n%s", page.Width, shorter.Height, pixels[:page.Width*shorter.Height])
	for _, e := range []*engine{t.native, t.ours} {
		if err := e.measure(ctx, page); err != nil {
			return "", fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return t.native.texts[len(t.native.texts)-1], t.again.measure(ctx, shorter)
}

func (e *engine) measure(ctx context.Context, page document.Image) error {
	before, start := spent(e.who), time.Now()
	text, err := e.read.Recognize(ctx, page)
	e.wall = append(e.wall, time.Since(start))
	e.cpu = append(e.cpu, spent(e.who)-before)
	e.texts = append(e.texts, text)
	return err
}

func spent(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		log.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (t trio) print(side int) {
	native, ours := t.native, t.ours
	readable, both := 0, 0
	for i, text := range native.texts {
		if extract.Readable(text) {
			readable++
			if extract.Readable(ours.texts[i]) {
				both++
			}
		}
	}
	fmt.Printf("%d pages, drawn at %d pixels\n", len(native.texts), side)
	fmt.Printf("%d readable by the command, %d of them by wasm\n", readable, both)
	fmt.Printf("%-8s %10s %8s %8s %8s %8s\n", "", "CPU mean", "p50", "p95", "max", "wall p50")
	for _, e := range []*engine{native, ours} {
		mean := sum(e.cpu) / time.Duration(len(e.cpu))
		fmt.Printf("%-8s %10d %8d %8d %8d %8d ms\n", e.name, mean.Milliseconds(), percentile(e.cpu, 50), percentile(e.cpu, 95), percentile(e.cpu, 100), percentile(e.wall, 50))
	}
	ratios := make([]float64, len(ours.cpu))
	for i := range ratios {
		ratios[i] = float64(ours.cpu[i]) / float64(native.cpu[i])
	}
	slices.Sort(ratios)
	fmt.Printf("CPU of wasm by that of the command: %.2f in all, %.2f in the median\n", float64(sum(ours.cpu))/float64(sum(native.cpu)), ratios[len(ratios)/2])
	fmt.Println("words found")
	report(native, ours)
	report(ours, native)
	report(native, t.again)
}

// report says how many of the words that one engine found another found too.
func report(one, other *engine) {
	found, wanted := 0, 0
	for i, text := range one.texts {
		f, w := corpus.Found(corpus.Words(text), corpus.Words(other.texts[i]))
		found, wanted = found+f, wanted+w
	}
	fmt.Printf("  by the %s, of those found by the %s: %d of %d (%.3f)\n", other.name, one.name, found, wanted, float64(found)/float64(wanted))
}

func sum(ds []time.Duration) (total time.Duration) {
	for _, d := range ds {
		total += d
	}
	return total
}

// percentile returns milliseconds.
func percentile(ds []time.Duration, p int) int64 {
	sorted := slices.Sorted(slices.Values(ds))
	return sorted[(len(sorted)-1)*p/100].Milliseconds()
}
