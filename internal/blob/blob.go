// Package blob is the seam to where the bytes of documents are kept: a folder, or a bucket of an
// S3-compatible server.
package blob

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/docsift/docsift/fault"
)

// Damaged is the kind of an error about bytes that are kept but are not those that were put.
const Damaged fault.Kind = "stored_document_damaged"

// Info is what is known of kept bytes.
type Info struct {
	Ref

	Bytes int64
	Put   time.Time // when they were put last, by the clock of where they are kept
}

// PutOptions says how bytes are to be kept. The zero value is ready to use.
type PutOptions struct {
	// MaxBytes is how many there may be; more are fault.TooLarge. Default: any number.
	MaxBytes int64

	// SHA256 is the digest that they must have, or else are fault.Invalid. Default: any.
	SHA256 string

	// Lazy gives up the promise that they outlive the machine's crash: it is faster.
	Lazy bool
}

// Store keeps bytes by whose they are and their digest. It is safe for concurrent use, by several
// processes too. Its errors are fault.Storage, fault.StorageFull when there is no room left,
// fault.NotFound for bytes that are not kept, fault.Invalid for a Ref that is none, and those of
// a context.
type Store interface {
	// Put keeps what r holds, without ever holding all of it in memory. When it returns without
	// an error, the bytes are kept; otherwise nobody can open them. To put what is kept already makes it as good
	// as new. An error of r is returned as it is.
	Put(ctx context.Context, tenant string, r io.Reader, o PutOptions) (Info, error)

	// Open reads bytes. The last Read fails with Damaged instead of io.EOF when they have not the
	// digest of ref.
	Open(ctx context.Context, ref Ref) (io.ReadCloser, error)

	// Stat says what is known of bytes without reading them.
	Stat(ctx context.Context, ref Ref) (Info, error)

	// Delete forgets bytes, unless they were put again at or after before. It is no error if there are none.
	Delete(ctx context.Context, ref Ref, before time.Time) error

	// Old lists what was put last before a moment, in no order. It ends with the first error.
	Old(ctx context.Context, before time.Time) iter.Seq2[Info, error]

	// Tidy removes what unfinished puts and uploads from before a moment have left.
	Tidy(ctx context.Context, before time.Time) error

	// Ping asks whether documents can be kept now.
	Ping(ctx context.Context) error
}

// Upload is a document that somebody announced.
type Upload struct {
	Tenant string
	ID     string // a UUID
	Bytes  int64  // how many will come
	SHA256 string // of them; "" when it is not known
}

// Direct is a Store to which whoever has an address can bring bytes without their passing through
// this process. They lie apart from what is put, under the id of their upload.
type Direct interface {
	Store

	// Presign returns the address for one PUT of an upload, and the header fields that the PUT must have.
	// The server refuses bytes of another number, and of another digest where that is known.
	Presign(ctx context.Context, u Upload, valid time.Duration) (address string, header map[string]string, err error)

	// OpenUpload reads what came. It is checked against the digest of u where that is known.
	OpenUpload(ctx context.Context, u Upload) (io.ReadCloser, error)
}
