package ole

import (
	"context"
	"errors"
	"strings"

	"github.com/docsift/docsift/extract"
)

// errEnough ends the reading early: what is needed has been read.
var errEnough = errors.New("enough")

// output gathers text up to a limit. Of the separators between two texts only the strongest
// is written: a line feed before a tab before a space.
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

// flush writes the separator that waits.
func (o *output) flush() {
	if o.wait != 0 && o.b.Len() > 0 {
		o.b.WriteByte(o.wait)
	}
	o.wait = 0
}

func (o *output) rune(r rune) {
	o.flush()
	o.b.WriteRune(r)
}

func (o *output) text(s string) {
	if s == "" {
		return
	}
	o.flush()
	o.b.WriteString(s[:min(len(s), max(0, o.max-o.b.Len()))])
}

// full reports whether the limit is reached.
func (o *output) full() bool { return o.b.Len() >= o.max }

// String returns what was gathered, fit to read.
func (o *output) String() string {
	return strings.TrimSpace(extract.Cut(extract.Clean(o.b.String()), o.max))
}

// budget bounds the reading of records: a file may point to the same ones again and again.
type budget struct {
	left  int // bytes
	steps int
}

// budgetFor returns a budget for a stream, which an honest file reads once.
func budgetFor(stream []byte) *budget { return &budget{left: 2*len(stream) + 1024} }

// spend counts the bytes of a record. It returns errEnough once the budget is spent.
func (b *budget) spend(ctx context.Context, n int) error {
	if b.steps++; b.steps%1024 == 0 && ctx.Err() != nil {
		return ctx.Err()
	}
	if b.left -= n; b.left < 0 {
		return errEnough
	}
	return nil
}
