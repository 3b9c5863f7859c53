package chaos

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// resident returns the bytes of memory that the service holds.
func (s *service) resident() (int64, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0, false
	}
	_, after, _ := strings.Cut(string(text), " ")
	pages, _, _ := strings.Cut(after, " ")
	n, err := strconv.ParseInt(pages, 10, 64)
	return n * int64(os.Getpagesize()), err == nil
}
