package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/docsift/docsift/fault"
)

// Source reads what is to be put: it counts, makes the digest, and keeps apart what is wrong with
// the bytes from what is wrong with where they go.
type Source struct {
	r     io.Reader
	opts  PutOptions
	hash  hash.Hash
	bytes int64
	err   error
}

// NewSource returns a Source of what r holds.
func NewSource(r io.Reader, o PutOptions) *Source {
	return &Source{r: r, opts: o, hash: sha256.New()}
}

// Read reads on, until there are more bytes than are allowed.
func (s *Source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.hash.Write(p[:n])
	if s.bytes += int64(n); s.opts.MaxBytes > 0 && s.bytes > s.opts.MaxBytes {
		err = fault.New(fault.TooLarge, nil, "larger than the limit of %d bytes", s.opts.MaxBytes)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// Info returns what was read, and the error of reading it or of what was wanted of it.
func (s *Source) Info(tenant string) (Info, error) {
	i := Info{Ref: Ref{tenant, hex.EncodeToString(s.hash.Sum(nil))}, Bytes: s.bytes}
	if s.err == nil && s.opts.SHA256 != "" && s.opts.SHA256 != i.SHA256 {
		return i, fault.New(fault.Invalid, nil, "the bytes have the digest %s, not %.80q", i.SHA256, s.opts.SHA256)
	}
	return i, s.err
}

// Verified returns r with its digest checked where it ends.
func Verified(r io.ReadCloser, digest string) io.ReadCloser {
	return &verified{ReadCloser: r, want: digest, hash: sha256.New()}
}

type verified struct {
	io.ReadCloser

	want string
	hash hash.Hash
}

// Read reads on.
func (v *verified) Read(p []byte) (int, error) {
	n, err := v.ReadCloser.Read(p)
	v.hash.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(v.hash.Sum(nil)) != v.want {
		err = fault.New(Damaged, nil, "the bytes that are kept of the document %s are not its own", v.want)
	}
	return n, err
}

// ReadAll returns bytes of which there are at most limit; more are fault.TooLarge.
func ReadAll(ctx context.Context, s Store, ref Ref, limit int64) ([]byte, error) {
	r, err := s.Open(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fault.New(fault.TooLarge, nil, "larger than the limit of %d bytes", limit)
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}
