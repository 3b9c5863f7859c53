package picture_test

import (
	"bytes"
	"compress/zlib"
	"math/bits"
	"strings"

	picture "github.com/docsift/docsift/extract/image"
)

// bitWriter writes bits, the highest first.
type bitWriter struct {
	out []byte
	n   int
}

func (w *bitWriter) put(v, width int) {
	for i := width - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.out = append(w.out, 0)
		}
		w.out[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

func (w *bitWriter) code(s string) {
	for _, c := range s {
		w.put(int(c-'0'), 1)
	}
}

func pack(raw []byte, compression int) []byte {
	switch compression {
	case packBits:
		return asPackBits(raw)
	case packLZW:
		return asLZW(raw)
	case deflate:
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		z.Write(raw)
		z.Close()
		return b.Bytes()
	}
	return raw
}

func asPackBits(raw []byte) []byte {
	out := []byte{0x80} // a code that does nothing
	for len(raw) > 0 {
		run := 1
		for run < min(len(raw), 128) && raw[run] == raw[0] {
			run++
		}
		if run > 1 {
			out = append(out, byte(1-run), raw[0])
		} else {
			out = append(out, 0, raw[0])
		}
		raw = raw[run:]
	}
	return out
}

// asLZW writes no code for the end, as some writers do not.
func asLZW(raw []byte) []byte {
	var w bitWriter
	codes, width := map[string]int{}, 9
	w.put(256, width)
	code := func(s string) int {
		if len(s) == 1 {
			return int(s[0])
		}
		return codes[s]
	}
	piece := ""
	for _, b := range raw {
		longer := piece + string([]byte{b})
		if _, ok := codes[longer]; ok || piece == "" {
			piece = longer
			continue
		}
		w.put(code(piece), width)
		next := 258 + len(codes)
		codes[longer] = next
		width = max(9, bits.Len(uint(next+1)))
		if next == 4093 {
			w.put(256, width)
			clear(codes)
			width = 9
		}
		piece = string([]byte{b})
	}
	w.put(code(piece), width)
	return w.out
}

// faxWriter writes rows of black (1) and white pixels.
type faxWriter struct {
	bitWriter
	above []int
	rows  int
}

const faxMark = "000000000001"

func (w *faxWriter) row(row []int, compression, options int) {
	defer func() { w.above, w.rows = row, w.rows+1 }()
	switch {
	case compression == faxRows:
		w.put(0, (8-w.n%8)%8)
		w.alone(row)
	case compression == faxGroup4:
		w.changes(row)
	case options&1 == 0:
		w.code("0000" + faxMark) // with filling
		w.alone(row)
	case w.rows%2 == 0:
		w.code(faxMark + "1")
		w.alone(row)
	default:
		w.code(faxMark + "0")
		w.changes(row)
	}
}

func (w *faxWriter) end(compression int) []byte {
	switch compression {
	case faxGroup4:
		w.code(faxMark + faxMark)
	case faxGroup3:
		w.code(strings.Repeat(faxMark, 6))
	}
	return w.out
}

// run writes one run of a colour: codes of 64 and more first.
func (w *faxWriter) run(colour, n int) {
	codes := strings.Fields([]string{picture.WhiteCodes, picture.BlackCodes}[colour])
	for n > 63 {
		part := min(n/64, 40)
		w.code(codes[63+part])
		n -= part * 64
	}
	w.code(codes[n])
}

func (w *faxWriter) alone(row []int) {
	for x, colour := 0, 0; x < len(row); colour ^= 1 {
		end := x
		for end < len(row) && row[end] == colour {
			end++
		}
		w.run(colour, end-x)
		x = end
	}
}

// at returns a row's pixel; there is white around it.
func at(row []int, x int) int {
	if x < 0 || x >= len(row) {
		return 0
	}
	return row[x]
}

// changeAfter returns the first place behind x where row changes to a colour other than one.
func changeAfter(row []int, x, colour, width int) int {
	for x++; x < width; x++ {
		if at(row, x) != colour && at(row, x-1) == colour {
			return x
		}
	}
	return width
}

func (w *faxWriter) changes(row []int) {
	width := len(row)
	for x, colour := -1, 0; x < width; {
		a1 := max(x, 0)
		for a1 < width && row[a1] == colour {
			a1++
		}
		b1 := changeAfter(w.above, x, colour, width)
		b2 := b1
		for b2 < width && at(w.above, b2) != colour {
			b2++
		}
		switch moved := a1 - b1; {
		case b2 < a1:
			w.code("0001")
			x = b2
		case moved >= -3 && moved <= 3:
			w.code([]string{"0000010", "000010", "010", "1", "011", "000011", "0000011"}[moved+3])
			x, colour = a1, colour^1
		default:
			a2 := a1
			for a2 < width && row[a2] != colour {
				a2++
			}
			w.code("001")
			w.run(colour, a1-max(x, 0))
			w.run(colour^1, a2-a1)
			x = a2
		}
	}
}
