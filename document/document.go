// Package document holds a file as it came in: its bytes, its digest and its type,
// which is decided by content and never by name.
package document

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/docsift/docsift/fault"
)

// DefaultMaxBytes is the size limit of one document: 20 MiB.
const DefaultMaxBytes = 20 << 20

// Document is one file, read whole and identified. It is immutable.
type Document struct {
	Name   string // as the sender gave it: data, never a path to open, never trusted
	Type   Type
	SHA256 string // lower-case hex
	Bytes  []byte
}

// Options bounds what Read accepts. The zero value is ready to use.
type Options struct {
	// MaxBytes is the largest document accepted. Default DefaultMaxBytes; so is a negative one.
	MaxBytes int64
}

// Read reads a document from r, hashing as it goes, and stops one byte past the limit.
// It returns fault.Empty, fault.TooLarge, fault.Unsupported, fault.Encrypted or
// fault.Corrupt for a document that cannot be taken, and r's own error for one that could
// not be read. The name never decides the type, but mere text whose name claims a format
// of bytes, such as PDF, is fault.Unsupported.
func Read(r io.Reader, name string, o Options) (*Document, error) {
	limit := min(o.MaxBytes, math.MaxInt64-1) // one byte more is read than is accepted
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	var got pieces
	digest := sha256.New()
	n, err := io.Copy(io.MultiWriter(&got, digest), io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, err
	case n > limit:
		return nil, fault.New(fault.TooLarge, nil, "larger than the limit of %s", size(limit))
	case n == 0:
		return nil, fault.New(fault.Empty, nil, "the document is empty")
	}
	d := &Document{Name: name, SHA256: hex.EncodeToString(digest.Sum(nil)), Bytes: got.bytes()}
	if d.Type, err = detect(d.Bytes); err != nil {
		return nil, err
	}
	if err := contradict(name, d.Type); err != nil {
		return nil, err
	}
	return d, nil
}

// pieces is what was read so far. It is put together once: to grow by copying would cost several
// times the document's size.
type pieces struct {
	full [][]byte
	last []byte
	size int // of all
}

// Write keeps b.
func (p *pieces) Write(b []byte) (int, error) {
	const smallest, largest = 4 << 10, 1 << 20
	n := len(b)
	for len(b) > 0 {
		if len(p.last) == cap(p.last) {
			p.full = append(p.full, p.last)
			p.last = make([]byte, 0, min(max(p.size, smallest), largest))
		}
		fits := min(len(b), cap(p.last)-len(p.last))
		p.last, b = append(p.last, b[:fits]...), b[fits:]
		p.size += fits
	}
	return n, nil
}

func (p *pieces) bytes() []byte { return bytes.Join(append(p.full, p.last), nil) }

// Open reads the document at path. A path that is not a readable regular file is fault.BadPath.
func Open(path string, o Options) (*Document, error) {
	// A FIFO or a device would block or never end, so look before opening.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, unreadable(err)
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.BadPath, nil, "not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close()
	d, err := Read(f, path, o)
	if errors.As(err, new(*fs.PathError)) {
		return nil, unreadable(err)
	}
	return d, err
}

func unreadable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.BadPath, err, "no such file")
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.BadPath, err, "no permission to read it")
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return fault.New(fault.BadPath, err, "cannot be read: %v", p.Err)
	}
	return fault.New(fault.BadPath, err, "cannot be read")
}

// size writes a number of bytes the way people do.
func size(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
