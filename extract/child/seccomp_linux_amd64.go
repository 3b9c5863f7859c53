package child

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_X86_64

// machineCalls are the harmless calls that this machine alone has.
func machineCalls() []uint32 {
	return []uint32{unix.SYS_NEWFSTATAT, unix.SYS_EPOLL_WAIT, unix.SYS_ARCH_PRCTL, unix.SYS_TIME, unix.SYS_POLL}
}
