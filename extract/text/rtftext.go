package text

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

const rtfMetaLimit = 1000 // bytes of a value

// isHeard reports whether the text of the group counts.
func (r *rtf) isHeard() bool {
	g := &r.group
	return g.mode == rtfRead && !g.isDeleted && !g.isCopy
}

// write adds text to the document, or to what it says of itself.
func (r *rtf) write(s string) {
	switch {
	case !r.isHeard():
	case r.group.into == "":
		if why := r.unreadable(); why == "" {
			r.out.WriteString(s)
		} else if len(r.hidden[why]) < rtfHiddenLimit {
			r.hidden[why] += s
		}
	case len(r.meta[r.group.into]) < rtfMetaLimit:
		r.meta[r.group.into] += s
	}
}

// endLine ends the line unless it is empty.
func (r *rtf) endLine() {
	if s := r.out.String(); s != "" && !strings.HasSuffix(s, "\n") {
		r.write("\n")
	}
}

// flush writes the bytes that were gathered: of some characters one comes in letters, one in
// hexadecimal digits.
func (r *rtf) flush() {
	if len(r.raw) == 0 {
		return
	}
	raw := r.raw
	r.raw = r.raw[:0]
	e := r.fonts[r.group.font]
	if e == nil {
		e = r.page
	}
	switch {
	case isASCII(raw), e == charmap.Windows1252 && utf8.Valid(raw): // by programs that know no code pages
		r.write(string(raw))
	default:
		r.write(decodeWith(e, raw))
	}
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// fontWord obeys a word of the font table.
func (r *rtf) fontWord(name string, n int) {
	switch name {
	case "f":
		r.defined = n
	case "fcharset":
		if page := rtfCharset(n); page != 0 {
			r.fonts[r.defined] = codePage(page)
		}
	case "cpg":
		r.fonts[r.defined] = codePage(n)
	}
}

// rtfCharset returns the code page of a font's character set, or 0 for the document's.
func rtfCharset(n int) int {
	switch n {
	case 77:
		return 10000 // Macintosh
	case 128:
		return 932 // Japanese
	case 129, 130:
		return 949 // Korean
	case 134:
		return 936 // Chinese, simplified
	case 136:
		return 950 // Chinese, traditional
	case 161:
		return 1253 // Greek
	case 162:
		return 1254 // Turkish
	case 163:
		return 1258 // Vietnamese
	case 177:
		return 1255 // Hebrew
	case 178:
		return 1256 // Arabic
	case 186:
		return 1257 // Baltic
	case 204:
		return 1251 // Cyrillic
	case 222:
		return 874 // Thai
	case 238:
		return 1250 // Central European
	case 254:
		return 437
	}
	return 0
}

// codePage returns the encoding that Windows gives a number; Western European for one that is
// not known.
func codePage(n int) encoding.Encoding {
	name := "windows-" + strconv.Itoa(n)
	switch n {
	case 437:
		return charmap.CodePage437
	case 850:
		return charmap.CodePage850
	case 852:
		return charmap.CodePage852
	case 866:
		name = "ibm866"
	case 932:
		name = "shift_jis"
	case 936:
		name = "gbk"
	case 949:
		name = "euc-kr"
	case 950:
		name = "big5"
	case 10000:
		name = "macintosh"
	case 65001:
		name = "utf-8"
	}
	if e, err := htmlindex.Get(name); err == nil {
		return e
	}
	return charmap.Windows1252
}
