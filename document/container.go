package document

import (
	"bytes"
	"encoding/binary"
	"iter"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/docsift/docsift/fault"
)

// detectZip names the document inside a zip by the parts that its directory lists. A zip
// cut short has lost its directory, so the parts are looked for from the front as well.
func detectZip(b []byte) (Type, error) {
	media := ""
	for name := range zipNames(b) {
		if media = partOf(name); media != "" {
			break
		}
	}
	if media == "" {
		seen := mimetype.Detect(b)
		media, _, _ = strings.Cut(seen.String(), ";")
	}
	if t, ok := typeOf(media); ok {
		return t, nil
	}
	return "", unsupported(media)
}

// partOf returns the media type of the document that has a part called name, or "".
func partOf(name string) string {
	const office = "application/vnd.openxmlformats-officedocument."
	switch root, rest, _ := strings.Cut(strings.ReplaceAll(name, `\`, "/"), "/"); strings.ToLower(root) {
	case "word":
		return DOCX.MIME()
	case "xl":
		if strings.HasSuffix(rest, ".bin") && strings.HasPrefix(rest, "workbook") {
			return "application/vnd.ms-excel.sheet.binary.macroenabled.12"
		}
		if strings.HasSuffix(rest, ".xml") && !strings.HasPrefix(rest, "_rels") {
			return XLSX.MIME()
		}
	case "ppt":
		return office + "presentationml.presentation"
	case "visio":
		return "application/vnd.ms-visio.drawing.main+xml"
	}
	return ""
}

// zipNames yields the names in the central directory of a zip, as far as it can be followed.
func zipNames(b []byte) iter.Seq[string] {
	const (
		endMark, entryMark = "PK\x05\x06", "PK\x01\x02"
		endSize, entrySize = 22, 46
		maxComment         = 1<<16 - 1
		maxNames           = 1000
	)
	return func(yield func(string) bool) {
		tail := b[max(0, len(b)-endSize-maxComment):]
		end := bytes.LastIndex(tail, []byte(endMark))
		if end < 0 || len(tail)-end < endSize {
			return
		}
		at := uint64(binary.LittleEndian.Uint32(tail[end+16:]))
		for range maxNames {
			if at+entrySize > uint64(len(b)) || string(b[at:at+4]) != entryMark {
				return
			}
			entry := b[at:]
			name := int(binary.LittleEndian.Uint16(entry[28:]))
			extra := int(binary.LittleEndian.Uint16(entry[30:]))
			comment := int(binary.LittleEndian.Uint16(entry[32:]))
			if entrySize+name > len(entry) || !yield(string(entry[entrySize:entrySize+name])) {
				return
			}
			at += uint64(entrySize + name + extra + comment)
		}
	}
}

// refuseOLE says what an OLE file holds: no kind of it is read.
func refuseOLE(b []byte) error {
	switch media := oleMedia(b); media {
	case "":
		return unsupported("application/x-ole-storage")
	case oleEncrypted:
		return fault.New(fault.Encrypted, nil, "an Office file protected by a password: remove the protection and send it again")
	default:
		return unsupported(media)
	}
}

const oleEncrypted = "encrypted"

// oleMedia names the program behind an OLE file by its streams. Directory entries stand at
// multiples of 128 bytes wherever the directory is, so it need not be followed. The stream
// that comes first is the document's own; later ones may belong to embedded objects.
func oleMedia(b []byte) string {
	const entrySize = 128
	media := ""
	for at := 512; at+entrySize <= len(b); at += entrySize {
		switch m := streamMedia(b[at : at+entrySize]); {
		case m == oleEncrypted:
			return m
		case media == "":
			media = m
		}
	}
	return media
}

func streamMedia(entry []byte) string {
	// The letters first: nearly every block fails here.
	if entry[1] != 0 || entry[3] != 0 || entry[0] == 0 || entry[66] > 5 {
		return ""
	}
	n := int(binary.LittleEndian.Uint16(entry[64:])) // bytes, with the closing zero
	if n < 4 || n > 64 {
		return ""
	}
	name := make([]byte, 0, 32)
	for i := 0; i+2 < n; i += 2 {
		name = append(name, entry[i])
	}
	switch s := string(name); {
	case s == "EncryptedPackage":
		return oleEncrypted
	case s == "WordDocument":
		return "application/msword"
	case s == "Workbook", s == "Book":
		return "application/vnd.ms-excel"
	case s == "PowerPoint Document":
		return "application/vnd.ms-powerpoint"
	case s == "VisioDocument":
		return "application/vnd.visio"
	case strings.HasPrefix(s, "__properties_version"), strings.HasPrefix(s, "__substg"):
		return "application/vnd.ms-outlook"
	}
	return ""
}
