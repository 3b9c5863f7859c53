package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
)

// tiffFile is the bytes of a TIFF, or of the Exif data that has its form.
type tiffFile struct {
	data  []byte
	order binary.ByteOrder
	big   bool // BigTIFF, in which positions have eight bytes
	first uint64
}

// The most directories that are followed, and the most entries of one that are looked at.
const (
	maxDirectories = 10_000
	maxEntries     = 1_000
)

var (
	errNotTIFF         = errors.New("no TIFF header")
	errManyDirectories = errors.New("too many directories")
)

func openTIFF(b []byte) (tiffFile, error) {
	f := tiffFile{data: b, order: binary.LittleEndian}
	if len(b) < 8 {
		return f, errNotTIFF
	}
	if b[0] == 'M' {
		f.order = binary.BigEndian
	}
	if s := string(b[:2]); s != "II" && s != "MM" {
		return f, errNotTIFF
	}
	switch version := f.order.Uint16(b[2:]); {
	case version == 42:
		f.first = uint64(f.order.Uint32(b[4:]))
	case version == 43 && len(b) >= 16:
		f.big, f.first = true, f.order.Uint64(b[8:])
	default:
		return f, errNotTIFF
	}
	return f, nil
}

// part returns n bytes at a position, or nil if the file does not hold them.
func (f tiffFile) part(at, n uint64) []byte {
	size := uint64(len(f.data))
	if at > size || n > size-at {
		return nil
	}
	return f.data[at:][:n]
}

// directory is the description of one picture: entries of one length, unread.
type directory struct {
	file    tiffFile
	entries []byte
}

// width is the size of an entry.
func (d directory) width() int {
	if d.file.big {
		return 20
	}
	return 12
}

// directory returns the directory at a position, and where the next one is, or 0.
func (f tiffFile) directory(at uint64) (directory, uint64, error) {
	d := directory{file: f}
	head, tail := uint64(2), uint64(4)
	if f.big {
		head, tail = 8, 8
	}
	b := f.part(at, head)
	if b == nil {
		return d, 0, errors.New("a directory beyond the end")
	}
	n := uint64(f.order.Uint16(b))
	if f.big {
		n = min(f.order.Uint64(b), 1<<16)
	}
	size := n * uint64(d.width())
	rest := f.data[at+head:]
	d.entries = rest[:min(size, maxEntries*uint64(d.width()), uint64(len(rest)))]
	end := f.part(at+head+size, tail)
	switch {
	case end == nil:
		return d, 0, nil
	case f.big:
		return d, f.order.Uint64(end), nil
	}
	return d, uint64(f.order.Uint32(end)), nil
}

// directories returns all directories in order. One that was seen before ends the list.
func (f tiffFile) directories() ([]directory, error) {
	var all []directory
	seen := map[uint64]bool{}
	for at := f.first; at != 0 && !seen[at]; {
		if len(all) == maxDirectories {
			return nil, errManyDirectories
		}
		d, next, err := f.directory(at)
		if err != nil && len(all) > 0 {
			break // what came before can be shown
		}
		if err != nil {
			return nil, err
		}
		seen[at] = true
		all, at = append(all, d), next
	}
	if len(all) == 0 {
		return nil, errors.New("no directory")
	}
	return all, nil
}

// Sizes of the types of values, by number; 0 for one that does not exist.
func sizeOf(kind uint16) uint64 {
	const sizes = "\x00\x01\x01\x02\x04\x08\x01\x01\x02\x04\x08\x04\x08\x04\x00\x00\x08\x08\x08"
	if int(kind) >= len(sizes) {
		return 0
	}
	return uint64(sizes[kind])
}

// value returns the type of a tag's value and its bytes, of which there are none without the
// tag and for one that lies outside of the file.
func (d directory) value(tag uint16) (kind uint16, b []byte) {
	order, w := d.file.order, d.width()
	for rest := d.entries; len(rest) >= w; rest = rest[w:] {
		if order.Uint16(rest) != tag {
			continue
		}
		kind = order.Uint16(rest[2:])
		size, count, field := sizeOf(kind), uint64(order.Uint32(rest[4:])), rest[8:w]
		if d.file.big {
			count, field = order.Uint64(rest[4:]), rest[12:w]
		}
		if size == 0 || count > uint64(len(d.file.data)) {
			return kind, nil
		}
		if size *= count; size <= uint64(len(field)) {
			return kind, field[:size]
		}
		at := uint64(order.Uint32(field))
		if d.file.big {
			at = order.Uint64(field)
		}
		return kind, d.file.part(at, size)
	}
	return 0, nil
}

// numbers returns at most limit whole numbers of a tag.
func (d directory) numbers(tag uint16, limit int) []uint64 {
	kind, b := d.value(tag)
	var read func([]byte) uint64
	order := d.file.order
	switch kind {
	case 1, 6, 7:
		read = func(b []byte) uint64 { return uint64(b[0]) }
	case 3, 8:
		read = func(b []byte) uint64 { return uint64(order.Uint16(b)) }
	case 4, 9, 13:
		read = func(b []byte) uint64 { return uint64(order.Uint32(b)) }
	case 16, 17, 18:
		read = order.Uint64
	default:
		return nil
	}
	size := int(sizeOf(kind))
	out := make([]uint64, min(limit, len(b)/size))
	for i := range out {
		out[i] = read(b[i*size:])
	}
	return out
}

// number returns the first number of a tag, or missing.
func (d directory) number(tag uint16, missing uint64) uint64 {
	if n := d.numbers(tag, 1); len(n) > 0 {
		return n[0]
	}
	return missing
}

// ratio returns a fraction, or 0.
func (d directory) ratio(tag uint16) float64 {
	kind, b := d.value(tag)
	if kind != 5 || len(b) < 8 {
		return 0
	}
	over := d.file.order.Uint32(b[4:])
	if over == 0 {
		return 0
	}
	return float64(d.file.order.Uint32(b)) / float64(over)
}

// text returns letters, trimmed, and no more than a name has.
func (d directory) text(tag uint16) string {
	const longest = 1000
	kind, b := d.value(tag)
	if kind != 2 {
		return ""
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	return strings.TrimSpace(strings.ToValidUTF8(string(b[:min(len(b), longest)]), ""))
}
