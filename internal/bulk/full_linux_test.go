package bulk_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/docsift/docsift/fault"
)

// A full disk ends a run with whole lines; with room it goes on.
func TestAFullDisk(t *testing.T) {
	formats(t, func(t *testing.T, dir, _ string) {
		small := t.TempDir()
		if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=64k"); err != nil {
			t.Skipf("no file system of a small size can be had: %v", err)
		}
		t.Cleanup(func() { unix.Unmount(small, unix.MNT_DETACH) })
		path := filepath.Join(small, "out"+filepath.Ext(t.Name()))
		out := open(t, options(path))
		n := 0
		for ; ; n++ {
			err := out.Put(answer(t, dir, fmt.Sprintf("%04d", n)))
			if n > 1000 || err != nil && fault.KindOf(err) != fault.StorageFull {
				t.Fatalf("after %d lines: %v", n, err)
			}
			if err != nil {
				break
			}
		}
		if err := out.Put(answer(t, dir, "one more")); fault.KindOf(err) != fault.StorageFull {
			t.Errorf("after the disk was full: %v", err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", small, "tmpfs", unix.MS_REMOUNT, "size=1m"); err != nil {
			t.Fatal(err)
		}
		out = open(t, options(path))
		if got := out.Totals().Done; got != n {
			t.Errorf("%d lines are there, want %d", got, n)
		}
		put(t, out, answer(t, dir, "one more"))
		close(t, out)
	})
}
