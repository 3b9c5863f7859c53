//go:build !linux

package chaos

// resident reports that the memory of another process cannot be told here.
func (s *service) resident() (int64, bool) { return 0, false }
