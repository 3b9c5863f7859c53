package child

import (
	"bytes"
	"context"
	"io"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
)

// ServeFreely is Serve without its confinement, which would hold the test.
func ServeFreely(ctx context.Context, in io.Reader, out io.Writer, h Handler) error {
	return serve(ctx, in, out, h)
}

// ReadReply reads what a child sends, as a Pool does that asked for text or, with a view, for a
// picture.
func ReadReply(sent []byte, v *extract.View) (*extract.Content, document.Image, error) {
	q, r := request{Op: opExtract}, reply{}
	if v != nil {
		q.Op, q.View = opDraw, *v
	}
	body, err := readFrame(bytes.NewReader(sent), &r, q.answers())
	if err == nil {
		err = r.check(q, body)
	}
	switch {
	case err != nil:
		return nil, document.Image{}, err
	case r.Fault != nil:
		return nil, document.Image{}, r.err()
	case v != nil:
		return nil, document.Image{MIME: r.Image.MIME, Width: r.Image.Width, Height: r.Image.Height, Bytes: body}, nil
	}
	return r.content(body), document.Image{}, nil
}

// Frame returns a frame with a head that is given as JSON.
func Frame(head string, body string) []byte {
	var b bytes.Buffer
	if err := writeFrame(&b, raw(head), []byte(body)); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type raw string

func (r raw) MarshalJSON() ([]byte, error) { return []byte(r), nil }
