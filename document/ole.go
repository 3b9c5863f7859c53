package document

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf16"

	"github.com/docsift/docsift/fault"
)

const (
	oleMark      = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
	oleEntrySize = 128
	oleHeader    = 512
	oleNone      = 0xFFFFFFFF
)

// detectOLE names the document inside an OLE file by the streams at its root. When the
// directory cannot be followed, the first known stream in the file decides.
func detectOLE(b []byte) (Type, error) {
	names := oleRoot(oleDirectory(b))
	if len(names) == 0 {
		names = oleNames(b)
	}
	if slices.Contains(names, "EncryptedPackage") {
		return "", fault.New(fault.Encrypted, nil, "an Office file protected by a password: remove the protection and send it again")
	}
	media := "application/x-ole-storage"
	for _, name := range names {
		m := streamMedia(name)
		if t, ok := typeOf(m); ok {
			return t, nil
		}
		if m != "" {
			media = m
		}
	}
	return "", unsupported(media)
}

// streamMedia returns the media type of the program that keeps its document in a stream
// of this name, or "".
func streamMedia(name string) string {
	switch name {
	case "WordDocument":
		return DOC.MIME()
	case "Workbook", "Book", "WORKBOOK", "BOOK":
		return XLS.MIME()
	case "PowerPoint Document", "PP97_DUALSTORAGE":
		return PPT.MIME()
	case "__properties_version1.0":
		return MSG.MIME()
	case "VisioDocument":
		return "application/vnd.visio"
	case "Quill":
		return "application/x-mspublisher"
	case "MatOST", "MM":
		return "application/vnd.ms-works"
	case "BodyText", "\x05HwpSummaryInformation":
		return "application/x-hwp"
	}
	return ""
}

// oleDirectory returns the entries of the directory, each of oleEntrySize bytes, as far as
// the table of sectors leads.
func oleDirectory(b []byte) []byte {
	const maxSectors = 4096
	if len(b) < oleHeader {
		return nil
	}
	shift := binary.LittleEndian.Uint16(b[30:])
	if shift != 9 && shift != 12 {
		return nil
	}
	size := 1 << shift
	var dir []byte
	at := binary.LittleEndian.Uint32(b[48:])
	for range maxSectors {
		sector := oleSector(b, at, size)
		if sector == nil {
			break
		}
		dir = append(dir, sector...)
		at = oleNext(b, at, size)
	}
	return dir
}

// oleSector returns a sector, the last one perhaps cut short, or nil.
func oleSector(b []byte, n uint32, size int) []byte {
	at := (int64(n) + 1) * int64(size)
	if n >= oleNone-5 || at+oleEntrySize > int64(len(b)) {
		return nil
	}
	return b[at:min(at+int64(size), int64(len(b)))]
}

// oleNext returns the sector that follows n by the table of sectors, of which the header
// lists the first parts and leads to the list of the others.
func oleNext(b []byte, n uint32, size int) uint32 {
	const inHeader, maxHops = 109, 1024
	perSector := uint32(size / 4)
	part := n / perSector
	list, place := b[76:oleHeader], part
	if part >= inHeader {
		place = (part - inHeader) % (perSector - 1)
		hops := (part - inHeader) / (perSector - 1)
		at := binary.LittleEndian.Uint32(b[68:])
		for ; ; hops-- {
			if list = oleSector(b, at, size); len(list) < size || hops > maxHops {
				return oleNone
			}
			if hops == 0 {
				break
			}
			at = binary.LittleEndian.Uint32(list[size-4:])
		}
	}
	table := oleSector(b, binary.LittleEndian.Uint32(list[4*place:]), size)
	if at := 4 * int(n%perSector); at+4 <= len(table) {
		return binary.LittleEndian.Uint32(table[at:])
	}
	return oleNone
}

// oleRoot returns the names of the root's own children: what lies deeper belongs to
// embedded objects.
func oleRoot(dir []byte) []string {
	const left, right, child = 68, 72, 76
	count := uint32(len(dir) / oleEntrySize)
	if count == 0 {
		return nil
	}
	link := func(n uint32, at int) uint32 { return binary.LittleEndian.Uint32(dir[int(n)*oleEntrySize+at:]) }
	seen := make(map[uint32]bool)
	var names []string
	for todo := []uint32{link(0, child)}; len(todo) > 0; {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if n >= count || n == 0 || seen[n] {
			continue
		}
		seen[n] = true
		names = append(names, oleName(dir[n*oleEntrySize:]))
		todo = append(todo, link(n, right), link(n, left))
	}
	return names
}

// oleNames returns every name of a stream or storage, in the order of the file. Entries
// stand at multiples of their size wherever the directory is.
func oleNames(b []byte) []string {
	const maxNames = 1024
	var names []string
	for at := oleHeader; at+oleEntrySize <= len(b) && len(names) < maxNames; at += oleEntrySize {
		if name := oleName(b[at : at+oleEntrySize]); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// oleName returns the name of a directory's entry, or "" when it is none.
func oleName(entry []byte) string {
	// The letters first: nearly every block fails here.
	if entry[1] != 0 || entry[3] != 0 || entry[0] == 0 || entry[66] > 5 {
		return ""
	}
	n := int(binary.LittleEndian.Uint16(entry[64:])) // bytes, with the closing zero
	if n < 4 || n > 64 {
		return ""
	}
	units := make([]uint16, 0, 32)
	for i := 0; i+2 < n; i += 2 {
		units = append(units, binary.LittleEndian.Uint16(entry[i:]))
	}
	return string(bytes.TrimRight([]byte(string(utf16.Decode(units))), "\x00"))
}
