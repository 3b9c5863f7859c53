//go:build unix

package ocr

import (
	"os/exec"
	"syscall"
)

// alone gives cmd a process group of its own, which its end takes along, and no folder of ours.
func alone(cmd *exec.Cmd) {
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
