package child

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_AARCH64

// machineCalls are the harmless calls that this machine names otherwise.
func machineCalls() []uint32 { return []uint32{unix.SYS_FSTATAT} }
