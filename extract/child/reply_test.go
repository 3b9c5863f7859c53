package child_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/child"
)

// answered returns what a child sends for a request, which it then has no more of.
func answered(t testing.TB, request, document string) []byte {
	t.Helper()
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &script{}
	go func() {
		child.ServeFreely(ctx, in, out, child.Handler{Extractor: s, Recognizer: s})
		out.Close()
	}()
	go requests.Write(child.Frame(request, document))
	b := make([]byte, 64<<10)
	n, err := answers.Read(b) // a small frame comes in one piece
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

const (
	reading = `{"Op":"extract","Name":"a.txt","Type":"txt","SHA256":"7"}`
	drawing = `{"Op":"draw","SHA256":"7","Page":1,"View":{"Side":4,"Format":2}}`
)

func view() *extract.View { return &extract.View{Side: 4, Format: extract.PGM} }

func TestReplies(t *testing.T) {
	c, _, err := child.ReadReply(answered(t, reading, "say hello"), nil)
	if err != nil || c.Pages[0].Text != "hello" || c.PageCount != 3 {
		t.Errorf("content %+v, %v", c, err)
	}
	_, m, err := child.ReadReply(answered(t, drawing, "say hello"), view())
	if err != nil || m.Width != 4 || !strings.HasPrefix(string(m.Bytes), "P5\n4 1\n255\n") {
		t.Errorf("picture %+v, %v", m, err)
	}
}

// A document that took its child over can send what it likes: the parent takes nothing that a
// reader would not send.
func TestRepliesAreChecked(t *testing.T) {
	tests := []struct {
		name, head, body string
		view             *extract.View
		want             string
	}{
		{"no content", `{}`, "", nil, "no content"},
		{"no page", `{"Content":{"PageCount":0}}`, "", nil, "a document of 0 pages"},
		{"a page without its text", `{"Content":{"PageCount":1,"Pages":[{"Number":1}]}}`, "", nil, "0 texts for 1 pages"},
		{"a text longer than what came", `{"Content":{"PageCount":1,"Pages":[{"Number":1}]},"Lengths":[9]}`, "short", nil, "a text of 9 bytes out of 5"},
		{"a text of less than nothing", `{"Content":{"PageCount":1,"Pages":[{"Number":1}]},"Lengths":[-1]}`, "", nil, "a text of -1 bytes"},
		{"a text that parts a letter", `{"Content":{"PageCount":2,"Pages":[{"Number":1},{"Number":2}]},"Lengths":[1,1]}`, "é", nil, "a text of 1 bytes"},
		{"a text too many", `{"Content":{"PageCount":1,"Pages":[{"Number":1}]},"Lengths":[1]}`, "ab", nil, "1 bytes after the last text"},
		{"pages in no order", `{"Content":{"PageCount":2,"Pages":[{"Number":2},{"Number":1}]},"Lengths":[0,0]}`, "", nil, "page 1 after page 2"},
		{"a page behind the last", `{"Content":{"PageCount":1,"Pages":[{"Number":2}]},"Lengths":[0]}`, "", nil, "page 2 after page 0 of 1"},
		{"no letters", `{"Content":{"PageCount":1}}`, "\xff", nil, "not UTF-8"},
		{"a long tale of itself", `{"Content":{"PageCount":1,"Meta":{"title":"` + strings.Repeat("x", 5000) + `"}}}`, "", nil, "of 5000 bytes"},
		{"hidden text of a kind that there is not", `{"Content":{"PageCount":1,"Hidden":[{"kind":"<script>","page":1,"letters":9}]}}`, "", nil, "hidden as"},
		{"hidden text on no page", `{"Content":{"PageCount":1,"Hidden":[{"kind":"tiny","page":2,"letters":9}]}}`, "", nil, "on page 2"},
		{"hidden text of no letters", `{"Content":{"PageCount":1,"Hidden":[{"kind":"tiny","page":1,"letters":0}]}}`, "", nil, "0 letters"},
		{"a long excuse", `{"Fault":{"Kind":"corrupt_file","Msg":"` + strings.Repeat("x", 5000) + `"}}`, "", nil, "an error of 5000"},
		{"no picture", `{}`, "", view(), "no picture"},
		{"a picture larger than was asked for", `{"Image":{"MIME":"image/x-portable-graymap","Width":5,"Height":1}}`, "P5\n5 1\n255\n12345", view(), "for a side of 4"},
		{"a picture of fewer pixels than it says", `{"Image":{"MIME":"image/x-portable-graymap","Width":4,"Height":1}}`, "P5\n4 1\n255\n123", view(), "no PGM of 4x1"},
		{"a page of the web for a picture", `{"Image":{"MIME":"text/html","Width":4,"Height":1}}`, "<script>", &extract.View{Side: 4}, "that is no JPEG"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := child.ReadReply(child.Frame(tt.head, tt.body), tt.view)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func FuzzReply(f *testing.F) {
	f.Add(answered(f, reading, "say hello"), false)
	f.Add(answered(f, reading, "refuse corrupt_file"), false)
	f.Add(answered(f, drawing, "say hello"), true)
	f.Add(child.Frame(`{"Image":{"MIME":"image/jpeg","Width":4,"Height":1}}`, "\xFF\xD8\xFF"), true)
	f.Add(bytes.Repeat([]byte{0xFF}, 12), false)
	f.Fuzz(func(t *testing.T, sent []byte, draws bool) {
		v := view()
		if !draws {
			v = nil
		}
		c, m, err := child.ReadReply(sent, v)
		switch {
		case err != nil:
		case draws && (m.Width < 1 || m.Width > 4 || m.Height < 1 || m.Height > 4):
			t.Errorf("a picture of %dx%d", m.Width, m.Height)
		case !draws && (!utf8.ValidString(c.Text()) || c.PageCount < 1 || len(c.Pages) > c.PageCount):
			t.Errorf("content %+v", c)
		}
	})
}
