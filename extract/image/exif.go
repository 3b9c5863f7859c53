package picture

import (
	"bytes"
	"encoding/binary"
	"iter"
	"time"

	"github.com/docsift/docsift/document"
)

// Tags of what a camera or a scanner wrote down.
const (
	tagTitle    = 269
	tagSoftware = 305
	tagDate     = 306
	tagArtist   = 315
	tagExif     = 0x8769
	tagTaken    = 0x9003
)

// exif is the first directory of a TIFF or of what has its form inside another picture.
// Without any it is empty.
type exif struct{ dir directory }

// exifOf returns how a picture describes itself.
func exifOf(d *document.Document) exif {
	f, err := openTIFF(exifBytes(d.Type, d.Bytes))
	if err != nil {
		return exif{directory{file: f}}
	}
	dir, _, _ := f.directory(f.first)
	return exif{dir}
}

// exifBytes returns the TIFF structure inside a picture that describes it, or nil.
func exifBytes(t document.Type, b []byte) []byte {
	const name = "Exif\x00\x00"
	switch t {
	case document.TIFF:
		return b
	case document.JPEG:
		const app1 = 0xE1
		for marker, data := range jpegMarkers(b) {
			if tiff, ok := bytes.CutPrefix(data, []byte(name)); ok && marker == app1 {
				return tiff
			}
		}
	case document.PNG:
		return chunk(b, 8, "eXIf", pngHeader)
	case document.WebP:
		return bytes.TrimPrefix(chunk(b, 12, "EXIF", riffHeader), []byte(name))
	}
	return nil
}

// orientation returns how the picture is to be turned before it is shown.
func (e exif) orientation() orientation { return e.dir.orientation() }

func (d directory) orientation() orientation {
	if o := d.number(tagOrientation, 0); o <= 8 && orientation(o).valid() {
		return orientation(o)
	}
	return upright
}

// meta returns what is said about the picture; what is not said is "".
func (e exif) meta() map[string]string {
	taken := ""
	if at := e.dir.number(tagExif, 0); at != 0 {
		if d, _, err := e.dir.file.directory(at); err == nil {
			taken = date(d.text(tagTaken))
		}
	}
	if taken == "" {
		taken = date(e.dir.text(tagDate))
	}
	return map[string]string{
		"title":    e.dir.text(tagTitle),
		"author":   e.dir.text(tagArtist),
		"producer": e.dir.text(tagSoftware),
		"created":  taken,
	}
}

// date returns a date of Exif in the form of ISO 8601, or "".
func date(s string) string {
	t, err := time.Parse("2006:01:02 15:04:05", s)
	if err != nil {
		return ""
	}
	return t.Format("2006-01-02T15:04:05")
}

// jpegMarkers yields the segments of a JPEG before its pixels.
func jpegMarkers(b []byte) iter.Seq2[byte, []byte] {
	const startOfScan, filling = 0xDA, 0xFF
	return func(yield func(byte, []byte) bool) {
		for i := 2; i+4 <= len(b) && b[i] == 0xFF; {
			marker := b[i+1]
			if marker == filling {
				i++
				continue
			}
			end := i + 2 + int(binary.BigEndian.Uint16(b[i+2:]))
			if marker == startOfScan || end < i+4 || end > len(b) || !yield(marker, b[i+4:end]) {
				return
			}
			i = end
		}
	}
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
