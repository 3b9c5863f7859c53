//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// host is what pgtest needs of a test.
type host struct {
	testing.TB

	ends []func()
}

func newHost() *host { return &host{} }

// Helper does nothing.
func (h *host) Helper() {}

// Cleanup has f called at the end.
func (h *host) Cleanup(f func()) { h.ends = append(h.ends, f) }

// Fatal ends the program.
func (h *host) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// Fatalf ends the program.
func (h *host) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (h *host) clean() {
	for i := len(h.ends) - 1; i >= 0; i-- {
		h.ends[i]()
	}
	h.ends = nil
}

// folder returns one of the program's own, on the disk where documents would be.
func (h *host) folder() string {
	dir, err := os.MkdirTemp("", "benchservice-*")
	check(err)
	h.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// service is a docsift that runs.
type service struct {
	url, dir string
	cmd      *exec.Cmd
	env      []string
	program  string
}

// serve starts a server over a folder, with settings beside those of a bench.
func (b *bench) serve(ctx context.Context, dir string, settings ...string) *service {
	s := &service{dir: dir, program: b.program}
	s.env = append(os.Environ(), append([]string{
		"DOCSIFT_DATA=" + dir, "LOG_LEVEL=warning", "DOCSIFT_CACHE=off", "DOCSIFT_RATE_LIMIT=off", "DOCSIFT_RATE_LIMIT_ASYNC=off",
		"OPENAI_API_KEY=sk-bench", "DOCSIFT_ADDR=127.0.0.1:" + port(),
	}, settings...)...)
	log, err := os.Create(filepath.Join(dir, "log"))
	check(err)
	defer log.Close()
	s.cmd = exec.CommandContext(ctx, b.program, "serve")
	s.cmd.Stderr, s.cmd.Env, s.cmd.Dir = log, s.env, dir
	s.program, err = filepath.Abs(b.program)
	check(err)
	s.cmd.Path = s.program
	for _, e := range s.env {
		if addr, ok := strings.CutPrefix(e, "DOCSIFT_ADDR="); ok {
			s.url = "http://" + addr
		}
	}
	check(s.cmd.Start())
	b.host.Cleanup(s.stop)
	for end := time.Now().Add(time.Minute); !s.ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			said, _ := os.ReadFile(log.Name())
			b.host.Fatalf("docsift does not listen: %s", said)
		}
	}
	return s
}

func (s *service) ready() bool {
	resp, err := http.Get(s.url + "/readyz")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == 200
}

// stop ends the server and waits until it has.
func (s *service) stop() {
	if s.cmd.ProcessState != nil {
		return
	}
	s.cmd.Process.Signal(os.Interrupt)
	late := time.AfterFunc(40*time.Second, func() { s.cmd.Process.Kill() })
	s.cmd.Wait() // it was told to
	late.Stop()
}

// key makes an API key of a tenant.
func (s *service) key(tenant string) string {
	cmd := exec.Command(s.program, "keys", "create", tenant, "--tenant", tenant, "--limits", "off")
	cmd.Env, cmd.Dir = s.env, s.dir
	out, err := cmd.Output()
	check(err)
	key := regexp.MustCompile(`ds_\S+`).Find(out)
	if key == nil {
		panic("no key: " + string(out))
	}
	return string(key)
}

// peak returns the most memory that the server has had at once, without its children.
func (s *service) peak() string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	check(err)
	kb, _ := strconv.Atoi(regexp.MustCompile(`VmHWM:\s+(\d+)`).FindStringSubmatch(string(status))[1])
	return fmt.Sprintf("%d MiB", kb>>10)
}

func (s *service) cpu() time.Duration { return cpuOf(s.cmd.Process.Pid) }

// tick is the unit of CPU time in /proc: hundredths of a second on every Linux there is.
const tick = 10 * time.Millisecond

// cpuOf returns the CPU time of a process and all its children, of those that have ended too.
func cpuOf(pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(after)
	var sum time.Duration
	for _, f := range fields[11:15] {
		n, _ := strconv.Atoi(f)
		sum += time.Duration(n) * tick
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, t := range tasks {
		data, _ := os.ReadFile(t)
		for child := range strings.FieldsSeq(string(data)) {
			if n, err := strconv.Atoi(child); err == nil {
				sum += cpuOf(n)
			}
		}
	}
	return sum
}
