package child_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/docsift/docsift/extract/child"
)

// tally counts what a process can leave behind.
type tally struct{ children, descriptors, goroutines int }

func count(t testing.TB) tally {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return tally{len(children()), len(entries), runtime.NumGoroutine()}
}

func (t tally) exceeds(u tally) bool {
	return t.children > u.children || t.descriptors > u.descriptors || t.goroutines > u.goroutines
}

// children returns the children of this process, the dead that nobody reaped among them.
func children() []string {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	var all []string
	for _, list := range lists {
		b, err := os.ReadFile(list)
		if err == nil { // else the thread is gone
			all = append(all, strings.Fields(string(b))...)
		}
	}
	return all
}

// trySystem tries what only this system has. Some of it is aimed at a process, by its number.
func trySystem(verb, arg string) error {
	pid, _ := strconv.Atoi(arg)
	switch verb {
	case "kill":
		return unix.Kill(pid, 0)
	case "raise":
		return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 20, Max: 1 << 20})
	case "trace":
		return unix.PtraceAttach(pid)
	case "own": // whoever owns a pipe is sent signals about it
		_, err := unix.FcntlInt(0, unix.F_SETOWN, pid)
		return err
	case "share":
		_, err := unix.Mmap(-1, 0, 1<<30, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANON)
		return err
	case "uring":
		_, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)
		return errno
	}
	return fmt.Errorf("no such verb: %s", verb)
}

// fifo makes a file that whoever reads it waits for.
func fifo(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// withC reports whether Go shares this process with C.
func withC() bool {
	_, _, errno := syscall.AllThreadsSyscall(syscall.SYS_GETPID, 0, 0, 0)
	return errno == syscall.ENOTSUP
}

// abandon is a parent that has a child read a document without end, says which, and waits to
// be killed.
func abandon() {
	p := child.New(child.Options{Command: []string{"child", aChild}, Children: 1})
	if _, err := p.Start(context.Background()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	go p.Extract(context.Background(), doc("loop"))
	fmt.Println(strings.Join(children(), " "))
	select {}
}

// number returns the number of a process.
func number(t testing.TB, pid string) int {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil || n <= 1 {
		t.Fatalf("no process: %q", pid)
	}
	return n
}
