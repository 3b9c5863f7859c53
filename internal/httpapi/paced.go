package httpapi

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/docsift/docsift/fault"
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

// pace returns the body of r, of at most limit bytes.
func (a *API) pace(w http.ResponseWriter, r *http.Request, limit int64) *pacedBody {
	return &pacedBody{
		ReadCloser: http.MaxBytesReader(w, r.Body, limit),
		conn:       http.NewResponseController(w), start: time.Now(),
		pause: a.opts.UploadPause, rate: a.opts.UploadRate,
	}
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

// settle returns what is wrong with a body that was read as far as err. Once everything has come it
// lifts the deadline. The server goes on reading, to learn whether the caller is still there: a
// deadline that passed would look as if it were gone.
func (b *pacedBody) settle(err error) error {
	switch {
	case b.slow:
		return fault.New(tooSlow, err, "the upload stopped, or came slower than %d bytes a second", b.rate)
	case err == nil:
		b.conn.SetReadDeadline(time.Time{})
	}
	return err
}
