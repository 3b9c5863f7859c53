package child

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// confine takes from this process, for good, what reading a document has no need of. It takes
// every measure that the kernel offers.
func confine(s setup) Confinement {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var c Confinement
	c.note("dies with its parent", unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0))
	c.note("goes first when the machine runs out of memory", os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0))
	c.note("no new privileges", noNewPrivileges())
	c.note("memory limit", limitMemory(s.MaxMemory))
	c.note("limits on CPU time, files, descriptors and core dumps", limit(s.CPUSeconds))
	landlock(&c, s.Files)
	c.note("system calls filter: no network, processes, files to write", filter(len(s.Files) > 0))
	return c
}

// noNewPrivileges is what the kernel asks of a thread that confines itself. Where not all can be
// reached, the filter of system calls passes it on to them.
func noNewPrivileges() error {
	err := forGood(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1)
	if errors.Is(err, syscall.ENOTSUP) {
		return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	}
	return err
}

// forGood makes a system call on every thread, since threads are confined one by one. Where Go
// shares the process with C, whose threads it does not know, it fails with ENOTSUP.
func forGood(call, a, b uintptr) error {
	if _, _, errno := syscall.AllThreadsSyscall(call, a, b, 0); errno != 0 {
		return errno
	}
	return nil
}

func limit(cpuSeconds uint64) error {
	return errors.Join(
		setLimit(unix.RLIMIT_CPU, cpuSeconds),
		setLimit(unix.RLIMIT_FSIZE, 0),
		setLimit(unix.RLIMIT_NOFILE, 64),
		setLimit(unix.RLIMIT_CORE, 0),
	)
}

func setLimit(resource int, most uint64) error {
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most})
}

// limitMemory bounds what can be written to. The address space is no measure: Go reserves much
// of it that it never touches. The program itself and compiled code, which are only read, come
// on top.
func limitMemory(most int64) error {
	const readOnly = 64 << 20
	had, err := status("VmData")
	switch {
	case err != nil:
		return err
	case had > most/2: // as under the race detector: the process could not go on
		return fmt.Errorf("%d MiB are in use at the start", had>>20)
	}
	return setLimit(unix.RLIMIT_DATA, uint64(max(most-readOnly, most/2)))
}

// roomy reports whether a limit of memory leaves room to work.
func roomy(most int64) bool {
	had, err := status("VmData")
	return err != nil || had <= most/2
}

// status returns a size in bytes that the kernel tells of this process.
func status(name string) (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(text), "\n"+name+":")
	kb, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, err := strconv.ParseInt(kb, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	return n << 10, nil
}

// itself returns a path of this program that holds even when its file was replaced.
func itself() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err != nil {
		return os.Executable()
	}
	return self, nil
}

// resident returns the memory that a child holds, in bytes, or 0.
func (pr *process) resident() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pr.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), " ")
	pages, _, _ := strings.Cut(after, " ")
	n, err := strconv.ParseInt(pages, 10, 64)
	if err != nil {
		return 0
	}
	return n * int64(os.Getpagesize())
}
