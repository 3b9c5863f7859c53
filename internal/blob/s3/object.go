package s3

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
)

// Put sends the bytes once it has read them all: an object has its digest in its name.
func (s *Store) Put(ctx context.Context, tenant string, r io.Reader, o blob.PutOptions) (blob.Info, error) {
	if _, err := blob.Folder(tenant); err != nil {
		return blob.Info{}, err
	}
	body, err := spool(r, tenant, o)
	if err != nil {
		return blob.Info{}, err
	}
	defer body.close()
	if err := s.send(ctx, body); err != nil {
		return blob.Info{}, failure(ctx, err)
	}
	if o.Lazy {
		body.Put = time.Now()
		return body.Info, nil
	}
	there, err := s.Stat(ctx, body.Ref)
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && there.Bytes != body.Bytes:
		return blob.Info{}, fault.New(fault.Storage, err, "the storage of documents did not keep one that it had taken")
	case err != nil:
		return blob.Info{}, err
	}
	return there, nil
}

// send sends bytes with their digest signed, so that the server takes no others.
func (s *Store) send(ctx context.Context, b *spooled) error {
	key, err := s.key(b.Ref)
	if err != nil {
		return err
	}
	ctx, cancel := s.bounded(ctx, b.Bytes)
	defer cancel()
	_, err = s.core.PutObject(ctx, s.opts.Bucket, key, b.data, b.Bytes, "", b.SHA256, minio.PutObjectOptions{DisableContentSha256: true})
	return err
}

// spooled is what is going to be sent, and can be sent again.
type spooled struct {
	blob.Info

	data  io.Reader
	close func()
}

// spool reads r to its end. What cannot be read again goes through a file.
func spool(r io.Reader, tenant string, o blob.PutOptions) (*spooled, error) {
	src, nothing := blob.NewSource(r, o), func() {}
	if again, ok := r.(io.ReaderAt); ok {
		if from, err := seek(r); err == nil {
			if _, err := io.Copy(io.Discard, src); err != nil {
				return nil, err
			}
			i, err := src.Info(tenant)
			return &spooled{i, io.NewSectionReader(again, from, i.Bytes), nothing}, err
		}
	}
	f, err := os.CreateTemp("", "docsift-document-*")
	if err != nil {
		return nil, spoiled(err)
	}
	remove := func() {
		f.Close()
		os.Remove(f.Name())
	}
	_, writing := io.Copy(f, src)
	i, err := src.Info(tenant)
	if err == nil {
		err = spoiled(writing)
	}
	if err != nil {
		remove()
		return nil, err
	}
	return &spooled{i, io.NewSectionReader(f, 0, i.Bytes), remove}, nil
}

// seek returns where a reader stands.
func seek(r io.Reader) (int64, error) {
	if s, ok := r.(io.Seeker); ok {
		return s.Seek(0, io.SeekCurrent)
	}
	return 0, errors.ErrUnsupported
}

// Open asks for a document.
func (s *Store) Open(ctx context.Context, ref blob.Ref) (io.ReadCloser, error) {
	key, err := s.key(ref)
	if err != nil {
		return nil, err
	}
	r, err := s.get(ctx, key)
	if err != nil {
		return nil, err
	}
	return blob.Verified(r, ref.SHA256), nil
}

// get opens an object. All of it must come in the time that its size allows.
func (s *Store) get(ctx context.Context, key string) (io.ReadCloser, error) {
	inner, cancel := context.WithCancel(ctx)
	late := time.AfterFunc(s.time(0), cancel)
	end := func() {
		late.Stop()
		cancel()
	}
	r, i, _, err := s.core.GetObject(inner, s.opts.Bucket, key, minio.GetObjectOptions{})
	if err != nil {
		end()
		return nil, failure(ctx, err)
	}
	late.Reset(s.time(i.Size))
	return &body{r, end, func(err error) error { return failure(ctx, err) }}, nil
}

// body gives errors of reading their kind.
type body struct {
	io.ReadCloser

	end     func()
	failure func(error) error
}

// Read reads on.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.failure(err)
	}
	return n, err
}

// Close ends the exchange.
func (b *body) Close() error {
	b.end()
	return b.ReadCloser.Close()
}

// Stat asks about a document.
func (s *Store) Stat(ctx context.Context, ref blob.Ref) (blob.Info, error) {
	key, err := s.key(ref)
	if err != nil {
		return blob.Info{}, err
	}
	inner, cancel := s.bounded(ctx, 0)
	defer cancel()
	o, err := s.core.StatObject(inner, s.opts.Bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return blob.Info{}, failure(ctx, err)
	}
	return blob.Info{Ref: ref, Bytes: o.Size, Put: o.LastModified}, nil
}

// Delete deletes a document that is old enough. One that is put again in the same moment may be lost.
func (s *Store) Delete(ctx context.Context, ref blob.Ref, before time.Time) error {
	i, err := s.Stat(ctx, ref)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil
	case err != nil:
		return err
	case i.Put.Add(time.Second).After(before): // the server tells whole seconds
		return nil
	}
	key, err := s.key(ref)
	if err != nil {
		return err
	}
	return s.remove(ctx, key)
}

func (s *Store) remove(ctx context.Context, key string) error {
	inner, cancel := s.bounded(ctx, 0)
	defer cancel()
	return failure(ctx, s.core.RemoveObject(inner, s.opts.Bucket, key, minio.RemoveObjectOptions{}))
}

// Old lists the bucket. Objects that are not documents are left alone.
func (s *Store) Old(ctx context.Context, before time.Time) iter.Seq2[blob.Info, error] {
	prefix := s.opts.Prefix + "documents/"
	return func(yield func(blob.Info, error) bool) {
		for o, err := range s.list(ctx, prefix) {
			if err != nil {
				yield(blob.Info{}, err)
				return
			}
			ref, ok := blob.ParsePath(strings.TrimPrefix(o.Key, prefix))
			if ok && o.LastModified.Before(before) && !yield(blob.Info{Ref: ref, Bytes: o.Size, Put: o.LastModified}, nil) {
				return
			}
		}
	}
}

// list lists objects. The server may take its time for each thousand of them only.
func (s *Store) list(ctx context.Context, prefix string) iter.Seq2[minio.ObjectInfo, error] {
	return func(yield func(minio.ObjectInfo, error) bool) {
		inner, cancel := context.WithCancel(ctx)
		defer cancel()
		late := time.AfterFunc(s.time(0), cancel)
		defer late.Stop()
		for o := range s.core.ListObjectsIter(inner, s.opts.Bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			late.Stop()
			if !yield(o, failure(ctx, o.Err)) || o.Err != nil {
				return
			}
			late.Reset(s.time(0))
		}
		if inner.Err() != nil {
			yield(minio.ObjectInfo{}, failure(ctx, inner.Err()))
		}
	}
}

// spoiled gives an error of the file that bytes go through its kind.
func spoiled(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.StorageFull, err, "there is no room left for a document on its way")
	}
	return fault.New(fault.Storage, err, "a document on its way could not be written")
}
