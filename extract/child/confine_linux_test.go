package child_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docsift/docsift/extract/child"
	"github.com/docsift/docsift/fault"
)

// A document that got hold of its reader gets hold of nothing else.
func TestConfined(t *testing.T) {
	const no = "operation not permitted"
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := pool(t, child.Options{Children: 1})
	me := strconv.Itoa(os.Getpid())
	for _, attempt := range []string{
		"read /etc/passwd", "read " + file, "read /proc/self/environ", "list /", "write " + file, "write " + dir + "/new",
		"append " + file, "remove " + file, "chmod " + file,
		"listen", "dial tcp", "dial udp", "run", "kill " + me, "trace " + me, "own " + me, "share", "raise", "uring",
	} {
		got, _, err := read(t, p, "try "+attempt)
		if err != nil || !strings.HasSuffix(got, no) {
			t.Errorf("%s: %q, %v; want that it is refused", attempt, got, err)
		}
	}
	left, err := os.ReadFile(file)
	if err != nil || string(left) != "secret" || len(entries(t, dir)) != 1 {
		t.Errorf("left are %q in %v, %v", left, entries(t, dir), err)
	}
}

func entries(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	e, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A child that may read some files reads no others. Landlock sees to that, which a process that
// Go shares with C cannot have: there the test is run without C.
func TestLandlock(t *testing.T) {
	if withC() {
		again := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run=^TestLandlock$", ".")
		again.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("without C: %v\n%s", err, out)
		}
		return
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("model"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := pool(t, child.Options{Children: 1, Files: []string{dir, filepath.Join(dir, "missing")}})
	c, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refused := "permission denied"
	if !slices.Contains(c.Holds, "Landlock: files") { // the kernel is too old
		refused = "it worked"
	}
	for attempt, want := range map[string]string{
		"read " + file:            "it worked",
		"list " + dir:             "it worked",
		"open " + file:            "too many open files",
		"read /etc/passwd":        refused,
		"read /proc/self/environ": refused,
		"list /":                  refused,
		"list " + dir + "/..":     refused,
		"write " + file:           "operation not permitted",
		"append " + file:          "operation not permitted",
		"remove " + file:          "operation not permitted",
		"write " + dir + "/new":   "operation not permitted",
		"dial tcp":                "operation not permitted",
	} {
		if got, _, err := read(t, p, "try "+attempt); err != nil || !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, %v; want %q", attempt, got, err, want)
		}
	}
}

func TestConfinementIsTold(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 1})
	c, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"dies with its parent", "no new privileges", "goes first when the machine runs out of memory",
		"limits on CPU time, files, descriptors and core dumps", "system calls filter: no network, processes, files to write",
	} {
		if !slices.Contains(c.Holds, want) {
			t.Errorf("%q is missing: holds %q, missing %q", want, c.Holds, c.Missing)
		}
	}
}

// A document that takes all memory takes its child's alone.
func TestContainsMemory(t *testing.T) {
	p, log := pool(t, child.Options{Children: 2, MaxMemory: 256 << 20})
	c, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(c.Holds, "memory limit") {
		if !strings.Contains(strings.Join(c.Missing, " "), "in use at the start") {
			t.Errorf("no limit, and no word why: %q", c.Missing)
		}
		return // the race detector itself takes more
	}
	stop := neighbour(t, p)
	defer stop()
	_, _, err = read(t, p, "eat")
	if fault.KindOf(err) != fault.TooComplex || !strings.Contains(log.String(), "out of memory") {
		t.Errorf("got %v; log %s", err, log)
	}
}

// A child that took much memory to get ready gives way to one that need not.
func TestOutgrown(t *testing.T) {
	plain, _ := pool(t, child.Options{Children: 1, MaxMemory: 512 << 20})
	if c, err := plain.Start(t.Context()); err != nil || !slices.Contains(c.Holds, "memory limit") {
		t.Skip("the race detector itself takes more: ", c.Missing, err)
	}
	once := filepath.Join(t.TempDir(), "compiled")
	tests := []struct {
		name    string
		command []string
		limited bool
	}{
		{"what it made is kept", []string{"child", grown, once}, true},
		{"nothing is kept", []string{"child", grown}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := pool(t, child.Options{Children: 1, MaxMemory: 512 << 20, Command: tt.command})
			for range 2 {
				c, err := p.Start(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if held := slices.Contains(c.Holds, "memory limit"); held != tt.limited {
					t.Errorf("memory is limited: %v; missing %q", held, c.Missing)
				}
			}
			if text, _, err := read(t, p, "say it"); err != nil || text == "" {
				t.Errorf("it does not work: %q, %v", text, err)
			}
		})
	}
}

// A child that is killed from outside has its document read again, once.
func TestKilledFromOutside(t *testing.T) {
	for _, tt := range []struct {
		name  string
		kills int
		want  fault.Kind
	}{
		{"one child is killed", 1, ""},
		{"both children are killed", 2, fault.TooComplex},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := fifo(t)
			p, _ := pool(t, child.Options{Children: 2, Files: []string{path}})
			stop := neighbour(t, p)
			defer stop()
			ended := make(chan error)
			var text string
			go func() {
				var err error
				text, _, err = read(t, p, "fifo "+path)
				ended <- err
			}()
			for range tt.kills {
				killReader(t, path)
			}
			if tt.want == "" {
				if err := os.WriteFile(path, []byte("read again"), 0); err != nil {
					t.Fatal(err)
				}
			}
			if err := <-ended; fault.KindOf(err) != tt.want && (err != nil || tt.want != "") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if tt.want == "" && text != "read again" {
				t.Errorf("got %q", text)
			}
			start := time.Now()
			if got, _, err := read(t, p, "say hello"); err != nil || got != "hello" || time.Since(start) > time.Second {
				t.Errorf("the next document: %q, %v after %v", got, err, time.Since(start))
			}
		})
	}
}

// killReader waits for a child that reads the pipe and kills it.
func killReader(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for it
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pid := reader(path)
	if pid == "" {
		t.Fatal("nobody reads the pipe")
	}
	if err := syscall.Kill(number(t, pid), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for slices.Contains(children(), pid) {
		runtime.Gosched()
	}
}

// reader returns the child that has a file open, or "".
func reader(path string) string {
	for _, pid := range children() {
		descriptors, _ := filepath.Glob("/proc/" + pid + "/fd/*")
		for _, d := range descriptors {
			if to, err := os.Readlink(d); err == nil && to == path {
				return pid
			}
		}
	}
	return ""
}

// A child does not outlive its parent, whatever it is at.
func TestDiesWithItsParent(t *testing.T) {
	parent := exec.CommandContext(t.Context(), os.Args[0], abandoned)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	pid := strings.TrimSpace(line)
	if !runs(t, pid) {
		t.Fatalf("no child: %q", line)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	for late := time.Now().Add(5 * time.Second); runs(t, pid); runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatalf("child %s still runs", pid)
		}
	}
}

// runs reports whether a process runs: one that nobody reaped does not.
func runs(t *testing.T, pid string) bool {
	t.Helper()
	number(t, pid)
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(state, "Z")
}

// The time that a child takes to get ready is not its document's, and whoever waits is told.
func TestPrepares(t *testing.T) {
	path := fifo(t)
	told := make(chan error, 1)
	p, _ := pool(t, child.Options{
		Command: []string{"child", awaiting, path}, Children: 1, Timeout: 500 * time.Millisecond,
		Preparing: func() { told <- os.WriteFile(path, nil, 0) },
	})
	if got, _, err := read(t, p, "say hello"); err != nil || got != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := <-told; err != nil {
		t.Error(err)
	}
}
