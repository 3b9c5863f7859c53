package child

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// landlock closes the file system but for files, which can be read, and TCP. Signals are left to
// the filter of system calls: some kernels would refuse those between our own threads.
func landlock(c *Confinement, files []string) {
	const fs, network = "Landlock: files", "Landlock: network"
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		c.note(fs, errno)
		c.note(network, errno)
		return
	}
	err := restrict(handled(int(version)), files)
	c.note(fs, err)
	if err == nil && version < 4 {
		err = fmt.Errorf("version %d of 4", version)
	}
	c.note(network, err)
}

// handled returns all that Landlock can refuse in a version of it.
func handled(version int) unix.LandlockRulesetAttr {
	a := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1}
	for _, later := range []struct {
		version     int
		fs, network uint64
		scoped      uint64
	}{
		{2, unix.LANDLOCK_ACCESS_FS_REFER, 0, 0},
		{3, unix.LANDLOCK_ACCESS_FS_TRUNCATE, 0, 0},
		{4, 0, unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, 0},
		{5, unix.LANDLOCK_ACCESS_FS_IOCTL_DEV, 0, 0},
		{6, 0, 0, unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET},
	} {
		if version >= later.version {
			a.Handled_access_fs |= later.fs
			a.Handled_access_net |= later.network
			a.Scoped |= later.scoped
		}
	}
	return a
}

func restrict(a unix.LandlockRulesetAttr, files []string) error {
	rules, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a), 0)
	if errno != 0 {
		return fmt.Errorf("create rules: %w", errno)
	}
	defer unix.Close(int(rules))
	for _, path := range files {
		if err := allow(rules, path); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("allow %s: %w", path, err)
		}
	}
	return forGood(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0)
}

// allow lets a file be read, or a folder with all that is in it.
func allow(rules uintptr, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	rule := unix.LandlockPathBeneathAttr{Allowed_access: unix.LANDLOCK_ACCESS_FS_READ_FILE, Parent_fd: int32(fd)}
	if info.IsDir() {
		rule.Allowed_access |= unix.LANDLOCK_ACCESS_FS_READ_DIR
	}
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, rules, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
