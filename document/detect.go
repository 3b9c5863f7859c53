package document

import (
	"bytes"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/docsift/docsift/fault"
)

const (
	pdfMark = "%PDF-"
	zipMark = "PK\x03\x04"
	oleMark = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
)

// detect names the type of b by its content.
func detect(b []byte) (Type, error) {
	switch {
	case bytes.HasPrefix(b, []byte(pdfMark)):
		return PDF, nil
	case bytes.HasPrefix(b, []byte(oleMark)):
		return "", refuseOLE(b)
	case bytes.HasPrefix(b, []byte(zipMark)):
		return detectZip(b)
	}
	seen := mimetype.Detect(b)
	media, _, _ := strings.Cut(seen.String(), ";")
	clean := isCleanText(b)
	switch t, known := typeOf(media); {
	case known && (t.IsImage() || t == PDF) && !clean:
		return t, nil
	case (seen.Is("application/octet-stream") || clean) && hasLatePDF(b):
		return PDF, nil
	case refusedAsText(media):
		return "", unsupported(media)
	case clean, seen.Is("application/octet-stream"), inherits(seen, "text/plain"):
		return detectText(b, media)
	}
	return "", unsupported(media)
}

// hasLatePDF reports whether a PDF follows other bytes: its header may stand anywhere in
// the first kilobyte (ISO 32000-1, annex H, note 13). A text that merely mentions one has
// no objects.
func hasLatePDF(b []byte) bool {
	at := bytes.Index(b[:min(len(b), 1024)], []byte(pdfMark))
	return at >= 0 && bytes.Contains(b[at:], []byte(" obj"))
}

// detectText tells the kinds of text apart and refuses what is not text at all.
func detectText(b []byte, media string) (Type, error) {
	b = bytes.TrimPrefix(b, []byte(markUTF8))
	text, ok := sample(b)
	switch {
	case !ok:
		return "", unsupported("application/octet-stream")
	case strings.TrimSpace(text) == "" && (utf16Order(b) != nil || len(bytes.TrimSpace(b[len(text):])) == 0):
		return "", fault.New(fault.Empty, nil, "the document holds nothing but white space")
	case media == "text/html", media == "application/xhtml+xml", startsLikeHTML(text):
		return HTML, nil
	case isTable(text):
		return CSV, nil
	}
	return Text, nil
}

func inherits(m *mimetype.MIME, media string) bool {
	for ; m != nil; m = m.Parent() {
		if m.Is(media) {
			return true
		}
	}
	return false
}
