package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"github.com/docsift/docsift/fault"
)

// Type is a kind of file that docsift knows. Its string is the usual file extension.
type Type string

// The types that can be read.
const (
	PDF  Type = "pdf"
	PNG  Type = "png"
	JPEG Type = "jpg"
	GIF  Type = "gif"
	BMP  Type = "bmp"
	TIFF Type = "tiff"
	WebP Type = "webp"
	DOCX Type = "docx"
	XLSX Type = "xlsx"
	Text Type = "txt"
	CSV  Type = "csv"
	HTML Type = "html"
)

// types pairs each Type with its media type, in the order of error messages.
func types() []struct {
	t    Type
	mime string
} {
	return []struct {
		t    Type
		mime string
	}{
		{PDF, "application/pdf"},
		{PNG, "image/png"},
		{JPEG, "image/jpeg"},
		{GIF, "image/gif"},
		{BMP, "image/bmp"},
		{TIFF, "image/tiff"},
		{WebP, "image/webp"},
		{DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{Text, "text/plain"},
		{CSV, "text/csv"},
		{HTML, "text/html"},
	}
}

// MIME returns t's media type.
func (t Type) MIME() string {
	for _, k := range types() {
		if k.t == t {
			return k.mime
		}
	}
	return "application/octet-stream"
}

// IsImage reports whether the document is a picture itself.
func (t Type) IsImage() bool {
	switch t {
	case PNG, JPEG, GIF, BMP, TIFF, WebP:
		return true
	}
	return false
}

// detect names the type of b by its content.
func detect(b []byte) (Type, error) {
	// The PDF header may stand anywhere in the first kilobyte (ISO 32000-1, annex H, note 13).
	if bytes.Contains(b[:min(len(b), 1024)], []byte("%PDF-")) {
		return PDF, nil
	}
	seen := mimetype.Detect(b)
	for m := seen; m != nil; m = m.Parent() {
		for _, k := range types() {
			if m.Is(k.mime) {
				return k.t, plausible(k.t, b)
			}
		}
	}
	if seen.Is("application/x-ole-storage") && bytes.Contains(b, utf16("EncryptedPackage")) {
		return "", fault.New(fault.Encrypted, nil, "an Office file protected by a password: remove the protection and send it again")
	}
	return "", unsupported(seen.String())
}

// plausible refuses text that is not text: media types inherit text/plain, and so does noise.
func plausible(t Type, b []byte) error {
	if t != Text && t != CSV && t != HTML {
		return nil
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return fault.New(fault.Empty, nil, "the document holds nothing but white space")
	}
	if bytes.IndexByte(b, 0) >= 0 && !hasUTF16Mark(b) {
		return unsupported("binary data")
	}
	return nil
}

func hasUTF16Mark(b []byte) bool {
	return bytes.HasPrefix(b, []byte{0xFF, 0xFE}) || bytes.HasPrefix(b, []byte{0xFE, 0xFF})
}

func unsupported(seen string) error {
	seen, _, _ = strings.Cut(seen, ";")
	var names []string
	for _, k := range types() {
		names = append(names, string(k.t))
	}
	return fault.New(fault.Unsupported, nil, "the content is %s; docsift reads %s", seen, strings.Join(names, ", "))
}

// utf16 returns s as UTF-16LE, the form of names inside an OLE file.
func utf16(s string) []byte {
	b := make([]byte, 0, 2*utf8.RuneCountInString(s))
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}

// size writes a number of bytes the way people do.
func size(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
