package text

import (
	"bytes"
	"strings"
	"unicode/utf8"

	htmlcharset "golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Decode returns b in UTF-8. The charset is the sender's word, such as "iso-8859-1", or "".
// It is believed unless it is unknown or the bytes are plainly something else.
func Decode(b []byte, charset string) string {
	e, name := htmlcharset.Lookup(charset)
	if e == nil || name == "utf-8" || name == "windows-1252" || strings.HasPrefix(name, "utf-16") {
		return decode(b)
	}
	if name != "iso-2022-jp" && utf8.Valid(b) { // that one is all ASCII
		return decode(b)
	}
	return decodeWith(e, b)
}

// decode returns b in UTF-8. Unmarked text is taken for UTF-8 when most of it is, for
// UTF-16 when every second byte is zero, and for Windows-1252 otherwise.
func decode(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		return string(b[3:])
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), b)
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return decodeWith(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), b)
	}
	if order, ok := zeroHalf(b); ok {
		return decodeWith(unicode.UTF16(order, unicode.IgnoreBOM), b)
	}
	if isMostlyUTF8(b) {
		return string(b)
	}
	return decodeWith(charmap.Windows1252, b)
}

// decodeWith turns what e cannot decode into U+FFFD.
func decodeWith(e encoding.Encoding, b []byte) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return string(b)
	}
	return string(out)
}

// zeroHalf tells unmarked UTF-16 by the zero bytes that one half of its ASCII is.
func zeroHalf(b []byte) (unicode.Endianness, bool) {
	b = b[:min(len(b), 4<<10)&^1]
	var zeros [2]int // at even and at odd places
	for i, c := range b {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch half := len(b) / 4; {
	case half == 0:
		return unicode.LittleEndian, false
	case zeros[1] > half && zeros[0] < half/10:
		return unicode.LittleEndian, true
	case zeros[0] > half && zeros[1] < half/10:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

// isMostlyUTF8 reports whether b has more whole runes beyond ASCII than stray bytes: one
// broken byte must not spoil a text.
func isMostlyUTF8(b []byte) bool {
	if utf8.Valid(b) {
		return true
	}
	whole, stray := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1 && utf8.FullRune(b): // not the rune cut at the end
			stray++
		case n > 1:
			whole++
		}
		b = b[n:]
	}
	return whole > stray
}
