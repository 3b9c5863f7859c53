//go:build unix

package app

import "golang.org/x/sys/unix"

// roomOf returns the room of the disk that a folder is on; nothing where there is no folder.
func roomOf(dir string) room {
	var st unix.Statfs_t
	if dir == "" || unix.Statfs(dir, &st) != nil {
		return room{}
	}
	return room{free: float64(st.Bavail) * float64(st.Bsize), size: float64(st.Blocks) * float64(st.Bsize)}
}
