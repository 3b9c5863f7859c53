package document

import (
	"bytes"
	"strings"
	stdunicode "unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// sampleSize is how many bytes of a text are looked at.
const sampleSize = 4 << 10

// isCleanText reports whether b begins as UTF-8 without a control byte, so that a weak
// signature, such as the letters "BM" of a bitmap, is no more than a word.
func isCleanText(b []byte) bool {
	s := head(b)
	return controls(s) == 0 && utf8.Valid(s)
}

// head returns the first sampleSize bytes of b, less a rune cut in two.
func head(b []byte) []byte {
	if len(b) <= sampleSize {
		return b
	}
	s := b[:sampleSize]
	for i := 1; i < utf8.UTFMax; i++ {
		if utf8.RuneStart(s[len(s)-i]) {
			if !utf8.FullRune(s[len(s)-i:]) {
				return s[:len(s)-i]
			}
			break
		}
	}
	return s
}

// sample returns the beginning of the text in b, and false when b is not text.
func sample(b []byte) (string, bool) {
	e := Encoding(b)
	switch e {
	case nil:
		return "", false
	case unicode.UTF8, unicode.UTF8BOM:
		return strings.TrimPrefix(string(head(b)), markUTF8), true
	}
	const look = 8 << 10
	text := decodeSample(e, b[:min(len(b), look)&^3])
	return string(text), mostlyGraphic(text)
}

// mostlyGraphic reports whether text has few characters that cannot be shown.
func mostlyGraphic(text []rune) bool {
	odd := 0
	for _, r := range text {
		if !stdunicode.IsGraphic(r) && !stdunicode.IsSpace(r) && !stdunicode.Is(stdunicode.Cf, r) || r == utf8.RuneError {
			odd++
		}
	}
	return odd <= len(text)/50+1
}

// hidesBinary reports whether binary data follows the text at the beginning of b. A large
// one is looked at in its first, middle and last part.
func hidesBinary(b []byte) bool {
	const window = 64 << 10
	for _, at := range []int{0, len(b)/2 - window/2, len(b) - window} {
		part := b[max(0, at):]
		part = part[:min(len(part), window)]
		if bytes.IndexByte(part, 0) >= 0 && bytes.Count(part, []byte{0}) > len(part)/1000+2 {
			return true
		}
	}
	return false
}

// controls counts the bytes of s that no text needs.
func controls(s []byte) int {
	n := 0
	for _, c := range s {
		if c >= ' ' && c != 0x7F {
			continue
		}
		if (c < '\t' || c > '\r') && c != 0x1B {
			n++
		}
	}
	return n
}

// startsLikeHTML reports whether the first thing in text, past comments and an XML
// declaration, is an element of HTML.
func startsLikeHTML(text string) bool {
	for {
		text = strings.TrimSpace(text)
		var end string
		switch {
		case strings.HasPrefix(text, "<!--"):
			end = "-->"
		case strings.HasPrefix(text, "<?xml"):
			end = "?>"
		default:
			return isHTMLTag(text)
		}
		_, rest, ok := strings.Cut(text, end)
		if !ok {
			return false
		}
		text = rest
	}
}

func isHTMLTag(text string) bool {
	if len(text) == 0 || text[0] != '<' {
		return false
	}
	end := strings.IndexAny(text, "> \t\r\n/")
	if end < 0 {
		return false
	}
	switch strings.ToLower(text[1:end]) {
	case "!doctype":
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(text[end:])), "html")
	case "html", "head", "body", "title", "meta", "style", "script", "div", "p", "span", "table", "tr", "td",
		"ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr", "b", "i", "strong", "em", "a", "img",
		"font", "center", "form", "section", "article", "header", "main", "nav", "pre", "blockquote":
		return true
	}
	return false
}
