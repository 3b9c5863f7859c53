//go:build !linux

package child_test

import (
	"errors"
	"runtime"
	"testing"
)

// tally counts what a process can leave behind: here only what Go itself knows of.
type tally struct{ goroutines int }

func (t tally) exceeds(u tally) bool { return t.goroutines > u.goroutines }

func count(testing.TB) tally { return tally{runtime.NumGoroutine()} }

func trySystem(_, _ string) error { return errors.ErrUnsupported }

func abandon() {}
