package child_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/child"
)

// What this program is when it is not the test.
const (
	aChild    = "child"
	unready   = "unready"  // a child whose readers cannot be opened
	awaiting  = "awaiting" // a child that gets ready when somebody writes to a file
	grown     = "grown"    // a child that takes much memory to get ready, the first time or, without a file, each time
	stranger  = "stranger" // no child at all
	old       = "old"      // a child of another version
	abandoned = "parent"   // a parent that is killed
)

func TestMain(m *testing.M) {
	if len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-test.") {
		os.Exit(m.Run())
	}
	s := &script{}
	h := child.Handler{Extractor: s, Recognizer: s}
	switch os.Args[1] {
	case unready:
		h.Prepare = func() error { return errors.New("the model is not there") }
	case awaiting:
		h.Prepare = func() error { _, err := os.ReadFile(os.Args[2]); return err }
	case grown:
		h.Prepare = func() error { return grow(os.Args[2:]) }
	case stranger:
		fmt.Println("what do you want?")
		return
	case old:
		os.Stdout.Write(child.Frame(`{"Protocol":1}`, ""))
		return
	case abandoned:
		abandon()
	}
	if err := child.Serve(context.Background(), os.Stdin, os.Stdout, h); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// hoard is what a child has in memory from the start.
var hoard []byte

// grow takes 300 MiB of memory, unless a file is named and there, and makes that.
func grow(file []string) error {
	if len(file) > 0 {
		if _, err := os.Stat(file[0]); err == nil {
			return nil
		}
		if err := os.WriteFile(file[0], nil, 0o600); err != nil {
			return err
		}
	}
	hoard = make([]byte, 300<<20)
	return nil
}

// journal is a log that tests read.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// pool returns a pool of children that run scripts, and its log. It fails the test if a child,
// a descriptor or a goroutine outlives it.
func pool(t testing.TB, o child.Options) (*child.Pool, *journal) {
	t.Helper()
	before := count(t)
	j := &journal{}
	if o.Command == nil {
		o.Command = []string{"child", aChild}
	}
	o.Log = slog.New(slog.NewTextHandler(j, nil))
	p := child.New(o)
	t.Cleanup(func() {
		p.Close()
		after := count(t)
		for late := time.Now().Add(5 * time.Second); after.exceeds(before) && time.Now().Before(late); after = count(t) {
			time.Sleep(time.Millisecond) // a goroutine ends a little after what it waited for
		}
		if after.exceeds(before) {
			t.Errorf("left behind: %+v, before there were %+v", after, before)
		}
	})
	return p, j
}

// doc returns a document that is a script. No reader has looked at it before.
func doc(text string) *document.Document {
	return &document.Document{
		Name: "letter.txt", Type: document.Text, Bytes: []byte(text),
		SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(text))),
	}
}

// read returns the text of a document's first page and the child that read it.
func read(t testing.TB, p *child.Pool, text string) (said, pid string, err error) {
	t.Helper()
	c, err := p.Extract(t.Context(), doc(text))
	if err != nil {
		return "", "", err
	}
	return c.Pages[0].Text, c.Pages[1].Text, nil
}
