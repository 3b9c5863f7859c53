package picture

import "math/bits"

// Each of these unpacks data into out, as far as either goes, and returns how many bytes of
// out it filled. What is missing or wrong ends the data.

// unpackBits reads Macintosh PackBits: runs, and stretches without any.
func unpackBits(out, data []byte) int {
	done := 0
	for len(data) > 1 && done < len(out) {
		n := int(int8(data[0]))
		switch {
		case n >= 0:
			end := min(n+2, len(data))
			done += copy(out[done:], data[1:end])
			data = data[end:]
		case n == -128:
			data = data[1:]
		default:
			run := out[done:min(done+1-n, len(out))]
			for i := range run {
				run[i] = data[1]
			}
			done += len(run)
			data = data[2:]
		}
	}
	return done
}

// Codes of LZW.
const (
	lzwClear = 256
	lzwEnd   = 257
	lzwFirst = 258
	lzwMost  = 1 << 12
)

// lzw is what every code stands for: a piece of the output that is there already.
type lzw struct {
	start, length [lzwMost]int
	next          int // code
}

// unpackLZW reads the LZW of TIFF, whose codes grow one step early. Writers forget the end
// code and the clear code at the beginning; neither is needed.
func unpackLZW(out, data []byte) int {
	t := lzw{next: lzwFirst}
	r := bitReader{data: data}
	done, last := 0, -1 // where the last piece began
	for done < len(out) && r.at+9 <= 8*len(data) {
		width := min(max(bits.Len(uint(t.next+1)), 9), 12)
		code := r.peek(width)
		r.at += width
		if code == lzwEnd {
			break
		}
		if code == lzwClear {
			t.next, last = lzwFirst, -1
			continue
		}
		n := t.write(out[done:], out[:done], code, last)
		if n == 0 {
			break
		}
		if last >= 0 && t.next < lzwMost {
			t.start[t.next], t.length[t.next] = last, done-last+1
			t.next++
		}
		last = done
		done += n
	}
	return done
}

// write puts the piece that code stands for behind what was done, and returns its length. A
// code that is about to be made is the last piece and its first byte again.
func (t *lzw) write(out, done []byte, code, last int) int {
	switch {
	case code < lzwClear:
		out[0] = byte(code)
		return 1
	case code < t.next:
		return copy(out, done[t.start[code]:][:t.length[code]])
	case code == t.next && last >= 0:
		n := copy(out, done[last:])
		if n < len(out) {
			out[n] = done[last]
			n++
		}
		return n
	}
	return 0
}

// reverse returns data with the bits of every byte in the other order.
func reverse(data []byte) []byte {
	out := make([]byte, len(data))
	for i, b := range data {
		out[i] = bits.Reverse8(b)
	}
	return out
}
