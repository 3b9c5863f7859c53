package text

import (
	"strings"
	"unicode/utf16"
)

// word obeys a control word.
func (r *rtf) word(name string, n int, given bool) {
	r.flush()
	star := r.star
	r.star, r.drop = false, 0
	switch {
	case name == "u":
		r.unicode(n)
	case name == "bin":
		r.at += max(0, min(n, len(r.in)-r.at))
	case r.destination(name):
	case star:
		r.group.mode = rtfSkip
	case r.group.isFonts:
		r.fontWord(name, n)
	case r.group.isColours:
		r.mixed.set(name, n)
	case r.format(name, n, !given || n != 0):
	default:
		r.write(rtfText(name, r.group.isCell))
	}
}

// destination reports whether a word says what its group is for.
func (r *rtf) destination(name string) bool {
	g := &r.group
	switch name {
	case "fonttbl":
		g.isFonts, g.mode = true, rtfSkip
	case "colortbl":
		g.isColours, g.mode = true, rtfSkip
	case "info":
		g.isInfo, g.mode = true, rtfSkip
	case "title", "author", "subject", "keywords":
		if g.isInfo && !g.isTwin && r.meta[name] == "" { // the second author is who saved it last
			g.into, g.mode = name, rtfRead
		}
	case "generator":
		g.into, g.mode = "producer", rtfRead
	case "htmltag":
		if g.isCopy = false; !r.isHTML {
			g.mode = rtfSkip
		}
	case "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "footnote":
		r.block()
	case "fldrslt": // some programs mark it as one that need not be known
	case "shp", "shpinst", "object", "upr", "do":
		g.isTwin = name == "upr"
		g.mode = max(g.mode, rtfWait)
	case "shptxt", "result", "ud", "dptxbxtext":
		g.isTwin = false
		if g.mode == rtfWait {
			g.mode = rtfRead
			if name != "ud" {
				r.block()
			}
		}
	default:
		if !isSkippedRTF(name) {
			return false
		}
		g.mode = rtfSkip
	}
	return true
}

// isSkippedRTF reports whether a word says that its group holds nothing to read. Most such
// groups are marked as ones that need not be known; these are not, or not by every program.
func isSkippedRTF(name string) bool {
	switch name {
	case "stylesheet", "filetbl", "listtable", "listoverridetable", "revtbl", // tables
		"pict", "nonshppict", "sp", "shprslt", "objclass", "objname", "objdata", // pictures, and drawings for old programs
		"fldinst", "bkmkstart", "bkmkend", "xe", "tc", "rxe", "txe", // codes of fields, and marks for indexes
		"annotation", "atnid", "atnauthor", "pntxta", "pntxtb", "template", "nextfile":
		return true
	}
	return false
}

// block puts a group on lines of its own.
func (r *rtf) block() {
	r.endLine()
	r.group.endOfLine = true
}

// format reports whether a word changes how the text after it is to be taken.
func (r *rtf) format(name string, n int, on bool) bool {
	g := &r.group
	switch name {
	case "deleted":
		g.isDeleted = on
	case "v", "cf", "cb", "chcbpat", "highlight", "cbpat", "clcbpat", "shading", "clshdng", "fs":
		g.ink.set(name, n, on)
	case "plain":
		g.isDeleted, g.font, g.ink = false, r.standard, rtfInk{shaded: g.ink.shaded}
	case "f":
		g.font = n
	case "deff":
		r.standard, g.font = n, n
	case "uc":
		g.fallback = max(0, min(n, 100))
	case "ansicpg":
		r.page = codePage(n)
	case "mac":
		r.page = codePage(10000)
	case "pc":
		r.page = codePage(437)
	case "pca":
		r.page = codePage(850)
	case "pard":
		g.isCell, g.ink.shaded = false, false
	case "intbl":
		g.isCell = on
	case "fromhtml":
		r.isHTML = on
	case "htmlrtf":
		g.isCopy = on && r.isHTML
	case "nofpages":
		r.pages = max(1, min(n, 1_000_000))
	default:
		return false
	}
	return true
}

// rtfText returns the text that a control word stands for, or "".
func rtfText(name string, inCell bool) string {
	switch name {
	case "par":
		if inCell {
			return " " // a row stays on its line
		}
		return "\n"
	case "line", "softline", "sect", "page", "softpage", "column", "row", "nestrow":
		return "\n"
	case "tab", "cell", "nestcell":
		return "\t"
	case "emdash":
		return "—"
	case "endash":
		return "–"
	case "bullet":
		return "•"
	case "lquote":
		return "‘"
	case "rquote":
		return "’"
	case "ldblquote":
		return "“"
	case "rdblquote":
		return "”"
	case "emspace", "enspace", "qmspace":
		return " "
	case "zwj":
		return "\u200D"
	case "zwnj":
		return "\u200C"
	}
	return ""
}

// symbol obeys a control symbol.
func (r *rtf) symbol(c byte) {
	switch c {
	case '\'':
		r.hex()
		return
	case '*':
		r.star = true
		return
	}
	r.flush()
	if r.drop > 0 {
		r.drop--
		return
	}
	switch c {
	case '\\', '{', '}':
		r.write(string(rune(c)))
	case '~':
		r.write(" ")
	case '_':
		r.write("-")
	case '\t':
		r.write("\t")
	case '\r', '\n':
		r.write(rtfText("par", r.group.isCell))
	}
}

// hex takes a byte that is written in hexadecimal digits.
func (r *rtf) hex() {
	if len(r.in)-r.at < 2 {
		r.at = len(r.in)
		return
	}
	high, low := strings.IndexByte(hexDigits, r.in[r.at]|0x20), strings.IndexByte(hexDigits, r.in[r.at+1]|0x20)
	if high < 0 || low < 0 {
		return
	}
	r.at += 2
	switch {
	case r.drop > 0:
		r.drop--
	case r.isHeard():
		r.raw = append(r.raw, byte(high<<4|low))
	}
}

const hexDigits = "0123456789abcdef"

// unicode writes the character of a \u, which is a signed unit of UTF-16.
func (r *rtf) unicode(n int) {
	r.drop = r.group.fallback
	c := rune(uint16(n))
	if n > 0xFFFF && n <= 0x10FFFF {
		c = rune(n)
	}
	switch first := r.high; {
	case c >= 0xD800 && c < 0xDC00:
		r.high = c
		return
	case utf16.IsSurrogate(c):
		c = utf16.DecodeRune(first, c)
	case c == 1:
		c = '\n' // how some programs end a line in a text box
	case c >= 0xF000 && c <= 0xF0FF:
		c = '•' // fonts of symbols keep theirs here, and mostly bullets are used
	}
	r.high = 0
	r.write(string(c))
}
