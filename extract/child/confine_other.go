//go:build !linux

package child

import (
	"fmt"
	"os"
	"runtime"
)

// confine can do nothing here: a child is a process of its own, and killed when it is late.
func confine(setup) Confinement {
	var c Confinement
	c.note("limits on files, network, processes and memory", fmt.Errorf("not for %s", runtime.GOOS))
	return c
}

// roomy reports whether a limit of memory leaves room to work.
func roomy(int64) bool { return true }

// itself returns the path of this program.
func itself() (string, error) { return os.Executable() }

// resident returns the memory that a child holds, in bytes. It is not known here.
func (*process) resident() int64 { return 0 }
