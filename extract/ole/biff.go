package ole

import (
	"context"
	"strings"
	"unicode/utf8"
)

// Types of records of a workbook.
const (
	recFormula     = 0x0006
	recEnd         = 0x000A
	recDateMode    = 0x0022
	recFilePass    = 0x002F
	recContinue    = 0x003C
	recCodePage    = 0x0042
	recSheet       = 0x0085
	recManyNumbers = 0x00BD
	recRichText    = 0x00D6
	recStyle       = 0x00E0
	recStrings     = 0x00FC
	recSharedText  = 0x00FD
	recNumber      = 0x0203
	recText        = 0x0204
	recBool        = 0x0205
	recResult      = 0x0207
	recShortNumber = 0x027E
	recFormula3    = 0x0206 // as Excel 3 has it
	recFormula4    = 0x0406 // as Excel 4 has it, which some programs still write
	recFormat      = 0x041E
	recBegin       = 0x0809
)

// records reads the records of a workbook one after the other.
type records struct {
	b      []byte
	at     int
	budget *budget
}

// record is one of them, with those that continue it.
type record struct {
	kind int
	data []byte
	more [][]byte
}

// next returns the next record. At the end of the stream it returns errEnough.
func (r *records) next(ctx context.Context) (record, error) {
	const header = 4
	if r.at < 0 || r.at+header > len(r.b) {
		return record{}, errEnough
	}
	rec := record{kind: u16(r.b, r.at), data: span(r.b, r.at+header, u16(r.b, r.at+2))}
	size := header + len(rec.data)
	for u16(r.b, r.at+size) == recContinue && rec.kind != recContinue && r.at+size+header <= len(r.b) {
		part := span(r.b, r.at+size+header, u16(r.b, r.at+size+2))
		rec.more = append(rec.more, part)
		size += header + len(part)
	}
	r.at += size
	return rec, r.budget.spend(ctx, size)
}

// long reads a record that goes on in others. A text may break off anywhere and says anew at
// each break whether its characters have one byte or two.
type long struct {
	data []byte
	more [][]byte
}

func (l *long) byte() int {
	if len(l.data) == 0 && !l.turn() {
		return 0
	}
	c := l.data[0]
	l.data = l.data[1:]
	return int(c)
}

func (l *long) u16() int { return l.byte() | l.byte()<<8 }

func (l *long) u32() int { return l.u16() | l.u16()<<16 }

func (l *long) turn() bool {
	for len(l.data) == 0 {
		if len(l.more) == 0 {
			return false
		}
		l.data, l.more = l.more[0], l.more[1:]
	}
	return true
}

func (l *long) done() bool { return len(l.data) == 0 && !l.turn() }

func (l *long) skip(n int) {
	for n > 0 && (len(l.data) > 0 || l.turn()) {
		step := min(n, len(l.data))
		l.data = l.data[step:]
		n -= step
	}
}

// maxCell is how many bytes of the text of a cell are kept.
const maxCell = 4 << 10

// text reads a text whose count of characters is already read: flags, then the characters and
// what formats them.
func (l *long) text(chars int) string {
	const wide, phonetic, rich = 1, 4, 8
	flags := l.byte()
	behind := 0
	if flags&rich != 0 {
		behind = 4 * l.u16()
	}
	if flags&phonetic != 0 {
		behind += l.u32()
	}
	s := l.chars(chars, flags&wide != 0)
	l.skip(behind)
	return s
}

func (l *long) chars(n int, wide bool) string {
	var b strings.Builder
	for n > 0 {
		if len(l.data) == 0 {
			if !l.turn() {
				break
			}
			wide = l.byte()&1 != 0
		}
		part, width := l.data, 1
		if wide {
			width = 2
		}
		part = span(part, 0, max(width, min(n, len(part)/width)*width))
		l.data = l.data[len(part):]
		n -= max(1, len(part)/width)
		if b.Len() < maxCell {
			b.WriteString(plainText(part, wide))
		}
	}
	return cut(b.String())
}

// plainText decodes the characters of a text, as many as are kept of a cell.
func plainText(b []byte, wide bool) string {
	if wide {
		return utf16Text(b[:min(len(b), 2*maxCell)])
	}
	return latinText(b[:min(len(b), maxCell)])
}

// cut bounds a text by the bytes that are kept of a cell, whole characters only.
func cut(s string) string {
	if len(s) <= maxCell {
		return s
	}
	n := maxCell
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
