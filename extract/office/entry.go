package office

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"unicode/utf8"
)

// entry is a part as the zip holds it.
type entry struct {
	file *zip.File // nil for one that the directory did not tell of

	packed []byte // of such a one, and perhaps what follows it
	method uint16
}

func (e *entry) open() (io.ReadCloser, error) {
	switch {
	case e.file != nil:
		return e.file.Open()
	case e.method == zip.Store:
		return io.NopCloser(bytes.NewReader(e.packed)), nil
	}
	return flate.NewReader(bytes.NewReader(e.packed)), nil
}

// size returns how many bytes the part has in the zip, at most.
func (e *entry) size() uint64 {
	if e.file != nil {
		return e.file.CompressedSize64
	}
	return uint64(len(e.packed))
}

// salvage lists the parts of a zip without its directory, which stands at the end and is
// the first thing that a broken upload loses: each part follows a header of its own.
func (p *parcel) salvage(b []byte) error {
	const mark = "PK\x03\x04"
	p.parts = map[string]*entry{}
	for n := 0; ; n++ {
		at := bytes.Index(b, []byte(mark))
		if at < 0 {
			break
		}
		if n == p.opts.MaxEntries {
			return p.tooMany()
		}
		h, ok := readHeader(b[at:])
		b = b[at+len(mark):]
		if !ok {
			continue
		}
		if h.locked {
			return locked()
		}
		p.add(key(h.name), &h.entry)
		b = b[h.length-len(mark):]
	}
	if len(p.parts) == 0 {
		return p.damaged
	}
	return nil
}

// header is what stands before a part in a zip.
type header struct {
	entry
	name   string
	locked bool
	length int // bytes of the header, and of the part if they are known
}

// readHeader reads the header at the start of b, and reports whether it is one: its mark
// may stand inside a part by chance.
func readHeader(b []byte) (header, bool) {
	const size, streamed, aes = 30, 8, 99
	if len(b) < size {
		return header{}, false
	}
	u16 := binary.LittleEndian.Uint16
	flags, method := u16(b[6:]), u16(b[8:])
	packed := uint64(binary.LittleEndian.Uint32(b[18:]))
	name := size + int(u16(b[26:]))
	start := name + int(u16(b[28:]))
	if start > len(b) || name == size || !utf8.Valid(b[size:name]) || method != zip.Store && method != zip.Deflate && method != aes {
		return header{}, false
	}
	h := header{name: string(b[size:name]), locked: flags&flagEncrypted != 0, length: start}
	h.entry = entry{method: method, packed: b[start:]}
	if flags&streamed == 0 && packed <= uint64(len(h.packed)) {
		h.packed = h.packed[:packed]
		h.length += int(packed)
	}
	return h, true
}
