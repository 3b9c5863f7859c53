package text

import (
	"strings"
	"unicode/utf8"

	htmlcharset "golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	"github.com/docsift/docsift/document"
)

// Decode returns b in UTF-8. The charset is the sender's word, such as "iso-8859-1", or "".
// It is believed unless it is unknown or the bytes are plainly something else.
func Decode(b []byte, charset string) string {
	e, name := htmlcharset.Lookup(charset)
	switch {
	case e == nil, name == "replacement", name == "utf-8", strings.HasPrefix(name, "utf-16"):
		return decode(b)
	case strings.HasSuffix(strings.ToLower(charset), "ascii"): // what is beyond it has yet to be found out
		return decode(b)
	case name != "iso-2022-jp" && utf8.Valid(b): // that one is all ASCII
		return decode(b)
	}
	return decodeWith(e, b)
}

// decode returns b in UTF-8, its encoding told by its mark or its bytes.
func decode(b []byte) string {
	e := document.Encoding(b)
	if e == nil {
		e = unicode.UTF8
	}
	return decodeWith(e, b)
}

// decodeWith turns what e cannot decode into U+FFFD.
func decodeWith(e encoding.Encoding, b []byte) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// decodePage honours the word of whoever sent the page, or else the page's own, unless the
// bytes are plainly something else.
func decodePage(b []byte, label string) string {
	if label != "" {
		return Decode(b, label)
	}
	const look = 1024 // bytes, as browsers do
	_, name, certain := htmlcharset.DetermineEncoding(b[:min(len(b), look)], "")
	if !certain {
		return decode(b)
	}
	return Decode(b, name)
}
