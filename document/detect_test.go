package document_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

const (
	prose = "Dear Ms Quill,\n\nthank you, once again, for your letter of March, which we read with care,\n" +
		"and for the parcel, the map, and the key. We shall answer all of it, point by point, next week.\n\n" +
		"Yours sincerely,\nthe keeper of the lighthouse\n"
	table   = "date,payee,amount\n2026-01-02,Harbour Books,12.50\n2026-01-03,\"Mill, Lane & Co\",99.00\n2026-01-05,Tea House,4.20\n"
	minimal = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
)

type accepted struct {
	name string
	in   []byte
	want document.Type
}

func TestDetectFiles(t *testing.T) {
	testAccepted(t, []accepted{
		{"a PDF", []byte(minimal), document.PDF},
		{"a PDF after a mail header", []byte("X-Sender: scanner\r\n\r\n" + minimal), document.PDF},
		{"a PDF after binary junk", []byte("\x00\x01\x02\xFE\xFF" + minimal), document.PDF},
		{"a PNG", encoded(png.Encode), document.PNG},
		{"a JPEG", encoded(func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }), document.JPEG},
		{"a GIF", encoded(func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }), document.GIF},
		{"a BMP", encoded(bmp.Encode), document.BMP},
		{"a TIFF", encoded(func(w io.Writer, m image.Image) error { return tiff.Encode(w, m, nil) }), document.TIFF},
		{"a WebP", []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"), document.WebP},
		{"a docx", zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), document.DOCX},
		{"a docx whose content types come last", zipped(many("docProps/x", 150, "word/document.xml", "[Content_Types].xml")...), document.DOCX},
		{"a docx with an embedded workbook", zipped("word/embeddings/book.xlsx", "word/document.xml"), document.DOCX},
		{"a docx with back slashes", zipped(`_rels\.rels`, `word\document.xml`), document.DOCX},
		{"a docx cut short", zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml")[:200], document.DOCX},
		{"a docx after which something was appended", append(zipped("word/document.xml"), "appended"...), document.DOCX},
		{"an xlsx", zipped("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), document.XLSX},
	})
}

func TestDetectText(t *testing.T) {
	testAccepted(t, []accepted{
		{"a text that mentions a PDF header", []byte("A PDF file begins with %PDF-1.4 and a line feed.\n"), document.Text},
		{"prose", []byte(prose), document.Text},
		{"one word", []byte("hello"), document.Text},
		{"prose with commas at every line's end", []byte("Dear Ann,\nthank you,\nyours,\n"), document.Text},
		{"a list with one comma a line", []byte("Tea, green\nTea, black\nTea, white\nTea, red\n"), document.Text},
		{"a table with commas", []byte(table), document.CSV},
		{"a table with semicolons", []byte(strings.ReplaceAll(table, ",", ";")), document.CSV},
		{"a table longer than the sample", []byte("a,b,c\n" + strings.Repeat("100,200,300\n", 5000)), document.CSV},
		{"a web page", []byte("<!DOCTYPE html><html><body>Hello</body></html>"), document.HTML},
		{"a web page in capitals", []byte("<HTML><BODY>Hello"), document.HTML},
		{"a web page after a comment", []byte("<!-- saved from the web -->\n<html>Hello</html>"), document.HTML},
		{"a web page as XML", []byte("<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><body/></html>"), document.HTML},
		{"a fragment of a web page", []byte("<div class=\"x\"><p>Hello</p></div>"), document.HTML},
		{"a fragment that is a table", []byte("\n <table border=1><tr><td>Total<td>5</table>"), document.HTML},
		{"other XML", []byte("<?xml version=\"1.0\"?><order><line>1</line></order>"), document.Text},
		{"a comparison", []byte("<5 is small, and so is <7\n"), document.Text},
		{"JSON", []byte(`{"invoice": 7, "lines": [1, 2]}`), document.Text},
		{"markdown", []byte("# Minutes\n\n- one\n- two\n"), document.Text},
		{"source code", []byte("#!/usr/bin/env python\nimport os\nprint(os.name)\n"), document.Text},
		{"a mail", []byte("From: a@example.org\r\nTo: b@example.org\r\nSubject: tea\r\n\r\nHello\r\n"), document.Text},
		{"UTF-8 with a mark", []byte("\xEF\xBB\xBFGrüße aus Köln\n"), document.Text},
		{"UTF-16LE with a mark", inUTF16(binary.LittleEndian, "\uFEFF"+prose), document.Text},
		{"UTF-16BE with a mark", inUTF16(binary.BigEndian, "\uFEFF"+prose), document.Text},
		{"UTF-16LE without a mark", inUTF16(binary.LittleEndian, prose), document.Text},
		{"UTF-16BE without a mark", inUTF16(binary.BigEndian, prose), document.Text},
		{"a table in UTF-16", inUTF16(binary.LittleEndian, "\uFEFF"+table), document.CSV},
		{"a long UTF-16 text with a surrogate at the edge", inUTF16(binary.LittleEndian, "\uFEFF"+strings.Repeat("x", 1022)+"😀 and more"), document.Text},
		{"Windows-1252", []byte("Stra\xDFe, Caf\xE9, 5 \x80, \x93quoted\x94\n"), document.Text},
		{"text with a few control bytes", []byte("\x02Report\x03\n" + strings.Repeat("a line of the report\n", 50) + "\x1A"), document.Text},
		{"text with a rune over the sample's edge", []byte(strings.Repeat("a", 4095) + "ü and on"), document.Text},
		{"words that look like a bitmap", []byte("BM" + strings.Repeat(" is the mark of a bitmap.", 4)), document.Text},
		{"words that look like a program", []byte("MZ is what the old programs begin with.\n"), document.Text},
	})
}

func testAccepted(t *testing.T, tests []accepted) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := document.Read(bytes.NewReader(tt.in), "wrong.exe", document.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d.Type != tt.want {
				t.Errorf("type %q, want %q", d.Type, tt.want)
			}
		})
	}
}

