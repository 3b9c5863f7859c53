package disk_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/blobtest"
	"github.com/docsift/docsift/internal/blob/disk"
)

func open(t *testing.T, dir string) *disk.Store {
	t.Helper()
	s, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blobtest.Place {
		dir := filepath.Join(t.TempDir(), "data", "documents")
		return blobtest.Place{Store: open(t, dir), File: func(path string) string { return filepath.Join(dir, path) }}
	})
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(file); fault.KindOf(err) != fault.Config {
		t.Errorf("a file in the place of the folder: %v", err)
	}
}

func TestNobodyElseMayRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "documents")
	blobtest.Put(t, open(t, dir), "a", "secret")
	err := filepath.Walk(dir, func(path string, i os.FileInfo, err error) error {
		if err == nil && i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, i.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A whole folder that is gone is no answer to the question whether a document is there.
func TestAFolderThatIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "documents")
	s := open(t, dir)
	i := blobtest.Put(t, s, "a", "text")
	if err := os.Rename(dir, dir+"2"); err != nil {
		t.Fatal(err)
	}
	_, opening := s.Open(t.Context(), i.Ref)
	_, stat := s.Stat(t.Context(), i.Ref)
	_, put := s.Put(t.Context(), "a", strings.NewReader("text"), blob.PutOptions{})
	for what, err := range map[string]error{"open": opening, "stat": stat, "put": put, "ping": s.Ping(t.Context())} {
		if fault.KindOf(err) != fault.Storage || fault.RetryAfter(err) == 0 {
			t.Errorf("%s: %v, want the storage's fault", what, err)
		}
	}
	if err := os.Rename(dir+"2", dir); err != nil {
		t.Fatal(err)
	}
	if got, err := blobtest.Read(t, s, i.Ref); err != nil || got != "text" {
		t.Errorf("once it is back: %q, %v", got, err)
	}
}

func TestTidy(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	i := blobtest.Put(t, s, "a", "text")
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := s.Put(context.Background(), "a", r, blob.PutOptions{})
		done <- err
	}()
	io.WriteString(w, "half")
	for _, tt := range []struct {
		before time.Duration
		left   int
	}{{-time.Hour, 1}, {time.Hour, 0}} {
		if err := s.Tidy(t.Context(), time.Now().Add(tt.before)); err != nil {
			t.Error(err)
		}
		if all, err := os.ReadDir(filepath.Join(dir, ".incoming")); err != nil || len(all) != tt.left {
			t.Errorf("%d files are left, %v; want %d", len(all), err, tt.left)
		}
	}
	w.CloseWithError(errors.New("gone"))
	<-done
	if _, err := blobtest.Read(t, s, i.Ref); err != nil {
		t.Error(err)
	}
}

// Whatever is put while others delete what is old stays.
func TestPutAndDelete(t *testing.T) {
	dir := t.TempDir()
	one, two := open(t, dir), open(t, dir)
	i := blobtest.Put(t, one, "a", "text")
	path, err := i.Path()
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	for range 200 {
		if err := os.Chtimes(filepath.Join(dir, path), old, old); err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Go(func() {
			if err := two.Delete(context.Background(), i.Ref, old.Add(time.Minute)); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if _, err := one.Put(context.Background(), "a", strings.NewReader("text"), blob.PutOptions{Lazy: true}); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if _, err := one.Stat(t.Context(), i.Ref); err != nil {
			t.Fatal("what was just put was deleted")
		}
	}
}

func BenchmarkPut(b *testing.B) {
	for name, lazy := range map[string]bool{"durable": false, "lazy": true} {
		b.Run(name, func(b *testing.B) {
			s, err := disk.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			data := make([]byte, 50_000)
			b.SetBytes(int64(len(data)))
			for n := 0; b.Loop(); n++ {
				data[n%len(data)]++
				if _, err := s.Put(b.Context(), "a", strings.NewReader(string(data)), blob.PutOptions{Lazy: lazy}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
