package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
)

// progress shows on a terminal how far a run is. A nil bar shows nothing.
type progress struct {
	log    io.Writer
	bars   *mpb.Progress
	bar    *mpb.Bar
	total  atomic.Int64
	failed atomic.Int64
	once   sync.Once
}

// newProgress returns a bar when standard error is a terminal and the results do not go to
// the same one, where the two would run into each other.
func (p process) newProgress(f classifyFlags) *progress {
	pr := &progress{log: p.log}
	if f.quiet || !isTerminal(p.log) || isTerminal(p.out) {
		return pr
	}
	pr.bars = mpb.New(mpb.WithOutput(p.log))
	pr.bar = pr.bars.AddBar(0,
		mpb.PrependDecorators(decor.CountersNoUnit("%d / %d")),
		mpb.AppendDecorators(
			decor.Any(func(decor.Statistics) string { return fmt.Sprintf("%d failed ", pr.failed.Load()) }),
			decor.AverageETA(decor.ET_STYLE_GO),
		))
	return pr
}

// add counts a document that was found.
func (p *progress) add() {
	if n := p.total.Add(1); p.bar != nil {
		p.bar.SetTotal(n, false)
	}
}

// done counts a document that is finished.
func (p *progress) done(res docsift.Result) {
	if res.Error != nil && res.Error.Code != fault.Canceled {
		p.failed.Add(1)
	}
	p.step()
}

// step moves the bar on by a document.
func (p *progress) step() {
	if p.bar != nil {
		p.bar.Increment()
	}
}

// say prints a line that explains a wait, once.
func (p *progress) say(line string) {
	p.once.Do(func() { p.write("docsift: " + line) })
}

// preparing explains the wait for a reader that is compiled.
func (p *progress) preparing() {
	p.say("preparing a reader, once on this machine: a few seconds")
}

// write prints a line above the bar.
func (p *progress) write(line string) {
	if p.bars != nil {
		fmt.Fprintln(p.bars, line)
		return
	}
	fmt.Fprintln(p.log, line)
}

// close takes the bar down.
func (p *progress) close() {
	if p.bar != nil {
		p.bar.SetTotal(-1, true)
		p.bars.Wait()
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns returns the width of the terminal that w is, or 0 when it is none.
func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
