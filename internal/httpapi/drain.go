package httpapi

import (
	"io"
	"net/http"
	"time"
)

// maxDrained is how much of a request is read to no purpose, so that a caller who sends
// everything before listening hears why it was refused.
const maxDrained = 64 << 20

// drained lets h answer before the request has come in whole, and then drops the rest of it.
func (a *API) drained(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn := http.NewResponseController(w)
		body := &watchedBody{ReadCloser: r.Body}
		r.Body = body
		conn.EnableFullDuplex() // only the recorder of a test cannot
		h(w, r)
		held := !body.begun && r.Header.Get("Expect") != "" // the caller waits for leave to send
		if body.err != nil || held {
			return
		}
		conn.Flush()
		conn.SetReadDeadline(time.Now().Add(a.opts.UploadPause))
		io.CopyN(io.Discard, body, maxDrained) // whatever ends it, the answer is out
	}
}

// watchedBody remembers how far a body was read.
type watchedBody struct {
	io.ReadCloser

	begun bool
	err   error // what ended it, io.EOF when it is whole
}

// Read reads from the body.
func (b *watchedBody) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.ReadCloser.Read(p)
	b.err = err
	return n, err
}
