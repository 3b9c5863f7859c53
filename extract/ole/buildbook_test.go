package ole_test

import (
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"math"
	"slices"
	"unicode/utf16"
)

// rec is a record of a workbook.
func rec(kind int, data ...[]byte) []byte {
	body := concat(data...)
	return concat(le16(kind), le16(len(body)), body)
}

// uni is a text of Excel 97: the count of its characters, flags, characters.
func uni(s string) []byte {
	return concat(le16(len(utf16.Encode([]rune(s)))), []byte{1}, wide(s))
}

// shortUni is one whose count has one byte, each character too.
func shortUni(s string) []byte { return concat([]byte{byte(len(s)), 0}, []byte(s)) }

func at(row, column, style int) []byte { return concat(le16(row), le16(column), le16(style)) }

func sharedCell(row, column, n int) []byte { return rec(0xFD, at(row, column, 0), le32(n)) }

func numberCell(row, column, style int, v float64) []byte {
	return rec(0x203, at(row, column, style), le64(math.Float64bits(v)))
}

func formulaCell(row, column int, result []byte) []byte {
	return rec(0x06, at(row, column, 0), result, make([]byte, 8))
}

// bookSheet is a sheet of a workbook.
type bookSheet struct {
	name   string
	hidden byte
	kind   byte
	cells  []byte // records
}

// bookFile is a workbook.
type bookFile struct {
	version int    // 0 for Excel 97
	lock    []byte // the record that says how it is locked
	globals []byte // more records
	sheets  []bookSheet
	props   []property
}

// stream writes the workbook; the heads of sheets say where they begin.
func (f bookFile) stream() []byte {
	version := f.version
	if version == 0 {
		version = 0x600
	}
	begin, end := rec(0x809, le16(version), le16(5), make([]byte, 4)), rec(0x0A)
	globals := concat(begin, f.lock, f.globals)
	places := make([]int, len(f.sheets))
	for i, s := range f.sheets {
		places[i] = len(globals) + 4
		name := shortUni(s.name)
		if version < 0x600 {
			name = concat([]byte{byte(len(s.name))}, []byte(s.name))
		}
		globals = concat(globals, rec(0x85, le32(0), []byte{s.hidden, s.kind}, name))
	}
	out := concat(globals, end)
	for i, s := range f.sheets {
		put(out, places[i], le32(len(out)))
		out = concat(out, rec(0x809, le16(version), le16(0x10), make([]byte, 4)), s.cells, end)
	}
	return out
}

func (f bookFile) bytes() []byte {
	name := "Workbook"
	if f.version != 0 {
		name = "Book"
	}
	return pack(stream{name: name, data: f.stream()}, summary(f.props...))
}

// sharedTexts writes the texts that cells refer to.
func sharedTexts(texts ...string) []byte {
	body := concat(le32(len(texts)), le32(len(texts)))
	for _, s := range texts {
		body = append(body, uni(s)...)
	}
	return rec(0xFC, body)
}

// locker encrypts a workbook the way Excel 97 or Excel 2002 does.
type locker struct {
	modern   bool
	bits     int // of the key of Excel 2002
	password string
}

const salt = "sixteen of salt."

func (l locker) key(block int) []byte {
	if l.modern {
		first := sha1.Sum(concat([]byte(salt), wide(l.password)))
		k := sha1.Sum(concat(first[:], le32(block)))
		if l.bits == 40 {
			return concat(k[:5], make([]byte, 11))
		}
		return k[:l.bits/8]
	}
	first := md5.Sum(wide(l.password))
	second := md5.Sum(slices.Repeat(concat(first[:5], []byte(salt)), 16))
	k := md5.Sum(concat(second[:5], le32(block)))
	return k[:]
}

func (l locker) apply(b []byte, block int) []byte {
	c, err := rc4.NewCipher(l.key(block))
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(b))
	c.XORKeyStream(out, b)
	return out
}

// head is the record that says how the workbook is locked.
func (l locker) head() []byte {
	verifier := []byte("something to try")
	if l.modern {
		sum := sha1.Sum(verifier)
		header := concat(make([]byte, 8), le32(0x6801), le32(0x8004), le32(l.bits), make([]byte, 12), le16(0))
		check := l.apply(concat(verifier, sum[:]), 0)
		return rec(0x2F, le16(1), le16(4), le16(2), le32(4), le32(len(header)), header,
			le32(len(salt)), []byte(salt), check[:16], le32(len(sum)), check[16:])
	}
	sum := md5.Sum(verifier)
	return rec(0x2F, le16(1), le16(1), le16(1), []byte(salt), l.apply(concat(verifier, sum[:]), 0))
}

// lock encrypts what comes behind its own record, but the heads of records and the places of
// sheets.
func (l locker) lock(b []byte) []byte {
	const block = 1024
	locked := make([]byte, 0, len(b))
	for i := 0; i < len(b); i += block {
		locked = append(locked, l.apply(b[i:min(i+block, len(b))], i/block)...)
	}
	out := slices.Clone(b)
	behind := false
	for at := 0; at+4 <= len(b); {
		kind, size := int(b[at])|int(b[at+1])<<8, int(b[at+2])|int(b[at+3])<<8
		open := 0
		if kind == 0x85 {
			open = 4
		}
		if behind && kind != 0x809 {
			put(out, at+4+open, locked[at+4+open:at+4+size])
		}
		behind = behind || kind == 0x2F
		at += 4 + size
	}
	return out
}
