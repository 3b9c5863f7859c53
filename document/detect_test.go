package document_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

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
		{"an xlsx with macros", zipped("[Content_Types].xml", "xl/vbaProject.bin", "xl/workbook.xml"), document.XLSX},
		{"a pptx", zipped("[Content_Types].xml", "ppt/presentation.xml"), document.PPTX},
		{"a docx whose parts have names of their own", storedZip("[Content_Types].xml", contentTypes("wordprocessingml.document")), document.DOCX},
		{"a template of Excel whose parts have names of their own", storedZip("[Content_Types].xml", contentTypes("spreadsheetml.template")), document.XLSX},
		{"an odt", storedZip("mimetype", odf+"text"), document.ODT},
		{"an ods", storedZip("mimetype", odf+"spreadsheet"), document.ODS},
		{"an odp", storedZip("mimetype", odf+"presentation"), document.ODP},
		{"a template of an odt", storedZip("mimetype", odf+"text-template"), document.ODT},
		{"a web page that was saved as an odt", storedZip("mimetype", odf+"text-web"), document.ODT},
		{"an odt that says so in its manifest alone", deflatedZip("META-INF/manifest.xml", `<manifest:file-entry manifest:media-type="`+odf+`text" manifest:full-path="/"/>`), document.ODT},
		{"an old Word document", oleFile("WordDocument", "1Table"), document.DOC},
		{"an old workbook", oleFile("Workbook"), document.XLS},
		{"an older workbook", oleFile("Book"), document.XLS},
		{"an old presentation", oleFile("PowerPoint Document"), document.PPT},
		{"an Outlook message", oleFile("__properties_version1.0", "__nameid_version1.0"), document.MSG},
		{"an old presentation with a workbook embedded before it", oleFile("Nested/Workbook", "PowerPoint Document"), document.PPT},
		{"an old Word document whose directory is lost", ole("Root Entry", "WordDocument", "ObjectPool", "Workbook"), document.DOC},
		{"rich text", []byte(`{\rtf1\ansi Hello}`), document.RTF},
		{"rich text after an empty line", []byte("\r\n{\\rtf1 Hello}"), document.RTF},
		{"a HEIC photo", brands("heic", "mif1", "heic"), document.HEIC},
		{"a HEIC photo of another program", brands("mif1", "miaf", "heix"), document.HEIC},
		{"a moving PNG", movingPNG(), document.PNG},
		{"a BMP as OS/2 wrote it", []byte("BM\x1e\x00\x00\x00\x00\x00\x00\x00\x1a\x00\x00\x00\x0c\x00\x00\x00\x01\x00\x01\x00\x01\x00\x18\x00\xff\x00\x00\x00"), document.BMP},
		{"a picture with a PDF behind", append(encoded(png.Encode), minimal...), document.PNG},
		{"a picture with a zip behind", append(encoded(png.Encode), zipped("word/document.xml")...), document.PNG},
		{"a PDF with a zip behind", append([]byte(minimal), zipped("word/document.xml")...), document.PDF},
	})
}

