package ole

import (
	"strconv"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// western is the code page of Western Europe.
const western = 1252

// codePage returns the encoding that Windows gives a number; Western European for one that it
// does not know.
func codePage(n int) encoding.Encoding {
	switch n {
	case 437:
		return charmap.CodePage437
	case 850:
		return charmap.CodePage850
	case 852:
		return charmap.CodePage852
	case 1200:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	}
	name, ok := map[int]string{
		866: "ibm866", 932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5", 10000: "macintosh",
		10007: "x-mac-cyrillic", 20866: "koi8-r", 21866: "koi8-u", 28592: "iso-8859-2", 65001: "utf-8",
		32768: "macintosh",
	}[n]
	if !ok {
		name = "windows-" + strconv.Itoa(n)
	}
	if e, err := htmlindex.Get(name); err == nil {
		return e
	}
	return charmap.Windows1252
}

// codePageOf returns the code page that Windows uses for a language.
func codePageOf(language int) int {
	const primary = 0x3FF // the rest is the country
	switch language {
	case 0x0404, 0x0C04, 0x1404:
		return 950 // Chinese in the traditional script
	case 0x0C1A:
		return 1251 // Serbian in Cyrillic letters
	}
	pages := map[int]int{
		0x01: 1256, 0x29: 1256, 0x20: 1256, // Arabic, Persian, Urdu
		0x04: 936, 0x11: 932, 0x12: 949, 0x1E: 874, // Chinese, Japanese, Korean, Thai
		0x02: 1251, 0x19: 1251, 0x22: 1251, 0x23: 1251, 0x2F: 1251, // Bulgarian, Russian, Ukrainian, Belarusian, Macedonian
		0x05: 1250, 0x0E: 1250, 0x15: 1250, 0x18: 1250, 0x1A: 1250, 0x1B: 1250, 0x1C: 1250, 0x24: 1250, // Central European
		0x08: 1253, 0x0D: 1255, 0x1F: 1254, 0x2A: 1258, // Greek, Hebrew, Turkish, Vietnamese
		0x25: 1257, 0x26: 1257, 0x27: 1257, // Baltic
	}
	if page, ok := pages[language&primary]; ok {
		return page
	}
	return western
}

// decoded returns b as UTF-8.
func decoded(e encoding.Encoding, b []byte) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return latinText(b)
	}
	return string(out)
}
