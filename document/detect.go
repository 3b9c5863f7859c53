package document

import (
	"bytes"
	"strings"

	"github.com/docsift/docsift/fault"
)

const pdfMark = "%PDF-"

// detect names the type of b by its content: its first bytes decide, whatever follows.
func detect(b []byte) (Type, error) {
	switch {
	case bytes.HasPrefix(b, []byte(pdfMark)):
		return PDF, nil
	case bytes.HasPrefix(b, []byte(oleMark)):
		return detectOLE(b)
	case bytes.HasPrefix(b, []byte(zipMark)):
		return detectZip(b)
	case bytes.HasPrefix(b, []byte(zipEmpty)):
		return "", detectEmptyZip(b)
	case isRTF(b):
		return RTF, nil
	}
	media, letters := mediaOf(b)
	nameless := media == "application/octet-stream"
	clean := isCleanText(b)
	switch t, known := typeOf(media); {
	case known && (t.IsImage() || t == PDF) && !clean:
		return t, nil
	case (nameless || clean) && hasLatePDF(b):
		return PDF, nil
	case isMail(b):
		return EML, nil
	case isHeadlessPDF(b):
		return "", refuseHeadless(b)
	case isScannerTest(b):
		return "", unsupported("application/x-eicar")
	case refusedAsText(media):
		return "", unsupported(media)
	case clean, nameless, letters:
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

// isHeadlessPDF reports whether b begins with a part of a PDF, but not with its first.
func isHeadlessPDF(b []byte) bool {
	line := bytes.TrimLeft(b[:min(len(b), 256)], " \t\r\n\x00")
	if bytes.HasPrefix(line, []byte("trailer<<")) || bytes.HasPrefix(line, []byte("trailer <<")) {
		return true
	}
	if len(line) > 0 && line[0] == '%' { // a comment of high bytes is the second line of a PDF
		_, line, _ = bytes.Cut(line, []byte("\n"))
	}
	digits := func(s []byte) []byte { return bytes.TrimLeft(s, "0123456789") }
	rest := digits(line)
	if len(rest) == len(line) || len(rest) == 0 || rest[0] != ' ' {
		return false
	}
	line, rest = rest[1:], digits(rest[1:])
	return len(rest) < len(line) && bytes.HasPrefix(rest, []byte(" obj"))
}

func refuseHeadless(b []byte) error {
	if bytes.Contains(b, []byte("/Encrypt")) {
		return fault.New(fault.Encrypted, nil, "a broken PDF that is protected by a password: remove the protection and send it whole")
	}
	return fault.New(fault.Corrupt, nil, "a PDF that has lost its beginning: send it again, or save it anew")
}

// isRTF reports whether b begins as rich text.
func isRTF(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(b[:min(len(b), 64)], " \t\r\n"), []byte(`{\rtf`))
}

// isScannerTest reports whether b is the harmless file that all virus scanners must find.
func isScannerTest(b []byte) bool {
	const longest = 128
	b = bytes.TrimSpace(b[:min(len(b), longest+1)])
	return len(b) <= longest && bytes.HasPrefix(b, []byte("X5O!P%@AP[4")) && bytes.Contains(b, []byte("EICAR-STANDARD-"))
}

// detectText tells the kinds of text apart and refuses what is not text at all.
func detectText(b []byte, media string) (Type, error) {
	text, ok := sample(b)
	switch {
	case !ok:
		return "", unsupported("application/octet-stream")
	case strings.TrimSpace(text) == "" && isBlank(b):
		return "", fault.New(fault.Empty, nil, "the document holds nothing but white space")
	case media == "text/html", media == "application/xhtml+xml", startsLikeHTML(text):
		return HTML, nil
	case isTable(text):
		return CSV, nil
	}
	return Text, nil
}

// isBlank reports whether b, whose beginning is blank, holds no more than white space.
func isBlank(b []byte) bool {
	for _, c := range b {
		switch c {
		case ' ', '\t', '\r', '\n', '\v', '\f', 0, markUTF8[0], markUTF8[1], markUTF8[2], markUTF16LE[0], markUTF16LE[1]:
		default:
			return false
		}
	}
	return true
}
