package httpapi

import (
	"errors"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

const (
	maxField    = 64 << 10 // bytes of all form fields together, the file aside
	maxParts    = 600      // a list of 255 categories fits in twice
	maxFilename = 255      // characters kept of a file name
)

// upload is a multipart form with one document. The parts may come in any order.
type upload struct {
	fields   map[string][]string
	hasFile  bool   // a part named file was there
	filename string // as the sender gave it; "" when it gave none
	doc      *document.Document
	docErr   error // why the file is not a document that can be taken
}

// first returns the first value of a field.
func (u *upload) first(name string) string {
	if u == nil {
		return ""
	}
	if v := u.fields[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// receive reads the upload of a request, as long as it comes on.
func (a *API) receive(w http.ResponseWriter, r *http.Request) (*upload, error) {
	if a.draining.Load() {
		return &upload{}, fault.New(fault.Stopping, nil, "shutting down")
	}
	leave, err := a.uploads.take()
	if err != nil {
		return &upload{}, err
	}
	defer leave()
	limit := formLimit(a.opts.Document)
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		return &upload{}, tooLarge(limit)
	}
	body := a.pace(w, r, limit)
	r.Body = body
	u, err := readUpload(r, a.opts.Document)
	if err == nil {
		_, err = io.Copy(io.Discard, body) // what follows the form
		if err != nil {
			err = broken(err)
		}
	}
	return u, body.settle(err)
}

// formLimit is how large a request may be: its document and its other fields.
func formLimit(o document.Options) int64 {
	limit := o.MaxBytes
	if limit <= 0 {
		limit = document.DefaultMaxBytes
	}
	return min(limit, math.MaxInt64-1<<20) + 1<<20
}

// readUpload reads the form as it comes in: the file goes straight into the bounded reader.
// The error is about the form; what is wrong with the file is in docErr.
func readUpload(r *http.Request, o document.Options) (*upload, error) {
	u := &upload{fields: make(map[string][]string)}
	form, err := r.MultipartReader()
	if err != nil {
		return u, fault.New(fault.Invalid, err, "send the document as multipart/form-data, in the field file")
	}
	left := int64(maxField)
	for range maxParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return u, broken(err)
		}
		if err := u.take(part, o, &left); err != nil {
			return u, err
		}
	}
	return u, fault.New(fault.Invalid, nil, "the form has more than %d parts", maxParts)
}

// take reads one part of the form.
func (u *upload) take(part *multipart.Part, o document.Options, left *int64) error {
	name := part.FormName()
	if name == "file" {
		if u.hasFile {
			return fault.New(fault.Invalid, nil, "the form has two files: send one document a request")
		}
		u.hasFile, u.filename = true, cleanName(part.FileName())
		u.doc, u.docErr = document.Read(part, u.filename, o)
		if fault.KindOf(u.docErr) == fault.Internal {
			return broken(u.docErr)
		}
		return nil
	}
	value, err := io.ReadAll(io.LimitReader(part, *left+1))
	if err != nil {
		return broken(err)
	}
	if *left -= int64(len(value)); *left < 0 {
		return fault.New(fault.Invalid, nil, "the form's fields are larger than %d bytes", maxField)
	}
	u.fields[name] = append(u.fields[name], string(value))
	return nil
}

// broken says why a form could not be read to its end.
func broken(err error) error {
	if over, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(over.Limit)
	}
	return fault.New(fault.Invalid, err, "the form is broken or was cut off")
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, nil, "the request is larger than %d bytes", limit)
}

// cleanName keeps a file name as data: valid text of a bounded length. It is never a path.
func cleanName(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if utf8.RuneCountInString(s) > maxFilename {
		s = string([]rune(s)[:maxFilename]) + "…"
	}
	return s
}
