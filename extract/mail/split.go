package mail

import (
	"bytes"
	"iter"
)

// split yields the parts of a body between the lines of its boundary. The last one may be cut
// off. What stands before the first is for old programs.
func split(b []byte, boundary string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if boundary == "" {
			return
		}
		mark := []byte("--" + boundary)
		start := -1 // of the part
		for at := 0; at < len(b); {
			line, rest := cutLine(b[at:])
			next := len(b) - len(rest)
			isMark, isLast := boundaryLine(line, mark)
			if isMark {
				if start >= 0 && !yield(trimEnd(b[start:max(at, start)])) || isLast {
					return
				}
				start = next
			}
			at = next
		}
		if start >= 0 && start < len(b) {
			yield(b[start:])
		}
	}
}

// boundaryLine reports whether a line is a boundary, and whether it is the last.
func boundaryLine(line, mark []byte) (isMark, isLast bool) {
	rest, ok := bytes.CutPrefix(line, mark)
	if !ok {
		return false, false
	}
	rest = bytes.TrimRight(rest, " \t")
	isLast = bytes.Equal(rest, []byte("--"))
	return isLast || len(rest) == 0, isLast
}

// trimEnd drops the line end that belongs to the boundary after it.
func trimEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}
