//go:build !unix

package disk

import (
	"os"
	"sync"
)

// lock stands between those who give documents their names and those who remove them, in this
// process alone.
type lock struct {
	path string
	mu   sync.RWMutex
}

func (l *lock) share() (unlock func(), err error) {
	l.mu.RLock()
	return l.mu.RUnlock, nil
}

func (l *lock) hold() (unlock func(), err error) {
	l.mu.Lock()
	return l.mu.Unlock, nil
}

func syncOpen(*os.File) error { return nil } // folders cannot be synced here
