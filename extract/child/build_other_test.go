//go:build !linux

package child_test

import (
	"errors"
	"runtime"
	"testing"
)

// tally counts what a process can leave behind: here only what Go itself knows of.
type tally struct{ goroutines int }

func count(testing.TB) tally { return tally{runtime.NumGoroutine()} }

func unlimit() error { return errors.ErrUnsupported }

func trace(int) error { return errors.ErrUnsupported }

func abandon() {}
