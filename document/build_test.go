package document_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"strings"
	"unicode/utf16"
)

const odf = "application/vnd.oasis.opendocument."

func seeds() [][]byte {
	return [][]byte{
		[]byte(minimal), []byte(prose), []byte(table), zipped("word/document.xml"), ole("Root Entry", "Workbook"),
		inUTF16(binary.LittleEndian, prose), oleFile("Nested/Book", "PowerPoint Document"), brands("mif1", "heic"),
		storedZip("mimetype", odf+"text"), deflatedZip("[Content_Types].xml", contentTypes("wordprocessingml.document")),
		[]byte("From: a@example.org\nSubject: x\n\n"), []byte("Stra\xDFe"), []byte("\x82\xb1\x82\xf1\x82\xc9"), []byte("%\xE2\n1 0 obj"),
		[]byte("\xFF\xFE\x00\x00a\x00\x00\x00"), []byte("a|b\n1|2\n3|4"), []byte("<p>Hello"), encoded(png.Encode), []byte("<?xml <!--"), []byte("<!-"),
	}
}

func encoded(encode func(io.Writer, image.Image) error) []byte {
	var b bytes.Buffer
	if err := encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// zipped returns a zip with an entry of each name.
func zipped(names ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			panic(err)
		}
		if _, err := io.WriteString(w, "<x/>"); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// storedZip returns a zip with one entry that is not compressed.
func storedZip(name, content string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(content)),
		CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
	})
	if err != nil {
		panic(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// many returns n names that begin with prefix, then the rest.
func many(prefix string, n int, rest ...string) []string {
	names := make([]string, 0, n+len(rest))
	for i := range n {
		names = append(names, fmt.Sprint(prefix, i))
	}
	return append(names, rest...)
}

// ole returns the header of an OLE file and, after a sector of padding, a directory of names.
func ole(names ...string) []byte {
	b := append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 1024-8)...)
	for _, name := range names {
		entry := make([]byte, 128)
		copy(entry, inUTF16(binary.LittleEndian, name))
		binary.LittleEndian.PutUint16(entry[64:], uint16(2*len(name)+2))
		entry[66] = 2
		b = append(b, entry...)
	}
	return b
}

func inUTF16(order binary.AppendByteOrder, text string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

// deflatedZip returns a zip with one entry that is compressed.
func deflatedZip(name, content string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		panic(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// contentTypes returns the list of parts of an Office file with one main part.
func contentTypes(main string) string {
	return `<Types><Override PartName="/doc.xml" ContentType="application/vnd.openxmlformats-officedocument.` + main + `.main+xml"/></Types>`
}

// oleFile returns an OLE file with streams at its root, or one storage below it for a name
// with a slash. Its directory comes after a sector of padding.
func oleFile(names ...string) []byte {
	const none, end = 0xFFFFFFFF, 0xFFFFFFFE
	put := binary.LittleEndian.PutUint32
	header := make([]byte, 512)
	copy(header, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	header[30] = 9
	put(header[48:], 2)
	put(header[68:], end)
	for i := 76; i < 512; i += 4 {
		put(header[i:], none)
	}
	put(header[76:], 0)
	var dir []byte
	entry := func(name string, kind byte) int {
		e := make([]byte, 128)
		copy(e, inUTF16(binary.LittleEndian, name))
		binary.LittleEndian.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66] = kind
		put(e[68:], none)
		put(e[72:], none)
		put(e[76:], none)
		dir = append(dir, e...)
		return len(dir) - len(e)
	}
	last := entry("Root Entry", 5) + 76 // where the next child at the root is linked
	for _, name := range names {
		storage, stream, nested := strings.Cut(name, "/")
		kind := byte(2)
		if nested {
			kind = 1
		}
		at := entry(storage, kind)
		put(dir[last:], uint32(at/128))
		last = at + 72
		if nested {
			put(dir[at+76:], uint32(entry(stream, 2)/128))
		}
	}
	sectors := (len(dir) + 511) / 512
	table := bytes.Repeat([]byte{0xFF}, 512)
	for i := range sectors {
		put(table[4*(2+i):], uint32(3+i))
	}
	put(table[4*(1+sectors):], end)
	dir = append(dir, make([]byte, 512*sectors-len(dir))...)
	return append(append(append(header, table...), make([]byte, 512)...), dir...)
}

// brands returns the first box of an ISO media file.
func brands(major string, others ...string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(16+4*len(others)))
	b = append(append(b, "ftyp"+major...), 0, 0, 0, 0)
	for _, o := range others {
		b = append(b, o...)
	}
	return append(b, make([]byte, 40)...)
}

// movingPNG returns a picture with the chunk that begins an animation.
func movingPNG() []byte {
	const header = 8 + 25
	b := encoded(png.Encode)
	chunk := []byte("\x00\x00\x00\x08acTL\x00\x00\x00\x01\x00\x00\x00\x00")
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(append([]byte{}, b[:header]...), chunk...), b[header:]...)
}
