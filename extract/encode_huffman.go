package extract

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
)

// code is the low length bits of bits.
type code struct {
	bits   uint32
	length uint8
}

// huffman is one table: how many codes there are of each length from 1 to 16, and what they stand
// for, shortest first (B.2.4.2).
type huffman struct {
	counts  [16]byte
	symbols []byte
}

// codes returns the code of each symbol (C.2).
func (h huffman) codes() [256]code {
	var out [256]code
	var next uint32
	symbols := h.symbols
	for i, n := range h.counts {
		for _, s := range symbols[:n] {
			out[s] = code{bits: next, length: uint8(i + 1)}
			next++
		}
		symbols = symbols[n:]
		next <<= 1
	}
	return out
}

// huffmanDC returns table K.3: the number of bits of a difference.
func huffmanDC() huffman {
	return huffman{
		counts:  [16]byte{0, 1, 5, 1, 1, 1, 1, 1, 1},
		symbols: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
	}
}

// huffmanAC returns table K.5: the number of zeros before a coefficient and that of its bits.
func huffmanAC() huffman {
	return huffman{
		counts: [16]byte{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
		symbols: []byte("\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71" +
			"\x14\x32\x81\x91\xa1\x08\x23\x42\xb1\xc1\x15\x52\xd1\xf0\x24\x33\x62\x72\x82\x09\x0a" +
			"\x16\x17\x18\x19\x1a\x25\x26\x27\x28\x29\x2a\x34\x35\x36\x37\x38\x39\x3a" +
			"\x43\x44\x45\x46\x47\x48\x49\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a" +
			"\x73\x74\x75\x76\x77\x78\x79\x7a\x83\x84\x85\x86\x87\x88\x89\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a" +
			"\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca" +
			"\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea" +
			"\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa"),
	}
}

// bitWriter gathers bits, first bit highest.
type bitWriter struct {
	bytes []byte
	acc   uint64 // the low 64-free bits
	free  uint8
}

// reserve makes room for a block: 64 coefficients of no more than 26 bits each, every byte stuffed.
func (w *bitWriter) reserve() {
	if cap(w.bytes)-len(w.bytes) < 512 {
		w.bytes = slices.Grow(w.bytes, len(w.bytes)/2+512)
	}
}

func (w *bitWriter) put(c code) {
	if c.length > w.free {
		w.spill(c)
		return
	}
	w.free -= c.length
	w.acc = w.acc<<(c.length&63) | uint64(c.bits)
}

// spill puts what does not fit. The upper bits of acc are then of no meaning, and leave it first.
func (w *bitWriter) spill(c code) {
	c.length -= w.free
	w.write(w.acc<<(w.free&63)|uint64(c.bits>>c.length), 8)
	w.acc, w.free = uint64(c.bits), 64-c.length
}

// write appends the upper n bytes of v, with a zero after each 0xff (B.1.1.5).
func (w *bitWriter) write(v uint64, n int) {
	const ones = 0x0101_0101_0101_0101
	if n == 8 && (^v-ones)&v&(ones<<7) == 0 {
		w.bytes = binary.BigEndian.AppendUint64(w.bytes, v)
		return
	}
	for range n {
		b := byte(v >> 56)
		w.bytes = append(w.bytes, b)
		if b == 0xff {
			w.bytes = append(w.bytes, 0)
		}
		v <<= 8
	}
}

// close returns all bytes, the last filled up with ones (F.1.2.3).
func (w *bitWriter) close() []byte {
	w.put(code{bits: 0x7f, length: 7})
	w.write(w.acc<<(w.free&63), int(64-w.free)/8)
	return w.bytes
}

// appendHeader appends all that comes before the first block: JFIF's own segment with no
// resolution, the tables and the headers of the frame and the scan (B.2).
func appendHeader(out []byte, size image.Point, quant [64]uint8) []byte {
	segment := func(marker byte, parts ...[]byte) {
		body := bytes.Join(parts, nil)
		out = append(out, 0xff, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
		out = append(out, body...)
	}
	dc, ac := huffmanDC(), huffmanAC()
	out = append(out, 0xff, 0xd8)                                                                             // SOI
	segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"))                                     // APP0
	segment(0xdb, []byte{0}, quant[:])                                                                        // DQT
	segment(0xc0, []byte{8, byte(size.Y >> 8), byte(size.Y), byte(size.X >> 8), byte(size.X), 1, 1, 0x11, 0}) // SOF0
	segment(0xc4, []byte{0}, dc.counts[:], dc.symbols, []byte{0x10}, ac.counts[:], ac.symbols)                // DHT
	segment(0xda, []byte{1, 1, 0, 0, 63, 0})                                                                  // SOS
	return out
}
