//go:build !unix

package app

// FreeSpace is not known here.
func FreeSpace(string) (free, total int64) { return 0, 0 }
