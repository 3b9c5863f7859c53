package disk_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/blobtest"
)

// small mounts a file system of so many bytes.
func small(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: what happens on a full disk. Only root may mount a small file system: run this as root, as CI does")
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+strconv.Itoa(size)); err != nil {
		t.Skipf("NOT TESTED: what happens on a full disk. No small file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestADiskThatIsFull(t *testing.T) {
	dir := small(t, 1<<20)
	s := open(t, filepath.Join(dir, "documents"))
	first := blobtest.Put(t, s, "a", "the first")
	for _, o := range []blob.PutOptions{{}, {Lazy: true}} {
		_, err := s.Put(t.Context(), "a", bytes.NewReader(make([]byte, 2<<20)), o)
		if fault.KindOf(err) != fault.StorageFull || fault.KindOf(err).HTTPStatus() != 507 {
			t.Errorf("put: %v, want %q", err, fault.StorageFull)
		}
	}
	ballast := filepath.Join(dir, "ballast")
	os.WriteFile(ballast, make([]byte, 2<<20), 0o600) // until there is no room at all
	if err := s.Ping(t.Context()); fault.KindOf(err) != fault.StorageFull {
		t.Errorf("ping: %v, want %q", err, fault.StorageFull)
	}
	if got, err := blobtest.Read(t, s, first.Ref); err != nil || got != "the first" {
		t.Errorf("what was kept before: %q, %v", got, err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	blobtest.Put(t, s, "a", strings.Repeat("x", 500_000))
	if all, err := os.ReadDir(filepath.Join(dir, "documents", ".incoming")); err != nil || len(all) != 0 {
		t.Errorf("%d files are left half written, %v", len(all), err)
	}
}

func TestADiskThatTurnsReadOnly(t *testing.T) {
	dir := small(t, 4<<20)
	s := open(t, dir)
	i := blobtest.Put(t, s, "a", "text")
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(t.Context(), "a", strings.NewReader("more"), blob.PutOptions{})
	for what, err := range map[string]error{"put": err, "ping": s.Ping(t.Context()), "delete": s.Delete(t.Context(), i.Ref, i.Put.Add(1))} {
		if fault.KindOf(err) != fault.Storage {
			t.Errorf("%s: %v, want %q", what, err, fault.Storage)
		}
	}
	if got, err := blobtest.Read(t, s, i.Ref); err != nil || got != "text" {
		t.Errorf("read: %q, %v", got, err)
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	blobtest.Put(t, s, "a", "more")
}
