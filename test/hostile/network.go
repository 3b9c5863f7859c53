//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

const inside = "HOSTILE_NETWORK" // set in the process that has a network of its own

// enterEmptyNetwork runs the program again in a network that holds nothing but the loopback
// device, and ends with its status. It reports whether that came about: true in the second
// run, false where the platform has no such thing.
func enterEmptyNetwork() (bool, error) {
	if os.Getenv(inside) != "" {
		return true, raiseLoopback()
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGTERM,
	}
	if err := cmd.Start(); err != nil {
		return false, nil
	}
	var exit *exec.ExitError
	switch err := cmd.Wait(); {
	case errors.As(err, &exit):
		os.Exit(max(1, exit.ExitCode()))
	case err != nil:
		return false, err
	}
	os.Exit(0)
	return false, nil
}

func raiseLoopback() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("raise loopback: %w", err)
	}
	defer syscall.Close(fd)
	request := struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); no != 0 {
		return fmt.Errorf("raise loopback: %w", no)
	}
	return nil
}

// packetsOut counts the packets that found no way out: every attempt to reach another machine
// from a network that has only itself.
func packetsOut() (int, error) {
	v4, err := counter("/proc/net/snmp", oldTable)
	if err != nil {
		return 0, err
	}
	v6, err := counter("/proc/net/snmp6", newTable)
	return v4 + v6, err
}

func counter(path string, read func(string) (string, bool)) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	value, ok := read(string(data))
	if !ok {
		return 0, fmt.Errorf("%s counts no packets without a route", path)
	}
	return strconv.Atoi(value)
}

// oldTable has a line of names above a line of values.
func oldTable(text string) (string, bool) {
	var names, values []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "Ip:") {
			names, values = values, strings.Fields(line)
		}
	}
	at := slices.Index(names, "OutNoRoutes")
	if at < 0 || at >= len(values) {
		return "", false
	}
	return values[at], true
}

// newTable has a name and a value in each line.
func newTable(text string) (string, bool) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "Ip6OutNoRoutes" {
			return f[1], true
		}
	}
	return "", false
}
