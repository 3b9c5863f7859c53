//go:build linux && !race

package app_test

import (
	"database/sql"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// small returns a folder on a disk of its own of so many bytes, which only root can make.
func small(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("NOTHING IS KNOWN OF FULL DISKS: no tmpfs can be mounted here (%v): run this test as root", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves no room on a disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{64 << 10, 4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
}

// On a full disk nothing is accepted and nothing breaks, and all is well soon after there is room.
func TestFullDisk(t *testing.T) {
	dir := small(t, "8m")
	s := newSite(t, map[string]string{"DOCSIFT_DATA": filepath.Join(dir, "data")})
	s.heals() // which is that it works
	filler := filepath.Join(dir, "filler")
	for round := range 3 {
		fill(t, filler)
		for range 10 {
			if h := s.post(true); h.status != http.StatusInsufficientStorage || h.code != "storage_full" {
				t.Errorf("round %d: to be done later: %+v", round, h)
			}
		}
		now := s.post(false)
		if now.status != http.StatusOK && now.status != http.StatusServiceUnavailable && now.status != http.StatusInsufficientStorage {
			t.Errorf("round %d: at once: %+v", round, now)
		}
		resp, err := http.Get(s.url + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		healed := s.heals()
		t.Logf("full: at once %d %s; accepts again after %v", now.status, now.code, healed)
		for end := time.Now().Add(30 * time.Second); s.post(false).status != http.StatusOK; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("nothing is answered at once")
			}
		}
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "data", "docsift.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var said string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&said); err != nil || said != "ok" {
		t.Errorf("the database is %q, %v", said, err)
	}
}
