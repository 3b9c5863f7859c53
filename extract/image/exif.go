package picture

import (
	"bytes"
	"encoding/binary"

	"github.com/docsift/docsift/document"
)

const tagOrientation = 0x0112

// orientationOf returns how a picture is to be turned before it is shown, as its camera or
// scanner wrote it down.
func orientationOf(d *document.Document) orientation {
	return exifOrientation(exifOf(d.Type, d.Bytes))
}

// exifOf returns the TIFF structure inside a picture that describes it, or nil.
func exifOf(t document.Type, b []byte) []byte {
	switch t {
	case document.TIFF:
		return b
	case document.JPEG:
		return jpegExif(b)
	case document.PNG:
		return chunk(b, 8, "eXIf", pngHeader)
	case document.WebP:
		return bytes.TrimPrefix(chunk(b, 12, "EXIF", riffHeader), []byte("Exif\x00\x00"))
	}
	return nil
}

func jpegExif(b []byte) []byte {
	const sos, app1 = 0xDA, 0xE1
	for i := 2; i+4 <= len(b) && b[i] == 0xFF; {
		marker := b[i+1]
		if marker == 0xFF { // filling
			i++
			continue
		}
		end := i + 2 + int(binary.BigEndian.Uint16(b[i+2:]))
		if marker == sos || end < i+4 || end > len(b) {
			return nil
		}
		if tiff, ok := bytes.CutPrefix(b[i+4:end], []byte("Exif\x00\x00")); ok && marker == app1 {
			return tiff
		}
		i = end
	}
	return nil
}

// header reads the name and the length of a chunk, and says where its data begins and how
// many bytes follow them.
type header func(b []byte) (name string, size uint32, data, trailer int)

func pngHeader(b []byte) (string, uint32, int, int) {
	return string(b[4:8]), binary.BigEndian.Uint32(b), 8, 4
}

func riffHeader(b []byte) (string, uint32, int, int) {
	size := binary.LittleEndian.Uint32(b[4:])
	return string(b[:4]), size, 8, int(size & 1)
}

// chunk returns the data of the first chunk called name, or nil.
func chunk(b []byte, start int, name string, read header) []byte {
	for i := start; i >= 0 && i+8 <= len(b); {
		got, size, data, trailer := read(b[i:])
		if uint64(size) > uint64(len(b)-i-data) {
			return nil
		}
		if got == name {
			return b[i+data:][:size]
		}
		i += data + int(size) + trailer
	}
	return nil
}

// exifOrientation returns the orientation that a TIFF structure states, or upright.
func exifOrientation(b []byte) orientation {
	order, entries := ifd(b)
	for e := range entries {
		if order.Uint16(e) == tagOrientation {
			if o := orientation(order.Uint16(e[8:])); o.valid() {
				return o
			}
		}
	}
	return upright
}

// countIFDs returns how many pictures a TIFF holds, at least 1.
func countIFDs(b []byte) int {
	order, at := tiffStart(b)
	seen := map[uint32]bool{}
	for at != 0 && !seen[at] && int64(at)+2 <= int64(len(b)) {
		seen[at] = true // a directory may point back
		next := int64(at) + 2 + 12*int64(order.Uint16(b[at:]))
		if next+4 > int64(len(b)) {
			break
		}
		at = order.Uint32(b[next:])
	}
	return max(1, len(seen))
}

// ifd yields the twelve bytes of every entry of the first directory.
func ifd(b []byte) (binary.ByteOrder, func(yield func([]byte) bool)) {
	order, at := tiffStart(b)
	return order, func(yield func([]byte) bool) {
		if at == 0 || int64(at)+2 > int64(len(b)) {
			return
		}
		rest := b[at+2:]
		for range order.Uint16(b[at:]) {
			if len(rest) < 12 || !yield(rest[:12]) {
				return
			}
			rest = rest[12:]
		}
	}
}

// tiffStart returns a TIFF's byte order and where its first directory is, 0 for no TIFF.
func tiffStart(b []byte) (binary.ByteOrder, uint32) {
	if len(b) < 8 {
		return binary.LittleEndian, 0
	}
	switch string(b[:4]) {
	case "II*\x00":
		return binary.LittleEndian, binary.LittleEndian.Uint32(b[4:])
	case "MM\x00*":
		return binary.BigEndian, binary.BigEndian.Uint32(b[4:])
	}
	return binary.LittleEndian, 0
}
