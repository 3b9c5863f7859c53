package child_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
)

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
		Hidden:    []unseen.Text{{Kind: unseen.Tiny, Page: 3, Letters: 40}},
		OCR:       func(context.Context) ([]extract.Page, error) { return nil, errors.New("it stays in the child") },
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
	case "last": // some time, and then die of it
		d, err := time.ParseDuration(rest)
		time.Sleep(d)
		go panic(fmt.Sprint("at last ", err))
		select {}
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

// eat takes a gigabyte of memory.
func eat() (string, error) {
	var all [][]byte
	for range 1 << 10 {
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
			var f *os.File
			if f, err = os.Open(arg); err != nil {
				break
			}
			defer f.Close()
		}
	default:
		err = trySystem(verb, arg)
	}
	if err == nil {
		return "it worked"
	}
	return err.Error()
}
