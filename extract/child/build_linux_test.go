package child_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
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
	return tally{len(children(t)), len(entries), runtime.NumGoroutine()}
}

// children returns the children of this process, the dead that nobody reaped among them.
func children(t testing.TB) []string {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, task := range tasks {
		b, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		if err == nil { // else the thread is gone
			all = append(all, strings.Fields(string(b))...)
		}
	}
	return all
}

func unlimit() error {
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 20, Max: 1 << 20})
}

func trace(pid int) error { return unix.PtraceAttach(pid) }

// abandon is a parent that has a child read a document without end, says which, and waits to
// be killed.
func abandon() {
	p := child.New(child.Options{Command: []string{"child", "child"}, Children: 1})
	if _, err := p.Start(context.Background()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	go p.Extract(context.Background(), doc("loop"))
	b, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", os.Getpid()))
	fmt.Println(string(b), err)
	select {}
}
