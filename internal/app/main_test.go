package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
)

// serveCommand makes the test's program a server with the settings of its environment.
const serveCommand = "serve-for-test"

// serveForTest is docsift serve as far as a balancer sees it.
func serveForTest() error {
	c, err := config.Load(os.Getenv, os.DevNull)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a, err := app.New(app.Options{Config: c, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Grace: time.Second, Drain: 10 * time.Second})
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Run(ctx)
}

// Children of the test's own process are this program once more.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == app.ChildCommand {
		if err := app.Child(context.Background(), os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == serveCommand {
		if err := serveForTest(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// syncLog is a log that may be read while it is written.
type syncLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *syncLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *syncLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
