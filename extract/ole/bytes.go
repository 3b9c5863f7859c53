package ole

import (
	"encoding/binary"
	"unicode/utf16"
)

// The numbers of these formats are little-endian. What lies past the end of the bytes is read
// as zero: a file cut short is read as far as it goes.

func u16(b []byte, at int) int {
	if at < 0 || at+2 > len(b) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(b[at:]))
}

func u32(b []byte, at int) uint32 {
	if at < 0 || at+4 > len(b) {
		return 0
	}
	return binary.LittleEndian.Uint32(b[at:])
}

func u64(b []byte, at int) uint64 {
	return uint64(u32(b, at)) | uint64(u32(b, at+4))<<32
}

// from returns b without its first at bytes.
func from(b []byte, at int) []byte {
	return b[max(0, min(at, len(b))):]
}

// span returns what there is of n bytes at an offset.
func span(b []byte, at, n int) []byte {
	b = from(b, at)
	return b[:max(0, min(n, len(b)))]
}

// utf16Text decodes UTF-16.
func utf16Text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// latinText decodes text of which only the lower bytes of UTF-16 are kept.
func latinText(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}