func TestDetectRefuses(t *testing.T) {
	noise := make([]byte, 4096)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	tests := []struct {
		name string
		in   []byte
		kind fault.Kind
		want string // in the message
	}{
		{"a zip", zipped("a.pdf", "b.pdf"), fault.Unsupported, "a zip archive; unpack it"},
		{"a zip that keeps a PDF", storedZip("a.pdf", minimal), fault.Unsupported, "a zip archive"},
		{"an empty zip", zipped(), fault.Unsupported, "a zip archive"},
		{"a presentation", zipped("[Content_Types].xml", "ppt/presentation.xml"), fault.Unsupported, "PowerPoint presentation (.pptx); save it as PDF"},
		{"a binary workbook", zipped("[Content_Types].xml", "xl/workbook.bin", "xl/styles.xml"), fault.Unsupported, "(.xlsb); save it as .xlsx"},
		{"a drawing", zipped("visio/document.xml"), fault.Unsupported, "Visio"},
		{"an OpenDocument text", storedZip("mimetype", "application/vnd.oasis.opendocument.text"), fault.Unsupported, "(.odt)"},
		{"an old Word document", ole("Root Entry", "WordDocument", "ObjectPool", "Workbook"), fault.Unsupported, "old Word document (.doc); save it as .docx"},
		{"an old workbook", ole("Root Entry", "Workbook"), fault.Unsupported, "old Excel workbook (.xls)"},
		{"an old presentation", ole("Root Entry", "PowerPoint Document"), fault.Unsupported, "(.ppt)"},
		{"an Outlook message", ole("Root Entry", "__properties_version1.0"), fault.Unsupported, "Outlook message (.msg)"},
		{"an OLE file of another program", ole("Root Entry", "Contents"), fault.Unsupported, "unknown program"},
		{"an OLE file cut short", ole("Root Entry", "WordDocument")[:20], fault.Unsupported, "unknown program"},
		{"a protected Office file", ole("Root Entry", "EncryptionInfo", "EncryptedPackage"), fault.Encrypted, "password"},
		{"rich text", []byte(`{\rtf1\ansi Hello}`), fault.Unsupported, "(.rtf)"},
		{"PostScript", []byte("%!PS-Adobe-3.0\n/Helvetica findfont\n"), fault.Unsupported, "PostScript"},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><text>Hi</text></svg>`), fault.Unsupported, "SVG"},
		{"a picture in letters", []byte("P1\n2 2\n1 0\n0 1\n"), fault.Unsupported, "image/x-portable-bitmap; save it as PNG"},
		{"gzip", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x04\x02"), fault.Unsupported, "archive (application/gzip)"},
		{"a program", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00"), fault.Unsupported, "docsift reads pdf, png"},
		{"a video", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), fault.Unsupported, "video/mp4"},
		{"noise", noise, fault.Unsupported, "binary data"},
		{"noise behind a UTF-16 mark", append([]byte{0xFF, 0xFE}, noise...), fault.Unsupported, "binary data"},
		{"letters with binary data behind", append([]byte(strings.Repeat("letters ", 2000)), make([]byte, 5000)...), fault.Unsupported, "binary data"},
		{"zero bytes", make([]byte, 100), fault.Unsupported, "binary data"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := document.Read(bytes.NewReader(tt.in), "invoice.pdf", document.Options{})
			if got := fault.KindOf(err); got != tt.kind {
				t.Fatalf("kind %q (%v), want %q", got, err, tt.kind)
			}
			if msg := fault.Message(err); !strings.Contains(msg, tt.want) {
				t.Errorf("message %q, want it to hold %q", msg, tt.want)
			}
		})
	}
}

func TestTypes(t *testing.T) {
	tests := []struct {
		typ   document.Type
		mime  string
		image bool
	}{
		{document.PDF, "application/pdf", false},
		{document.TIFF, "image/tiff", true},
		{document.JPEG, "image/jpeg", true},
		{document.CSV, "text/csv", false},
		{document.Type("exe"), "application/octet-stream", false},
	}
	for _, tt := range tests {
		t.Run(string(tt.typ), func(t *testing.T) {
			if got := tt.typ.MIME(); got != tt.mime {
				t.Errorf("MIME %q, want %q", got, tt.mime)
			}
			if got := tt.typ.IsImage(); got != tt.image {
				t.Errorf("IsImage %v, want %v", got, tt.image)
			}
		})
	}
}

func BenchmarkDetect(b *testing.B) {
	pad := func(s []byte) []byte { return append(s, bytes.Repeat([]byte{0x55}, 1<<20)...) }
	for _, bb := range []struct {
		name string
		in   []byte
	}{
		{"text", bytes.Repeat([]byte(prose), 1<<20/len(prose))},
		{"table", bytes.Repeat([]byte(table), 1<<20/len(table))},
		{"utf16", inUTF16(binary.LittleEndian, strings.Repeat(prose, 1<<19/len(prose)))},
		{"pdf", pad([]byte(minimal))},
		{"late pdf", pad([]byte("junk\n" + minimal))},
		{"png", pad(encoded(png.Encode))},
		{"docx", storedZip("word/document.xml", strings.Repeat("x", 1<<20))},
		{"ole", pad(ole("Root Entry"))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				_, _ = document.Detect(bb.in)
			}
		})
	}
}

func seeds() [][]byte {
	return [][]byte{
		[]byte(minimal), []byte(prose), []byte(table), zipped("word/document.xml"), ole("Root Entry", "Workbook"),
		inUTF16(binary.LittleEndian, prose), []byte("<p>Hello"), encoded(png.Encode), []byte("<?xml <!--"), []byte("<!-"),
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
