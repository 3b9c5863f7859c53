package child_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/child"
	"github.com/docsift/docsift/fault"
)

func TestMain(m *testing.M) {
	switch cmp.Or(strings.Join(os.Args[1:min(2, len(os.Args))], ""), "-") {
	case "child":
		s := &script{}
		if err := child.Serve(context.Background(), os.Stdin, os.Stdout, child.Handler{Extractor: s, Recognizer: s}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "parent":
		abandon()
	default:
		os.Exit(m.Run())
	}
}

// script is a reader that does what a document tells it to do: it shows what a document could
// have a reader do that it got hold of.
type script struct{ documents int }

func (s *script) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	s.documents++
	verb, rest, _ := strings.Cut(string(d.Bytes), " ")
	text, err := s.act(verb, rest)
	if err != nil {
		return nil, err
	}
	return &extract.Content{
		Pages:     []extract.Page{{Number: 1, Text: text}, {Number: 3, Text: fmt.Sprint(os.Getpid()), OCR: true}},
		PageCount: 3,
		Meta:      map[string]string{"title": d.Name, "format": string(d.Type)},
		Draw: func(_ context.Context, page int, v extract.View) (document.Image, error) {
			if verb == "undrawable" {
				_, err := s.act(rest, "")
				return document.Image{}, err
			}
			// The pixels tell of how many documents this child has read.
			pixels := bytes.Repeat([]byte{byte(s.documents)}, v.Side*page)
			return picture(v.Side, page, pixels), nil
		},
	}, nil
}

func (s *script) Recognize(_ context.Context, m document.Image) (string, error) {
	return s.act("say", fmt.Sprintf("%s %dx%d %x", m.MIME, m.Width, m.Height, m.Bytes[len(m.Bytes)-1:]))
}

func picture(w, h int, pixels []byte) document.Image {
	return document.Image{MIME: "image/x-portable-graymap", Width: w, Height: h, Bytes: fmt.Appendf(nil, "P5\n%d %d\n255\n%s", w, h, pixels)}
}

func (s *script) act(verb, rest string) (string, error) {
	switch verb {
	case "say":
		return rest, nil
	case "undrawable":
		return "", nil
	case "refuse":
		return "", fault.New(fault.Kind(rest), errors.New("the cause"), "the message")
	case "err":
		return "", errors.New("an error of the reader itself")
	case "panic":
		go panic("at the disco")
		select {}
	case "exit":
		os.Exit(0)
	case "loop":
		for i := 0; ; i++ {
			s.documents = i
		}
	case "eat":
		return eat()
	case "fifo":
		b, err := os.ReadFile(rest) // waits for somebody who writes
		return string(b), err
	case "raw":
		io.WriteString(os.Stdout, rest)
		select {}
	case "try":
		return try(rest), nil
	}
	return "", fmt.Errorf("no such verb: %s", verb)
}

// eat takes memory until there is no more.
func eat() (string, error) {
	var all [][]byte
	for range 1 << 20 {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
	}
	return fmt.Sprint(len(all)), nil
}

// try tells what becomes of an attempt to reach out.
func try(what string) string {
	verb, arg, _ := strings.Cut(what, " ")
	var err error
	switch verb {
	case "read":
		_, err = os.ReadFile(arg)
	case "list":
		_, err = os.ReadDir(arg)
	case "write":
		err = os.WriteFile(arg, []byte("x"), 0o600)
	case "append":
		var f *os.File
		if f, err = os.OpenFile(arg, os.O_WRONLY|os.O_APPEND, 0); err == nil {
			f.Close()
		}
	case "remove":
		err = os.Remove(arg)
	case "chmod":
		err = os.Chmod(arg, 0o777)
	case "listen":
		_, err = net.Listen("tcp", "127.0.0.1:0")
	case "dial":
		_, err = net.Dial(arg, "127.0.0.1:9")
	case "run":
		err = exec.Command("/bin/true").Run()
	case "open":
		for range 100 {
			if _, err = os.Open(arg); err != nil {
				break
			}
		}
	case "raise":
		err = unlimit()
	case "kill":
		var p *os.Process
		if p, err = os.FindProcess(os.Getppid()); err == nil {
			err = p.Signal(os.Interrupt)
		}
	case "ptrace":
		err = trace(os.Getppid())
	}
	if err == nil {
		return "it worked"
	}
	return err.Error()
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
	o.Command = []string{"child", "child"}
	o.Log = slog.New(slog.NewTextHandler(j, nil))
	p := child.New(o)
	t.Cleanup(func() {
		p.Close()
		after := count(t)
		for late := time.Now().Add(5 * time.Second); after != before && time.Now().Before(late); after = count(t) {
			time.Sleep(time.Millisecond) // a goroutine ends a little after what it waited for
		}
		if after != before {
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
