package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/docsift/docsift/document"
)

// decodeTransfer undoes the encoding that a body was sent in.
func decodeTransfer(b []byte, coding string) []byte {
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "base64":
		return decodeBase64(b)
	case "quoted-printable":
		return decodeQuoted(b)
	}
	return b
}

// decodeBase64 skips what is no base64, and takes several codings in a row for one.
func decodeBase64(b []byte) []byte {
	out := make([]byte, 0, len(b)/4*3+3)
	acc, bits := uint32(0), 0
	for _, c := range b {
		v := uint32(0)
		switch {
		case 'A' <= c && c <= 'Z':
			v = uint32(c - 'A')
		case 'a' <= c && c <= 'z':
			v = uint32(c-'a') + 26
		case '0' <= c && c <= '9':
			v = uint32(c-'0') + 52
		case c == '+' || c == '-':
			v = 62
		case c == '/' || c == '_':
			v = 63
		case c == '=':
			bits = 0
			continue
		default:
			continue
		}
		acc, bits = acc<<6|v, bits+6
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	return out
}

// decodeQuoted decodes quoted-printable; what is broken stays as it is.
func decodeQuoted(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '=')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		b = b[i+1:]
		if len(b) >= 2 {
			if high, low := hex(b[0]), hex(b[1]); high >= 0 && low >= 0 {
				out, b = append(out, byte(high<<4|low)), b[2:]
				continue
			}
		}
		// The line goes on. White space at its end is the transport's.
		line := bytes.TrimLeft(b, " \t")
		if rest := bytes.TrimPrefix(line, []byte("\r")); len(rest) == 0 || rest[0] == '\n' {
			b = rest[min(1, len(rest)):]
			continue
		}
		out = append(out, '=')
	}
	return out
}

func hex(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }

// decode returns b in UTF-8. The charset is the sender's word, or "". It is believed unless
// it is unknown or the bytes are plainly something else: then they tell.
func decode(b []byte, charset string) string {
	e, name := charsetOf(charset)
	switch {
	case name == "utf-8" && !utf8.Valid(b) && hasLetters(b):
		return strings.ToValidUTF8(string(b), "\uFFFD")
	case name == "", name == "utf-8", isSingleByte(name) && utf8.Valid(b):
		if utf8.Valid(b) {
			return string(b)
		}
		if e = document.Encoding(b); e == nil {
			e = charmap.Windows1252
		}
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// charsetOf returns an encoding and its name, or "" for one that is not known.
func charsetOf(label string) (encoding.Encoding, string) {
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil, ""
	}
	name, err := htmlindex.Name(e)
	if err != nil || name == "replacement" {
		return nil, ""
	}
	return e, name
}

func isSingleByte(name string) bool {
	for _, family := range []string{"windows-", "iso-8859", "koi8-", "ibm", "mac"} {
		if strings.HasPrefix(name, family) {
			return true
		}
	}
	return false
}

// hasLetters reports whether b holds a whole rune beyond ASCII in UTF-8.
func hasLetters(b []byte) bool {
	for len(b) > 0 {
		_, n := utf8.DecodeRune(b)
		if n > 1 {
			return true
		}
		b = b[n:]
	}
	return false
}

// unflow joins the lines that a mail program broke to be sent (format=flowed): those that end
// with a space. With delsp that space goes, too.
func unflow(s string, delsp bool) string {
	var b strings.Builder
	b.Grow(len(s))
	depth, flows := 0, false // of the line before
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\r\n")
		text := strings.TrimLeft(line, ">")
		quotes := len(line) - len(text)
		text = strings.TrimPrefix(text, " ")
		signature := text == "-- "
		if !flows || quotes != depth || signature {
			if flows {
				b.WriteByte('\n')
			}
			b.WriteString(line[:quotes])
			if quotes > 0 && text != "" {
				b.WriteByte(' ')
			}
		}
		depth, flows = quotes, strings.HasSuffix(text, " ") && !signature
		if flows && delsp {
			text = text[:len(text)-1]
		}
		b.WriteString(text)
		if !flows {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
