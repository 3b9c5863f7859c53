// Package disk keeps the bytes of documents in a folder.
package disk

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
)

// Store is a folder of documents. Processes of one machine may share it.
type Store struct {
	dir   string
	lock  lock
	known sync.Map // folders whose own names outlive a crash
}

// incoming is the folder of what is being written. It is no tenant's, whose names have no dot.
const incoming = ".incoming"

// Open returns the store in a folder, which is made where there is none.
func Open(dir string) (*Store, error) {
	s := &Store{dir: dir, lock: lock{path: filepath.Join(dir, ".lock")}}
	if err := os.MkdirAll(filepath.Join(dir, incoming), 0o700); err != nil {
		return nil, fault.New(fault.Config, err, "the folder of documents %s cannot be made", dir)
	}
	return s, nil
}

var _ blob.Store = (*Store)(nil)

// Put writes the bytes beside the documents, and gives them their name when all have come.
func (s *Store) Put(ctx context.Context, tenant string, r io.Reader, o blob.PutOptions) (blob.Info, error) {
	if _, err := blob.Folder(tenant); err != nil {
		return blob.Info{}, err
	}
	f, err := os.CreateTemp(filepath.Join(s.dir, incoming), "*")
	if err != nil {
		return blob.Info{}, failure(err)
	}
	defer os.Remove(f.Name()) // it has another name by then if all went well
	defer f.Close()
	info, err := write(f, r, tenant, o)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		info.Put, err = s.keep(f.Name(), info.Ref, o.Lazy)
	}
	if err != nil {
		return blob.Info{}, err
	}
	return info, nil
}

// write writes and closes a file.
func write(f *os.File, r io.Reader, tenant string, o blob.PutOptions) (blob.Info, error) {
	src := blob.NewSource(r, o)
	_, writing := io.Copy(f, src)
	info, err := src.Info(tenant)
	if err != nil {
		return info, err
	}
	if writing == nil && !o.Lazy {
		writing = f.Sync()
	}
	return info, failure(errors.Join(writing, f.Close()))
}

// keep gives a file the name of its document.
func (s *Store) keep(file string, ref blob.Ref, lazy bool) (put time.Time, err error) {
	path, err := s.path(ref)
	if err != nil {
		return put, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return put, failure(err)
	}
	unlock, err := s.lock.share()
	if err != nil {
		return put, failure(err)
	}
	put = time.Now()
	err = errors.Join(os.Chtimes(file, time.Time{}, put), os.Rename(file, path))
	unlock()
	if err == nil && !lazy {
		err = s.syncFolders(filepath.Dir(path))
	}
	return put, failure(err)
}

// syncFolders makes the names in a folder outlive the machine's crash, and the folder's own.
func (s *Store) syncFolders(dir string) error {
	if err := syncFolder(dir); err != nil {
		return err
	}
	if _, ok := s.known.Load(dir); ok {
		return nil
	}
	tenant := filepath.Dir(dir)
	err := errors.Join(syncFolder(tenant), syncFolder(filepath.Dir(tenant)))
	if err == nil {
		s.known.Store(dir, true)
	}
	return err
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(syncOpen(d), d.Close())
}

func (s *Store) path(ref blob.Ref) (string, error) {
	path, err := ref.Path()
	return filepath.Join(s.dir, filepath.FromSlash(path)), err
}

// Open opens a document.
func (s *Store) Open(_ context.Context, ref blob.Ref) (io.ReadCloser, error) {
	path, err := s.path(ref)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, s.missing(err)
	}
	return blob.Verified(file{f}, ref.SHA256), nil
}

// file gives errors of reading their kind.
type file struct{ *os.File }

// Read reads on.
func (f file) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = failure(err)
	}
	return n, err
}

// Stat looks at a document's file.
func (s *Store) Stat(_ context.Context, ref blob.Ref) (blob.Info, error) {
	path, err := s.path(ref)
	if err != nil {
		return blob.Info{}, err
	}
	i, err := os.Stat(path)
	if err != nil {
		return blob.Info{}, s.missing(err)
	}
	return blob.Info{Ref: ref, Bytes: i.Size(), Put: i.ModTime()}, nil
}

// Delete removes a document's file if it is old enough.
func (s *Store) Delete(ctx context.Context, ref blob.Ref, before time.Time) error {
	unlock, err := s.lock.hold() // a Put may be about to make it young again
	if err != nil {
		return failure(err)
	}
	defer unlock()
	i, err := s.Stat(ctx, ref)
	if fault.KindOf(err) == fault.NotFound || err == nil && !i.Put.Before(before) {
		return nil
	}
	if err != nil {
		return err
	}
	path, err := s.path(ref)
	if err != nil {
		return err
	}
	return failure(os.Remove(path))
}

// Old walks through all folders. Files that are not documents are left alone.
func (s *Store) Old(ctx context.Context, before time.Time) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		stopped := errors.New("stopped")
		err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil || d.IsDir() {
				return err
			}
			rel, _ := filepath.Rel(s.dir, path)
			ref, ok := blob.ParsePath(filepath.ToSlash(rel))
			if !ok {
				return nil
			}
			i, err := d.Info()
			switch {
			case errors.Is(err, fs.ErrNotExist): // somebody else deleted it
				return nil
			case err != nil:
				return err
			case i.ModTime().Before(before) && !yield(blob.Info{Ref: ref, Bytes: i.Size(), Put: i.ModTime()}, nil):
				return stopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(blob.Info{}, failure(err))
		}
	}
}

// Tidy removes what was half written.
func (s *Store) Tidy(ctx context.Context, before time.Time) error {
	all, err := os.ReadDir(filepath.Join(s.dir, incoming))
	if err != nil {
		return failure(err)
	}
	for _, d := range all {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		i, err := d.Info()
		if err == nil && i.ModTime().Before(before) {
			err = os.Remove(filepath.Join(s.dir, incoming, d.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return failure(err)
		}
	}
	return nil
}

// Ping writes a byte and takes it back.
func (s *Store) Ping(context.Context) error {
	f, err := os.CreateTemp(filepath.Join(s.dir, incoming), "*")
	if err != nil {
		return failure(err)
	}
	_, err = f.Write([]byte{0})
	return failure(errors.Join(err, f.Close(), os.Remove(f.Name())))
}

// missing tells a document that is not there from a folder of documents that is not.
func (s *Store) missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := os.Stat(filepath.Join(s.dir, incoming)); gone == nil {
			return fault.New(fault.NotFound, err, "there is no such document, or not any more")
		}
	}
	return failure(err)
}

// failure gives an error of the file system its kind. The error of a context keeps its own.
func failure(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.StorageFull, err, "there is no room left to store documents")
	}
	e := fault.New(fault.Storage, err, "the folder of documents cannot be used")
	e.RetryAfter = time.Second
	return e
}
