// Package chaos holds a whole running service to its promises while its providers fail: simulated
// providers that die on command, the real server as a process of its own, documents through its
// API, and the two sides' accounts of what was sent held against each other.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docsift/docsift/fault"
)

// Options configures a run.
type Options struct {
	// Command starts docsift: its path, and what stands before "serve". Required.
	Command []string

	// Seed makes the documents, and draws which provider fails and how. The same seed makes the same.
	Seed uint64

	// Requests is how many documents each way of A1 takes; the other lines take their share of it.
	// From Nightly on outages last longer. Default 5000.
	Requests int

	// Only names the lines to run, such as "A1", and ways of A1, such as "silent". Default: all.
	Only []string

	// Keep is a folder for the logs, ledgers and policies of the run. Default: they are removed.
	Keep string

	// Log is told how far the run is. Default: nobody is.
	Log io.Writer
}

// The sizes of a run, in requests for each way of A1.
const (
	CI      = 5_000
	Nightly = 30_000
)

// run is one run of the command.
type run struct {
	Options
	dir    string
	press  press
	leaks  leaks
	pulse  pulse
	folder atomic.Int64 // counts the worlds

	mu     sync.Mutex // of Log
	worlds sync.WaitGroup
}

// check is a check of one or more lines of the report.
type check struct {
	lines []string
	do    func(*run, context.Context) ([]Line, error)
	twice bool // it is about time: where it fails, it is made once more
}

// checks lists them in the order in which they run. Those of a group take little of the machine and
// much time, and run side by side.
func checks() [][]check {
	return [][]check{
		{{lines: []string{"A1", "A2"}, do: (*run).availability}},
		{{[]string{"A4"}, (*run).recovery, true}, {[]string{"A5"}, (*run).refusals, true}, {[]string{"A6"}, (*run).deadKeys, true}},
		{{[]string{"A3"}, (*run).manyDead, true}},
		{{lines: []string{"C1"}, do: (*run).accounts}},
		{{lines: []string{"C2"}, do: (*run).equal}},
		{{lines: []string{"C3"}, do: (*run).budget}},
		{{lines: []string{"F1"}, do: (*run).liars}},
	}
}

// Run makes the run and reports. The report holds what was found so far beside an error, which is
// fault.Canceled when ctx ended first. Whatever it started is ended when it returns.
func Run(ctx context.Context, o Options) (Report, error) {
	start := time.Now()
	r := &run{Options: o, press: press{seed: o.Seed}, leaks: newLeaks(o.Seed)}
	if r.Requests == 0 {
		r.Requests = CI
	}
	if r.Log == nil {
		r.Log = io.Discard
	}
	report := Report{Seed: r.Seed, Requests: r.Requests, Differs: differs()}
	if err := r.known(); err != nil {
		return report, err
	}
	if err := r.open(); err != nil {
		return report, err
	}
	lines, err := r.all(ctx)
	r.worlds.Wait()
	if r.Keep == "" {
		err = errors.Join(err, os.RemoveAll(r.dir))
	}
	report.Lines, report.Took = lines, time.Since(start).Round(time.Second).String()
	if ctx.Err() != nil {
		return report, fault.New(fault.Canceled, ctx.Err(), "canceled")
	}
	return report, err
}

// known refuses names of lines that there are not.
func (r *run) known() error {
	names := []string{"A1", "A2", "A3", "A4", "A5", "A6", "C1", "C2", "C3", "F1", "G1"}
	for _, o := range outages() {
		names = append(names, o.name)
	}
	for i, name := range r.Only {
		at := slices.IndexFunc(names, func(s string) bool { return strings.EqualFold(s, name) })
		if at < 0 {
			return fault.New(fault.Invalid, nil, "no mode %q; there are %s", name, strings.Join(names, ", "))
		}
		r.Only[i] = names[at]
	}
	return nil
}

func (r *run) open() (err error) {
	if r.dir = r.Keep; r.Keep == "" {
		r.dir, err = os.MkdirTemp("", "docsift-chaos-")
		return err
	}
	if err := os.MkdirAll(r.Keep, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	r.dir, err = filepath.Abs(r.Keep)
	return err
}

// all makes the checks that are wanted.
func (r *run) all(ctx context.Context) ([]Line, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go r.pulse.run(ctx)
	var lines []Line
	for _, group := range checks() {
		found, errs := make([][]Line, len(group)), make([]error, len(group))
		var all sync.WaitGroup
		for i, c := range group {
			all.Go(func() {
				if found[i], errs[i] = r.check(ctx, c); errs[i] != nil {
					cancel()
				}
			})
		}
		all.Wait()
		lines = append(lines, slices.Concat(found...)...)
		if err := errors.Join(errs...); err != nil {
			return lines, err
		}
	}
	r.worlds.Wait() // their logs are complete
	lines = append(lines, r.leaks.line())
	for i := range lines {
		lines[i].complete()
	}
	slices.SortFunc(lines, func(a, b Line) int { return strings.Compare(a.ID, b.ID) })
	return lines, nil
}

// check makes a check, if it is wanted.
func (r *run) check(ctx context.Context, c check) ([]Line, error) {
	if !slices.ContainsFunc(c.lines, r.wants) {
		return nil, nil
	}
	start := time.Now()
	lines, err := c.do(r, ctx)
	if err == nil && c.twice && failed(lines) && ctx.Err() == nil {
		r.say("%s failed, and is measured once more: %s", lines[0].ID, lines[0].Measured)
		first := lines[0]
		if lines, err = c.do(r, ctx); err == nil {
			lines[0].note("the first time it failed: %s", first.Measured)
			lines[0].Notes = append(lines[0].Notes, first.Notes...)
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return lines, fmt.Errorf("%s: %w", c.lines[0], err)
	}
	for _, l := range lines {
		r.say("%s %s: %s", l.ID, l.Result, l.Measured)
	}
	r.say("%s took %v", strings.Join(c.lines, ", "), time.Since(start).Round(100*time.Millisecond))
	return lines, nil
}

// wants reports whether a line is to be run. A way of A1 stands for A1 and A2.
func (r *run) wants(line string) bool {
	if len(r.Only) == 0 || slices.Contains(r.Only, line) {
		return true
	}
	return (line == "A1" || line == "A2") && slices.ContainsFunc(r.Only, isOutage)
}

// part returns a share of the size of the run, but not less than least.
func (r *run) part(share float64, least int) int { return max(least, int(share*float64(r.Requests))) }

// long returns the longer of two times in a nightly run.
func (r *run) long(ci, nightly time.Duration) time.Duration {
	if r.Requests >= Nightly {
		return nightly
	}
	return ci
}

// say tells how far the run is.
func (r *run) say(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.Log, "chaos: "+format+"\n", args...)
}
