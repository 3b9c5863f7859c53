//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// way is one way to the provider.
type way struct {
	name   string
	url    string
	header http.Header
	body   []byte // with a mark where the text goes
	wants  string // in every good answer
	pid    int    // of the process between; 0 for none
	client *http.Client
}

const (
	textBytes = 2048
	mark      = "@@@@the text@@@@"
)

// textOf returns the n-th text: prose that says no kind of document clearly, different each time.
func textOf(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < textBytes; i++ {
		fmt.Fprintf(&b, "Note %d of %d: the goods came on day %d and were counted by two people. ", i, n, n+i)
	}
	return b.String()[:textBytes]
}

// result is what a way took.
type result struct {
	took   []time.Duration // of good answers, from when the request was due
	failed int
	why    string // of one that failed
	span   time.Duration
	cpu    time.Duration // of the process between
}

func (r *result) add(s result) {
	r.took, r.failed, r.span, r.cpu = append(r.took, s.took...), r.failed+s.failed, r.span+s.span, r.cpu+s.cpu
	if s.why != "" {
		r.why = s.why
	}
}

// keepsUp reports whether nearly all requests were answered, at the rate that they were due and
// without a queue growing.
func (r *result) keepsUp(rate int, latency time.Duration) bool {
	due := float64(rate) * r.span.Seconds()
	return float64(len(r.took)) > 0.99*due-1 && r.at(0.5) < 2*latency
}

// at returns a quantile.
func (r *result) at(q float64) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	slices.Sort(r.took)
	return r.took[min(int(q*float64(len(r.took))), len(r.took)-1)]
}

// each returns the CPU of the process between for one request.
func (r *result) each() time.Duration {
	return r.cpu / time.Duration(max(len(r.took)+r.failed, 1))
}

// drive sends requests when they are due, whether earlier ones are answered or not.
func drive(ctx context.Context, w way, rate int, phase time.Duration) result {
	var (
		r   = result{span: phase}
		mu  sync.Mutex
		all sync.WaitGroup
	)
	before, start := cpuOf(w.pid), time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		due := start.Add(time.Duration(n) * time.Second / time.Duration(rate))
		if due.Sub(start) >= phase {
			break
		}
		time.Sleep(time.Until(due))
		all.Go(func() {
			err := w.send(ctx, n)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				r.failed, r.why = r.failed+1, err.Error()
				return
			}
			r.took = append(r.took, took)
		})
	}
	all.Wait()
	r.cpu = cpuOf(w.pid) - before
	return r
}

// send makes one request and looks at its answer.
func (w way) send(ctx context.Context, n int) error {
	body := bytes.Replace(w.body, []byte(mark), []byte(textOf(n)), 1)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = w.header
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte(w.wants))) {
		err = fmt.Errorf("status %d: %.200s", resp.StatusCode, answer)
	}
	return err
}

// tick is the unit of CPU time in /proc: hundredths of a second on every Linux there is.
const tick = 10 * time.Millisecond

// cpuOf returns the CPU time that a process has taken, its threads together.
func cpuOf(pid int) time.Duration {
	if pid == 0 {
		return 0
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(after)
	var user, system int64
	if len(fields) > 12 {
		fmt.Sscan(fields[11], &user)
		fmt.Sscan(fields[12], &system)
	}
	return time.Duration(user+system) * tick
}
