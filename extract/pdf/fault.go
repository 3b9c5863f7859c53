package pdf

import (
	"errors"
	"strings"

	pdfiumerr "github.com/klippa-app/go-pdfium/errors"

	"github.com/docsift/docsift/fault"
)

// verdict says of what PDFium reports what it means for the document.
func verdict(err error) error {
	switch {
	case err == nil, errors.As(err, new(*fault.Error)):
		return err
	case errors.Is(err, pdfiumerr.ErrPassword):
		return fault.New(fault.Encrypted, err, "the PDF is protected by a password: remove the protection and send it again")
	case errors.Is(err, pdfiumerr.ErrSecurity):
		return fault.New(fault.Encrypted, err, "the PDF is encrypted in a way that docsift cannot open: save it without protection and send it again")
	case damaged(err):
		return fault.New(fault.Corrupt, err, "the PDF is damaged or cut short: save it again with the program that made it")
	}
	// A trap comes with a stack of unnamed functions, line after line; the first says it all.
	cause, _, _ := strings.Cut(err.Error(), "\n")
	return fault.New(fault.TooComplex, errors.New(cause), "the PDF asks for more than docsift spends on one: print it to a new PDF and send that")
}

// damaged reports whether PDFium found the document at fault and is itself well.
func damaged(err error) bool {
	for _, e := range []error{pdfiumerr.ErrFormat, pdfiumerr.ErrFile, pdfiumerr.ErrPage, pdfiumerr.ErrUnknown, pdfiumerr.ErrSuccess} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
