package document

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"iter"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/docsift/docsift/fault"
)

const (
	zipMark  = "PK\x03\x04"
	zipEmpty = "PK\x05\x06" // the end of a directory that lists nothing
)

// detectZip names the document inside a zip by the parts that its directory lists, or by
// what one of them says. A zip cut short has lost its directory, so the parts are looked
// for from the front as well.
func detectZip(b []byte) (Type, error) {
	const maxTellers = 8
	media, told, asked := "", "", 0
	for e := range zipEntries(b) {
		if media = partOf(e.name); media != "" {
			break
		}
		if told == "" && tells(e.name) && asked < maxTellers {
			told, asked = mediaIn(b, e), asked+1
		}
	}
	if media == "" {
		media = told
	}
	if media == "" {
		seen := mimetype.Detect(b)
		media, _, _ = strings.Cut(seen.String(), ";")
	}
	if t, ok := typeOf(documentMedia(media)); ok {
		return t, nil
	}
	return "", unsupported(media)
}

// detectEmptyZip refuses a zip without a single part.
func detectEmptyZip(b []byte) error {
	const size = 22
	if len(b) == size {
		return fault.New(fault.Empty, nil, "the document is a zip archive with nothing inside")
	}
	return unsupported("application/zip")
}

// partOf returns the media type of the document that has a part called name, or "".
func partOf(name string) string {
	root, rest, _ := strings.Cut(strings.ReplaceAll(name, `\`, "/"), "/")
	switch strings.ToLower(root) {
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
		return PPTX.MIME()
	case "visio":
		return "application/vnd.ms-visio.drawing.main+xml"
	case "index.apxl":
		return "application/vnd.apple.iwork"
	case "fixeddocumentsequence.fdseq", "fixeddocseq.fdseq":
		return "application/vnd.ms-xpsdocument"
	}
	if strings.HasSuffix(rest, ".iwa") {
		return "application/vnd.apple.iwork"
	}
	return ""
}

// tells reports whether a part of this name says what the zip is.
func tells(name string) bool {
	switch name {
	case "mimetype", "META-INF/manifest.xml", "[Content_Types].xml":
		return true
	}
	return false
}

// mediaIn returns the media type that a part of b names, or "".
func mediaIn(b []byte, e zipEntry) string {
	text := e.read(b)
	if e.name == "mimetype" {
		return strings.TrimSpace(text)
	}
	return mainMedia(text)
}

// mainMedia returns the media type of the document that a list of parts describes, or "".
func mainMedia(list string) string {
	switch {
	case strings.Contains(list, "wordprocessingml.document.main+xml"), strings.Contains(list, "wordprocessingml.template.main+xml"):
		return DOCX.MIME()
	case strings.Contains(list, "spreadsheetml.sheet.main+xml"), strings.Contains(list, "spreadsheetml.template.main+xml"):
		return XLSX.MIME()
	case strings.Contains(list, "presentationml."):
		return PPTX.MIME()
	}
	const mark = "application/vnd.oasis.opendocument."
	if at := strings.Index(list, mark); at >= 0 {
		end := at + len(mark)
		for end < len(list) && (list[end] == '-' || list[end] >= 'a' && list[end] <= 'z') {
			end++
		}
		return list[at:end]
	}
	return ""
}

// documentMedia returns the media type of the documents that a template makes.
func documentMedia(media string) string {
	media = strings.TrimSuffix(media, "-template")
	switch media {
	case "application/vnd.oasis.opendocument.text-master", "application/vnd.oasis.opendocument.text-web":
		return ODT.MIME() // of several documents, or of a web page that was saved as one
	}
	return media
}

// zipEntry is what the directory of a zip says of a part.
type zipEntry struct {
	name   string
	method uint16
	packed uint32 // bytes
	at     uint32 // of its own header
}

// zipEntries yields the entries of the directory of a zip, as far as it can be followed.
func zipEntries(b []byte) iter.Seq[zipEntry] {
	const (
		endMark, entryMark = "PK\x05\x06", "PK\x01\x02"
		endSize, entrySize = 22, 46
		maxComment         = 1<<16 - 1
		maxEntries         = 1 << 16
	)
	return func(yield func(zipEntry) bool) {
		tail := b[max(0, len(b)-endSize-maxComment):]
		end := bytes.LastIndex(tail, []byte(endMark))
		if end < 0 || len(tail)-end < endSize {
			return
		}
		at := uint64(binary.LittleEndian.Uint32(tail[end+16:]))
		for range maxEntries {
			if at+entrySize > uint64(len(b)) || string(b[at:at+4]) != entryMark {
				return
			}
			h := b[at:]
			name := int(binary.LittleEndian.Uint16(h[28:]))
			extra := int(binary.LittleEndian.Uint16(h[30:]))
			comment := int(binary.LittleEndian.Uint16(h[32:]))
			if entrySize+name > len(h) {
				return
			}
			e := zipEntry{
				name:   string(h[entrySize : entrySize+name]),
				method: binary.LittleEndian.Uint16(h[10:]),
				packed: binary.LittleEndian.Uint32(h[20:]),
				at:     binary.LittleEndian.Uint32(h[42:]),
			}
			if !yield(e) {
				return
			}
			at += uint64(entrySize + name + extra + comment)
		}
	}
}

// read returns the beginning of the part, as far as it can be unpacked.
func (e zipEntry) read(b []byte) string {
	const headerSize, limit = 30, 64 << 10
	if uint64(e.at)+headerSize > uint64(len(b)) {
		return ""
	}
	h := b[e.at:]
	data := h[min(len(h), headerSize+int(binary.LittleEndian.Uint16(h[26:]))+int(binary.LittleEndian.Uint16(h[28:]))):]
	data = data[:min(uint64(len(data)), uint64(e.packed))]
	if e.method == zip.Store {
		return string(data[:min(len(data), limit)])
	}
	text, _ := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), limit)) // a beginning may do
	return string(text)
}
