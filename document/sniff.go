package document

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	markUTF8    = "\xEF\xBB\xBF"
	markUTF16LE = "\xFF\xFE"
	markUTF16BE = "\xFE\xFF"
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

// sample returns the beginning of the text in b, and false when b is not text: it holds
// more than a few control bytes, or bytes that no encoding at hand explains.
func sample(b []byte) (string, bool) {
	if order := utf16Order(b); order != nil {
		return sampleUTF16(b, order)
	}
	s := head(b)
	switch {
	case controls(s) > len(s)/200+2:
		return "", false
	case hidesBinary(b):
		return "", false
	case !utf8.Valid(s) && !isWestern(s):
		return "", false
	}
	return string(s), true
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

// utf16Order returns the byte order of b when it is UTF-16 by its mark, or by the zero
// bytes of its ASCII half; otherwise nil.
func utf16Order(b []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(b, []byte(markUTF16LE)):
		return binary.LittleEndian
	case bytes.HasPrefix(b, []byte(markUTF16BE)):
		return binary.BigEndian
	}
	s := b[:min(len(b), sampleSize)&^1]
	if bytes.IndexByte(s, 0) < 0 {
		return nil
	}
	var zeros [2]int // at even and at odd places
	for i, c := range s {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch pairs := len(s) / 2; {
	case pairs < 4:
		return nil
	case zeros[1] > pairs/2 && zeros[0] <= pairs/50:
		return binary.LittleEndian
	case zeros[0] > pairs/2 && zeros[1] <= pairs/50:
		return binary.BigEndian
	}
	return nil
}

func sampleUTF16(b []byte, order binary.ByteOrder) (string, bool) {
	const look = 1 << 10 // units
	b = b[:min(len(b), 2*look)&^1]
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	if n := len(units); n == look && utf16.IsSurrogate(rune(units[n-1])) {
		units = units[:n-1]
	}
	text := strings.TrimPrefix(string(utf16.Decode(units)), "\uFEFF")
	odd := 0
	for _, r := range text {
		if !unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			odd++
		}
	}
	return text, odd <= len(units)/50+1
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

// isWestern reports whether s may be Windows-1252: mostly ASCII, none of its five
// undefined bytes.
func isWestern(s []byte) bool {
	high := 0
	for _, c := range s {
		switch c {
		case 0x81, 0x8D, 0x8F, 0x90, 0x9D:
			return false
		}
		if c >= utf8.RuneSelf {
			high++
		}
	}
	return high <= len(s)*3/10
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

// isTable reports whether text is separated values: nearly every line has the same
// number of fields, and the separator is not the comma of prose.
func isTable(text string) bool {
	return hasColumns(text, ",") || hasColumns(text, ";")
}

func hasColumns(text, sep string) bool {
	const (
		look   = 50 // lines
		minRow = 3
	)
	// The last line of a sample may be cut short.
	if i := strings.LastIndexByte(text, '\n'); len(text) > sampleSize/2 && i > 0 {
		text = text[:i]
	}
	widths := map[int]int{}
	lines, seps, spaced := 0, 0, 0
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		n, s := separators(line, sep[0])
		widths[n]++
		seps, spaced = seps+n, spaced+s
		if lines++; lines == look {
			break
		}
	}
	width, rows := 0, 0
	for w, n := range widths {
		if n > rows {
			width, rows = w, n
		}
	}
	enough := rows >= minRow || (rows == lines && rows == 2 && width >= 2)
	return width >= 1 && enough && rows*10 >= lines*8 && spaced*2 <= seps
}

// separators counts the separators of a line outside quotes, and those followed by a space.
func separators(line string, sep byte) (n, spaced int) {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == sep && !quoted:
			n++
			// A comma at the end of a line is one of prose, too.
			if i+1 == len(line) || line[i+1] == ' ' {
				spaced++
			}
		}
	}
	return n, spaced
}
