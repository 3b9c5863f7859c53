package httpapi

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// pacedBody is the body of a request that must keep coming: something within every pause, and
// after the first pause so many bytes a second on average.
type pacedBody struct {
	io.ReadCloser

	conn  *http.ResponseController
	start time.Time
	pause time.Duration
	rate  int // bytes a second

	read int64
	slow bool // it did not
}

// Read reads what has come. One that waits too long fails with os.ErrDeadlineExceeded.
func (b *pacedBody) Read(p []byte) (int, error) {
	due := b.start.Add(b.pause + time.Duration(float64(b.read)/float64(b.rate)*float64(time.Second)))
	if idle := time.Now().Add(b.pause); idle.Before(due) {
		due = idle
	}
	b.conn.SetReadDeadline(due) // a recorder in a test has none
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	b.slow = b.slow || errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}

// release lifts the deadline once everything has come. The server goes on reading, to learn
// whether the caller is still there: a deadline that passed would look as if it were gone.
func (b *pacedBody) release() { b.conn.SetReadDeadline(time.Time{}) }
