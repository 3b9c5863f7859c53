//go:build amd64 || arm64

package child

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Where a filter finds what it judges: the number of the call, the machine it is for, and the
// lower half of its arguments.
const (
	callAt    = 0
	machineAt = 4
)

func argumentAt(n int) uint32 { return uint32(16 + 8*n) }

const (
	allowed = unix.SECCOMP_RET_ALLOW
	refused = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	unknown = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
)

// harmless are the calls that Go, and C below it, cannot do without: memory, threads, clocks and
// what is done with files that are open. All that is not here or in conditional is refused.
func harmless() []uint32 {
	return append(machineCalls(),
		unix.SYS_READ, unix.SYS_READV, unix.SYS_PREAD64, unix.SYS_WRITE, unix.SYS_WRITEV, unix.SYS_CLOSE,
		unix.SYS_FSTAT, unix.SYS_STATX, unix.SYS_LSEEK, unix.SYS_GETDENTS64, unix.SYS_READLINKAT,
		unix.SYS_PIPE2, unix.SYS_EVENTFD2, unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT,
		unix.SYS_MUNMAP, unix.SYS_MREMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_BRK,
		unix.SYS_FUTEX, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_MEMBARRIER, unix.SYS_RESTART_SYSCALL,
		unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP,
		unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_GETRES, unix.SYS_GETTIMEOFDAY,
		unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK,
		unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_GETRUSAGE, unix.SYS_UNAME, unix.SYS_GETRANDOM,
		unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
	)
}

// conditional are the calls that depend on an argument.
func conditional(reads bool) []rule {
	rules := []rule{
		// Memory that is shared with a process to come would not count as this one's.
		{unix.SYS_MMAP, 3, bpf.JumpBitsNotSet, unix.MAP_SHARED, refused},
		// Flags alone. Further on a file would be told to send signals, to whoever it is.
		{unix.SYS_FCNTL, 1, bpf.JumpLessOrEqual, unix.F_SETFL, refused},
		// A thread of this process, never a process.
		{unix.SYS_CLONE, 0, bpf.JumpBitsSet, unix.CLONE_THREAD, refused},
		// Its flags cannot be seen. C then falls back on clone.
		{unix.SYS_CLONE3, 0, bpf.JumpBitsSet, 0, unknown},
		// A signal to a thread of this process, which is how Go halts one.
		{unix.SYS_TGKILL, 0, bpf.JumpEqual, uint32(os.Getpid()), refused},
	}
	if reads {
		// A file is opened for reading alone; Landlock says which.
		rules = append(rules, rule{unix.SYS_OPENAT, 2, bpf.JumpBitsNotSet, unix.O_ACCMODE | unix.O_CREAT | unix.O_TRUNC, refused})
	}
	return rules
}

// rule allows a call whose argument passes a test.
type rule struct {
	call     uint32
	argument int
	test     bpf.JumpTest
	value    uint32
	or       uint32 // what becomes of others
}

// filter puts every thread behind the filter. Unless the process reads files, it opens none.
func filter(reads bool) error {
	raw, err := bpf.Assemble(program(reads))
	if err != nil {
		return err
	}
	filters := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filters[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	prog := unix.SockFprog{Len: uint16(len(filters)), Filter: &filters[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	switch {
	case errno != 0:
		return errno
	case thread != 0:
		return fmt.Errorf("thread %d does not take it", thread)
	}
	return nil
}

// program returns the filter. Another machine's calls have other numbers, so all are refused.
func program(reads bool) []bpf.Instruction {
	p := []bpf.Instruction{
		bpf.LoadAbsolute{Off: machineAt, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: machine, SkipTrue: 1},
		bpf.RetConstant{Val: refused},
		bpf.LoadAbsolute{Off: callAt, Size: 4},
	}
	for _, call := range harmless() {
		p = append(p, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: call, SkipTrue: 1}, bpf.RetConstant{Val: allowed})
	}
	for _, r := range conditional(reads) {
		p = append(p,
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: r.call, SkipTrue: 4},
			bpf.LoadAbsolute{Off: argumentAt(r.argument), Size: 4},
			bpf.JumpIf{Cond: r.test, Val: r.value, SkipFalse: 1},
			bpf.RetConstant{Val: allowed},
			bpf.RetConstant{Val: r.or},
		)
	}
	return append(p, bpf.RetConstant{Val: refused})
}
