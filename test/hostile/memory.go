//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// memory is what the parent uses, in bytes.
type memory struct{ start, peak int }

// warmUp lets the server read one document of each kind that starts a reader, so that what a
// start costs is not counted as a leak.
func (s *server) warmUp(ctx context.Context) error {
	const pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
	for range 4 {
		for _, text := range []string{pdf, harmless} {
			if r := s.send(ctx, trial{text: text, filename: "a"}); r.err != nil || r.status != 200 {
				return fmt.Errorf("a harmless document got status %d, %q: %v\n%s", r.status, r.code, r.err, s.log)
			}
		}
	}
	pid := s.cmd.Process.Pid
	s.memory.start = field(pid, "VmRSS")
	// From here on the kernel counts the peak anew.
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}

// watch notes the memory of the children until ctx or the server ends.
func (s *server) watch(ctx context.Context) {
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.ended:
				return
			case <-tick.C:
				s.look()
			}
		}
	}()
}

func (s *server) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory.peak = max(s.memory.peak, field(s.cmd.Process.Pid, "VmHWM"))
	for _, pid := range childrenOf(s.cmd.Process.Pid) {
		s.children[pid] = max(s.children[pid], field(pid, "VmHWM"))
	}
}

// childrenOf returns the processes that any thread of pid started and their children.
func childrenOf(pid int) []int {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil
	}
	var pids []int
	for _, l := range lists {
		data, err := os.ReadFile(l)
		if err != nil {
			continue // the thread is gone
		}
		for f := range strings.FieldsSeq(string(data)) {
			if child, err := strconv.Atoi(f); err == nil {
				pids = append(append(pids, child), childrenOf(child)...)
			}
		}
	}
	return pids
}

// field reads a figure of /proc/PID/status, in bytes; 0 when the process is gone.
func field(pid int, name string) int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	return 0
}
