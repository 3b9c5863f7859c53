//go:build unix

package app

import "golang.org/x/sys/unix"

// FreeSpace returns how many bytes a folder's disk has left and has in all, or 0 where that is not known.
func FreeSpace(dir string) (free, total int64) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return 0, 0
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize)
}
