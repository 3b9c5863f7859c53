package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

// The bounds of A5.
const (
	mostCalls  = 1.10     // for each sheet, probes aside
	mostLog    = 2_000    // bytes for each sheet that failed
	mostMemory = 32 << 20 // bytes above what the service held before
	mostMore   = 5        // goroutines above a service that has just been started

	stormRate = 20 // sheets a second: each may wait until its deadline, and a service takes 64 at once
)

// refusals is A5: every provider turns every request away.
func (r *run) refusals(ctx context.Context) ([]Line, error) {
	l := Line{ID: "A5", What: "every provider answers 429 or 503", Target: "≤ 1.10 calls a sheet + probes; ≤ 2 kB of log; ≤ 32 MiB", Result: Pass}
	ways := []struct {
		name   string
		effect sim.Effect
	}{
		{"429 with Retry-After", sim.Effect{Fault: "rate_limit_exceeded", RetryAfter: "2"}},
		{"429 without", sim.Effect{Fault: "rate_limit_exceeded", RetryAfter: "none"}},
		{"503", sim.Effect{Fault: "unavailable"}},
	}
	var worst storm
	for i, way := range ways {
		got, err := r.refuse(ctx, way.name, way.effect, i == len(ways)-1)
		if err != nil {
			return nil, err
		}
		l.figure(way.name+", calls a sheet", got.amplification())
		l.figure(way.name+", bytes of log a failed sheet", got.perFailed())
		l.figure(way.name+", more memory, bytes", float64(got.memory))
		l.note("%s: %d calls for %d sheets in %v, of which up to %d may be probes; %.0f bytes of log a failed sheet; %+.1f MiB",
			way.name, got.calls, got.sheets, got.length.Round(time.Second), got.probes(), got.perFailed(), float64(got.memory)/(1<<20))
		if !got.holds() {
			l.Result = Fail
		}
		worst = worst.worse(got)
	}
	l.Measured = fmt.Sprintf("%.2f calls a sheet; %.0f bytes; %+.1f MiB", worst.amplification(), worst.perFailed(), float64(worst.memory)/(1<<20))
	if err := r.rest(ctx, &l, worst.goroutines); err != nil {
		return nil, err
	}
	return []Line{l}, ctx.Err()
}

// storm is what came of a time in which every provider refused.
type storm struct {
	sheets, failed, calls int
	length                time.Duration
	log, memory           int64 // bytes that came in addition
	goroutines            int   // after it, at rest; 0 where they were not counted
}

func (s storm) amplification() float64 { return float64(s.calls) / float64(max(1, s.sheets)) }

func (s storm) perFailed() float64 { return float64(s.log) / float64(max(1, s.failed)) }

// probes is how many calls may be tries whether a provider is back: one a second and provider.
func (s storm) probes() int { return len(accounts()) * (1 + int(s.length/time.Second)) }

func (s storm) holds() bool {
	return s.failed == s.sheets && float64(s.calls) <= mostCalls*float64(s.sheets)+float64(s.probes()) &&
		s.perFailed() <= mostLog && s.memory <= mostMemory
}

// worse returns the largest of each figure.
func (s storm) worse(o storm) storm {
	if o.amplification() > s.amplification() {
		s.calls, s.sheets = o.calls, o.sheets
	}
	if o.perFailed() > s.perFailed() {
		s.log, s.failed = o.log, o.failed
	}
	s.memory, s.goroutines = max(s.memory, o.memory), max(s.goroutines, o.goroutines)
	return s
}

// refuse has every provider refuse in one way, and tells what that came to.
func (r *run) refuse(ctx context.Context, name string, e sim.Effect, last bool) (storm, error) {
	w, err := r.start(ctx, plan{name: "A5", first: int(r.Seed % 4), short: true})
	if err != nil {
		return storm{}, err
	}
	defer w.close()
	s := w.service()
	w.rush(ctx, "A5 before", min(200, r.Requests), few, r.press.hard)
	before, _ := s.resident()
	logged := s.logged()
	if err := w.fail(e); err != nil {
		return storm{}, err
	}
	from, n := time.Now(), r.part(0.04, 200)
	out := r.pace(ctx, stormRate, func(i int, _ time.Duration) bool { return i >= n }, w.alone)
	got := storm{
		sheets: len(out), failed: len(bad(out)), calls: len(w.calls(from)),
		length: time.Since(from), log: s.logged() - logged,
	}
	if now, ok := s.resident(); ok {
		got.memory = now - before
	}
	r.say("A5 %s: %d calls for %d sheets", name, got.calls, got.sheets)
	if last && ctx.Err() == nil {
		got.goroutines, err = w.dump()
	}
	return got, err
}

// rest holds the number of goroutines after the storm against that of a service that has just begun.
func (r *run) rest(ctx context.Context, l *Line, after int) error {
	w, err := r.start(ctx, plan{name: "A5-rest", first: int(r.Seed % 4)})
	if err != nil {
		return err
	}
	defer w.close()
	w.rush(ctx, "A5 at rest", min(200, r.Requests), few, r.press.hard)
	if ctx.Err() != nil {
		return nil
	}
	before, err := w.dump()
	if err != nil {
		l.note("goroutines could not be counted: %v", err)
		return nil
	}
	l.figure("goroutines of a fresh service", float64(before))
	l.figure("goroutines after the storm", float64(after))
	l.note("%d goroutines after the storm, %d in a service that has just begun, both at rest", after, before)
	if after > before+mostMore {
		l.Result = Fail
	}
	return nil
}

// dump ends the service in a way that prints all its goroutines, once it is at rest with no
// connection open, and counts them.
func (w *world) dump() (int, error) {
	s := w.service()
	s.client.CloseIdleConnections()
	for _, p := range w.providers {
		p.shut()
	}
	time.Sleep(500 * time.Millisecond)
	if err := s.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return 0, err
	}
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		return 0, errors.New("the service does not end")
	}
	data, err := os.ReadFile(s.log)
	if err != nil {
		return 0, err
	}
	if n := bytes.Count(data, []byte("\ngoroutine ")); n > 0 {
		return n, nil
	}
	return 0, errors.New("the service prints no goroutines")
}
