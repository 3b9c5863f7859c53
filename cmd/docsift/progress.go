package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

// progress shows how far a run is: on a terminal with a bar, else, where it is a long one, with a
// line now and then. Without either it shows nothing.
type progress struct {
	log   io.Writer
	quiet bool
	bars  *mpb.Progress
	bar   *mpb.Bar
	begun time.Time
	once  sync.Once

	total, ended, known, failed atomic.Int64 // documents; known ones were answered before
	counted                     atomic.Bool  // no more are found
	cost                        atomic.Int64 // nano-dollars, at the best estimate
	stop                        func()       // ends what goes on beside it
}

// every is how often a line is printed where there is no bar.
const every = 10 * time.Second

// newProgress returns a bar when standard error is a terminal and the results do not go to
// the same one, where the two would run into each other.
func (p process) newProgress(f classifyFlags) *progress {
	pr := &progress{log: p.log, quiet: f.quiet, begun: time.Now(), stop: func() {}}
	switch {
	case f.quiet:
	case isTerminal(p.log) && (f.output != "" || !isTerminal(p.out)):
		pr.bars = mpb.New(mpb.WithOutput(p.log))
		pr.bar = pr.bars.AddBar(0,
			mpb.PrependDecorators(decor.CountersNoUnit("%d / %d")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return pr.pace(time.Now()) })),
		)
	case f.output != "":
		pr.tell(every)
	}
	return pr
}

// tell prints a line now and then until close.
func (p *progress) tell(every time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
				p.write(fmt.Sprintf("docsift: %d / %d  %s", p.ended.Load(), p.total.Load(), p.pace(time.Now())))
			}
		}
	}()
	p.stop = func() {
		cancel()
		<-ended
	}
}

// pace says how fast it goes, what it has cost and how long it still takes.
func (p *progress) pace(now time.Time) string {
	parts := []string{fmt.Sprintf("%d failed", p.failed.Load())}
	if nano := p.cost.Load(); nano > 0 {
		parts = append(parts, fmt.Sprintf("$%.4f", float64(nano)/1e9))
	}
	done, left := p.ended.Load()-p.known.Load(), p.total.Load()-p.ended.Load()
	seconds := now.Sub(p.begun).Seconds()
	if done == 0 || seconds <= 0 {
		return strings.Join(parts, "  ")
	}
	rate := float64(done) / seconds
	parts = append(parts, fmt.Sprintf("%.3g/s", rate))
	if p.counted.Load() {
		parts = append(parts, span(float64(left)/rate)+" left")
	}
	return strings.Join(parts, "  ")
}

// span writes seconds for people.
func span(seconds float64) string {
	if seconds > 1e8 {
		return "years"
	}
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.1f days", d.Hours()/24)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return d.Round(time.Second).String()
}

// countAll finds out beside the work how many documents there are.
func (p *progress) countAll(ctx context.Context, count func() int) {
	ended, stop := make(chan struct{}), p.stop
	go func() {
		defer close(ended)
		n := int64(count())
		if ctx.Err() != nil {
			return
		}
		p.total.Store(n)
		if p.counted.Store(true); p.bar != nil {
			p.bar.SetTotal(n, false)
		}
	}()
	p.stop = func() {
		<-ended
		stop()
	}
}

// add counts a document that was found.
func (p *progress) add() {
	if n := p.total.Add(1); p.bar != nil {
		p.bar.SetTotal(n, false)
	}
}

// skip counts a document that was answered before.
func (p *progress) skip() {
	p.known.Add(1)
	p.step()
}

// done counts a document that is finished.
func (p *progress) done(res docsift.Result) {
	if res.Error != nil && res.Error.Code != fault.Canceled {
		p.failed.Add(1)
	}
	p.step()
}

// paid adds to what the run costs.
func (p *progress) paid(c cascade.Cost) { p.cost.Add(c.Estimated()) }

// set tells how far a server has come.
func (p *progress) set(ended, failed int, c cascade.Cost) {
	n := int64(ended) + p.known.Load()
	p.ended.Store(n)
	p.failed.Store(int64(failed))
	if p.cost.Store(c.Estimated()); p.bar != nil {
		p.bar.SetCurrent(n)
	}
}

// step moves the bar on by a document.
func (p *progress) step() {
	if p.ended.Add(1); p.bar != nil {
		p.bar.Increment()
	}
}

// say prints a line that explains a wait, once.
func (p *progress) say(line string) {
	p.once.Do(func() { p.write("docsift: " + line) })
}

// preparing explains the wait for a reader that is compiled.
func (p *progress) preparing() {
	if p.quiet {
		return
	}
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

// close takes the bar down. What is closed twice is closed once.
func (p *progress) close() {
	p.stop()
	p.stop = func() {}
	if p.bar != nil {
		p.bar.SetTotal(-1, true)
		p.bars.Wait()
		p.bar, p.bars = nil, nil
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