func TestDetectMail(t *testing.T) {
	testAccepted(t, []accepted{
		{"a mail", []byte("From: a@example.org\r\nTo: b@example.org\r\nSubject: tea\r\n\r\nHello\r\n"), document.EML},
		{"a mail from its first stop on", []byte("Received: from a by b;\r\n Mon, 5 Jan 2026\r\nSubject: tea\r\n\r\nHello\r\n"), document.EML},
		{"a mail out of a mail box", []byte("From ann@example.org Mon Jan  5 10:00:00 2026\nMessage-ID: <1@example.org>\nSubject: tea\n\nHello\n"), document.EML},
		{"a mail with fields of its own", []byte("X-Scanner: 7\nMIME-Version: 1.0\nContent-Type: text/plain\n\n\xFF\xFE\x00\n"), document.EML},
		{"a mail with HTML", []byte("MIME-Version: 1.0\nContent-Type: text/html\n\n<html>Hello</html>\n"), document.EML},
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
		{"a table with tabs", []byte(strings.ReplaceAll("date,payee,amount\n2026-01-02,Books,12.50\n2026-01-03,,99.00\n2026-01-05,Tea,\n", ",", "\t")), document.CSV},
		{"a table with bars", []byte("date|payee|amount\n2026-01-02|Books|12.50\n2026-01-03|Mill|99.00\n"), document.CSV},
		{"paragraphs set in by tabs", []byte("\tIt was cold.\n\tIt was bright.\n\tThe clocks struck.\n\tNobody came.\n"), document.Text},
		{"a table of contents", []byte("The Lease\n1\tRent\t2\n2\tRepairs\t3\n3\tNotice\t4\n4\tEnd\t5\n5\tSigned\t6\n"), document.Text},
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
		{"a memo", []byte("To: Ann\nFrom: the harbour office\nDate: Monday\nSubject: tea\n\nPlease order some.\n"), document.Text},
		{"a letter that quotes a mail", []byte("I got this:\n\nFrom: a@example.org\nTo: b@example.org\nSubject: tea\n"), document.Text},
		{"a list of labels", []byte("Name: Ann\nFrom: a@example.org\nTo do: nothing\n\nDate: 3\n"), document.Text},
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
		{"an empty zip", zipped(), fault.Empty, "nothing inside"},
		{"an empty zip with a comment", append(zipped()[:20], "\x05\x00hello"...), fault.Unsupported, "a zip archive"},
		{"a zip that says what it is a thousand times", zipped(many("[Content_Types].xml", 1000)...), fault.Unsupported, "a zip archive"},
		{"a binary workbook", zipped("[Content_Types].xml", "xl/workbook.bin", "xl/styles.xml"), fault.Unsupported, "(.xlsb); save it as .xlsx"},
		{"a drawing", zipped("visio/document.xml"), fault.Unsupported, "Visio"},
		{"an OpenDocument drawing", storedZip("mimetype", odf+"graphics"), fault.Unsupported, "(.odg); save it as PDF"},
		{"an OpenDocument formula", storedZip("mimetype", odf+"formula"), fault.Unsupported, "formula; save it as PDF"},
		{"an e-book", storedZip("mimetype", "application/epub+zip"), fault.Unsupported, "(.epub)"},
		{"a document of Pages", zipped("Index/Document.iwa", "preview.jpg"), fault.Unsupported, "Pages, Numbers or Keynote"},
		{"an XPS document", zipped("FixedDocumentSequence.fdseq"), fault.Unsupported, "XPS"},
		{"an old drawing", oleFile("VisioDocument"), fault.Unsupported, "Visio"},
		{"a publication", oleFile("Contents", "Quill"), fault.Unsupported, "(.pub)"},
		{"a Works document", oleFile("CONTENTS", "MatOST"), fault.Unsupported, "(.wps)"},
		{"a WordPerfect document", []byte("\xFFWPC\x10\x00\x00\x00\x01\x0A"), fault.Unsupported, "(.wpd)"},
		{"a worksheet of 1991", []byte("\x09\x04\x06\x00\x00\x00\x10\x00\xd3\x10"), fault.Unsupported, "older than 5.0; save it as .xlsx"},
		{"an AVIF picture", brands("mif1", "avif", "miaf"), fault.Unsupported, "AVIF picture; save it as PNG"},
		{"the test file of virus scanners", []byte("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*\r\n"), fault.Unsupported, "test file of virus scanners"},
		{"a PDF without its first line", []byte("%\xE2\xE3\xCF\xD3\n1 0 obj\n<</Type/Catalog>>\nendobj\n"), fault.Corrupt, "lost its beginning"},
		{"the end of a PDF", []byte("trailer <</Root 1 0 R>>\n%%EOF\n"), fault.Corrupt, "lost its beginning"},
		{"the end of a protected PDF", []byte("trailer<</Root 1 0 R/Encrypt 9 0 R>>\n"), fault.Encrypted, "password"},
		{"an OLE file of another program", ole("Root Entry", "Contents"), fault.Unsupported, "unknown program"},
		{"an OLE file cut short", ole("Root Entry", "WordDocument")[:20], fault.Unsupported, "unknown program"},
		{"a protected Office file", oleFile("EncryptionInfo", "EncryptedPackage"), fault.Encrypted, "password"},
		{"a protected Office file with a decoy", oleFile("WordDocument", "EncryptedPackage"), fault.Encrypted, "password"},
		{"PostScript", []byte("%!PS-Adobe-3.0\n/Helvetica findfont\n"), fault.Unsupported, "PostScript"},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><text>Hi</text></svg>`), fault.Unsupported, "SVG"},
		{"a picture in letters", []byte("P1\n2 2\n1 0\n0 1\n"), fault.Unsupported, "image/x-portable-bitmap; save it as PNG"},
		{"gzip", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x04\x02"), fault.Unsupported, "archive (application/gzip)"},
		{"a program", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00"), fault.Unsupported, "tiff, webp, docx"},
		{"a video", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), fault.Unsupported, "video/mp4"},
		{"noise", noise, fault.Unsupported, "binary data"},
		{"noise behind a UTF-16 mark", append([]byte{0xFF, 0xFE}, noise...), fault.Unsupported, "binary data"},
		{"letters with binary data behind", append([]byte(strings.Repeat("letters ", 2000)), make([]byte, 5000)...), fault.Unsupported, "binary data"},
		{"zero bytes", make([]byte, 100), fault.Unsupported, "binary data"},
		{"one byte of a picture", []byte("\x89"), fault.Unsupported, "binary data"},
		{"four bytes of a picture", []byte("\xFF\xD8\x07\xC1"), fault.Unsupported, "binary data"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := document.Read(bytes.NewReader(tt.in), "invoice", document.Options{})
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
		{document.HEIC, "image/heic", true},
		{document.MSG, "application/vnd.ms-outlook", false},
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
		{"ole", pad(oleFile("WordDocument"))},
		{"lost ole", pad(ole("Root Entry"))},
		{"mail", []byte("Received: from a by b\r\nSubject: tea\r\n\r\n" + strings.Repeat(prose, 1<<20/len(prose)))},
		{"western", bytes.Repeat([]byte("Stra\xDFe nach K\xF6ln, "), 1<<20/20)},
		{"odt", storedZip("mimetype", odf+"text")},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				_, _ = document.Detect(bb.in)
			}
		})
	}
}
