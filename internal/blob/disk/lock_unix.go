//go:build unix

package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock stands between those who give documents their names and those who remove them, in all
// processes of a machine.
type lock struct{ path string }

func (l *lock) share() (unlock func(), err error) { return l.take(unix.LOCK_SH) }
func (l *lock) hold() (unlock func(), err error)  { return l.take(unix.LOCK_EX) }

func (l *lock) take(how int) (unlock func(), err error) {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = unix.Flock(int(f.Fd()), how); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { f.Close() }, nil // the lock ends with it
}

func syncOpen(dir *os.File) error { return dir.Sync() }
