package document

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

const (
	markUTF8    = "\xEF\xBB\xBF"
	markUTF16LE = "\xFF\xFE"
	markUTF16BE = "\xFE\xFF"
	markUTF32LE = "\xFF\xFE\x00\x00"
	markUTF32BE = "\x00\x00\xFE\xFF"
)

// Encoding returns the encoding of the text in b, by its mark or else by its bytes. Its
// decoder drops the mark. It is nil when b is not text: it holds more than a few control
// bytes, or bytes that no encoding at hand explains.
func Encoding(b []byte) encoding.Encoding {
	if e := wideEncoding(b); e != nil {
		return e
	}
	switch s := head(b); {
	case bytes.HasPrefix(b, []byte(markUTF8)):
		return unicode.UTF8BOM
	case escapesJapanese(b):
		return japanese.ISO2022JP
	case controls(s) > len(s)/200+min(2, len(s)/16), hidesBinary(b):
		return nil
	case isMostlyUTF8(b):
		return unicode.UTF8
	}
	return likeliest(b)
}

// escapesJapanese reports whether b switches to Japanese as ISO-2022-JP does.
func escapesJapanese(b []byte) bool {
	const look = 1 << 20
	b = b[:min(len(b), look)]
	return bytes.Contains(b, []byte("\x1B$B")) || bytes.Contains(b, []byte("\x1B$@"))
}

// wideEncoding returns the encoding of a text whose characters are of two or four bytes,
// or nil.
func wideEncoding(b []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(b, []byte(markUTF32LE)):
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case bytes.HasPrefix(b, []byte(markUTF32BE)):
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case bytes.HasPrefix(b, []byte(markUTF16LE)):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(b, []byte(markUTF16BE)):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return unmarkedWide(b)
}

// unmarkedWide tells UTF-16 and UTF-32 by where the zero bytes of their ASCII stand. A text
// in another script has few of them, all on one side, and must make sense besides.
func unmarkedWide(b []byte) encoding.Encoding {
	s := b[:min(len(b), sampleSize)&^3]
	if len(s) < 8 {
		s = b[:len(b)&^1]
	}
	if len(s) < 8 || bytes.IndexByte(s, 0) < 0 {
		return nil
	}
	var zeros [4]int // at each place of a group of four
	for i, c := range s {
		if c == 0 {
			zeros[i%4]++
		}
	}
	groups := len(s) / 4
	le16, be16 := zeros[1]+zeros[3], zeros[0]+zeros[2]
	switch {
	case groups > 1 && zeros[3] == groups && zeros[2] >= groups*9/10 && zeros[0] <= groups/20:
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case groups > 1 && zeros[0] == groups && zeros[1] >= groups*9/10 && zeros[3] <= groups/20:
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	case le16 > groups && be16 <= groups/25:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case be16 > groups && le16 <= groups/25:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return likelierUTF16(s)
}

// likelierUTF16 returns the UTF-16 that makes good sense of s, or nil. Pairs of ASCII make
// rare Chinese, which is not enough.
func likelierUTF16(s []byte) encoding.Encoding {
	best, most := encoding.Encoding(nil), 0.6
	for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		e := unicode.UTF16(order, unicode.IgnoreBOM)
		if l := likelihood(decodeSample(e, s)); l > most {
			best, most = e, l
		}
	}
	return best
}

// isMostlyUTF8 reports whether b has more whole runes beyond ASCII than stray bytes: one
// broken byte must not spoil a text.
func isMostlyUTF8(b []byte) bool {
	const look, count = 1 << 20, 32 << 10
	b = b[:min(len(b), look)]
	if utf8.Valid(b) {
		return true
	}
	b = b[firstHigh(b):]
	b = b[:min(len(b), count)]
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

// legacy returns the encodings that are guessed at and what each is short of from the
// start: those that are seldom met must explain a text better than the others.
func legacy() []guess {
	return []guess{
		{charmap.Windows1252, 0}, {charmap.Windows1251, 0.02}, {simplifiedchinese.GB18030, 0}, {japanese.ShiftJIS, 0},
		{japanese.EUCJP, 0}, {traditionalchinese.Big5, 0}, {korean.EUCKR, 0}, {charmap.KOI8R, 0.05},
		{charmap.Windows1250, 0.03}, {charmap.ISO8859_2, 0.04}, {charmap.ISO8859_15, 0.02}, {charmap.Windows1253, 0.03},
		{charmap.CodePage850, 0.4}, {charmap.CodePage437, 0.41}, {charmap.CodePage866, 0.4},
	}
}

type guess struct {
	encoding encoding.Encoding
	handicap float64
}

// minGuessed is the fewest bytes whose encoding is guessed at.
const minGuessed = 3

// likeliest returns the encoding that makes the most sense of b's bytes beyond ASCII, or nil.
func likeliest(b []byte) encoding.Encoding {
	if len(b) < minGuessed {
		return nil
	}
	s := beyondASCII(b)
	best, most := encoding.Encoding(nil), minLikelihood
	for _, g := range legacy() {
		if l := likelihood(decodeSample(g.encoding, s)) - g.handicap; l > most {
			best, most = g.encoding, l
		}
	}
	if best == nil && isWestern(head(b)) {
		return charmap.Windows1252
	}
	return best
}

// isWestern reports whether s may be Windows-1252 with odd signs: nearly all ASCII, none of
// its five undefined bytes.
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
	return high <= len(s)/10
}

// beyondASCII returns a part of b that begins a little before its first byte beyond ASCII,
// which is also the first one of a character.
func beyondASCII(b []byte) []byte {
	const before, size = 16, 1 << 10
	b = b[max(0, firstHigh(b)-before):]
	return b[:min(len(b), size)]
}

// firstHigh returns the place of the first byte beyond ASCII, or len(b).
func firstHigh(b []byte) int {
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return len(b)
}

// decodeSample decodes the beginning of a text, less what its cut end may have spoilt.
func decodeSample(e encoding.Encoding, s []byte) []rune {
	out, err := e.NewDecoder().Bytes(s)
	if err != nil {
		return nil
	}
	runes := bytes.Runes(out)
	if n := len(runes); n > 8 && runes[n-1] == utf8.RuneError {
		runes = runes[:n-1]
	}
	return runes
}
