package office

import (
	"strings"

	"github.com/docsift/docsift/extract"
)

// output gathers text up to a limit. Of the separators between two texts only the
// strongest is written: a line feed before a tab before a space.
type output struct {
	b    strings.Builder
	max  int // bytes
	wait byte
}

func (o *output) separate(c byte) {
	if rank(c) > rank(o.wait) {
		o.wait = c
	}
}

func rank(c byte) int { return strings.IndexByte("\x00 \t\n", c) }

// write adds a text, and returns errEnough once the limit is reached.
func (o *output) write(s []byte) error {
	if len(s) == 0 {
		return nil
	}
	if o.wait != 0 && o.b.Len() > 0 {
		o.b.WriteByte(o.wait)
	}
	o.wait = 0
	o.b.Write(s[:min(len(s), max(0, o.max-o.b.Len()))])
	if o.full() {
		return errEnough
	}
	return nil
}

// full reports whether the limit is reached.
func (o *output) full() bool { return o.b.Len() >= o.max }

// String returns what was gathered, fit to read.
func (o *output) String() string {
	return strings.TrimSpace(extract.Cut(extract.Clean(o.b.String()), o.max))
}
