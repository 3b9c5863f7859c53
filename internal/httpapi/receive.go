package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// smallBody is up to how many bytes a request counts as small: a text, and no picture of a page.
const smallBody = 64 << 10

// decode reads a JSON body without fields that are not known; example is one as it should be.
func decode(body io.Reader, to any, example string) error {
	dec := json.NewDecoder(body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return fault.New(fault.Invalid, err, "the body is not as in %s", example)
	}
	return nil
}

// receiveJSON reads the JSON of a request, as long as it comes on, and takes a place for what
// follows, which leave gives back. Small requests have places of their own, as they take next to
// no memory.
func (a *API) receiveJSON(w http.ResponseWriter, r *http.Request) (v value, leave func(), err error) {
	if a.draining.Load() {
		return v, func() {}, fault.New(fault.Stopping, nil, "shutting down")
	}
	if r.ContentLength >= 0 && r.ContentLength <= smallBody {
		if leave, err = a.small.take(); err != nil {
			return v, func() {}, err
		}
		v, err = a.readJSON(w, r, smallBody)
		return v, leave, err
	}
	leave, err = a.uploads.take()
	if err != nil {
		return v, func() {}, err
	}
	v, err = a.readJSON(w, r, base64Limit(a.opts.Document))
	leave()
	if err != nil {
		return v, func() {}, err
	}
	if leave, err = a.slots.take(); err != nil {
		return v, func() {}, err
	}
	return v, leave, nil
}

func (a *API) readJSON(w http.ResponseWriter, r *http.Request, limit int64) (value, error) {
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		return value{}, tooLarge(limit)
	}
	body := a.pace(w, r, limit)
	raw, err := readAll(body, r.ContentLength)
	if over, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = tooLarge(over.Limit)
	} else if err != nil {
		err = fault.New(fault.Invalid, err, "the request was cut off")
	}
	if err = body.settle(err); err != nil {
		return value{}, err
	}
	return parseJSON(raw)
}

// readAll reads a body of a known length, or of an unknown one below 0, to its end.
func readAll(r io.Reader, length int64) ([]byte, error) {
	if length < 0 {
		return io.ReadAll(r)
	}
	raw := make([]byte, length)
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, err
	}
	_, err := io.Copy(io.Discard, r) // the end, which nothing can follow
	return raw, err
}

func (a *API) maxDocument() int64 {
	if limit := a.opts.Document.MaxBytes; limit > 0 {
		return limit
	}
	return document.DefaultMaxBytes
}

// base64Limit is how large a request may be that holds a document in base64.
func base64Limit(o document.Options) int64 {
	limit := formLimit(o)
	return limit + min(limit, 1<<62-1)/3
}
