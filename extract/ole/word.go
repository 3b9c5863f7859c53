package ole

import (
	"bytes"
	"context"
	"encoding/binary"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// word is a Word document: its main stream begins with a header that says where text and
// tables are.
type word struct {
	main   []byte
	tables []byte // the stream that the header's offsets of tables point into
	old    bool   // Word 6 or 95
	page   int    // code page of text with one byte a character
}

// piece is a stretch of text as it lies in the main stream.
type piece struct {
	at    int // bytes
	chars int
	wide  bool // two bytes a character
}

func (p piece) width() int {
	if p.wide {
		return 2
	}
	return 1
}

// readWord reads a Word document: the body, then notes, headers, comments and text boxes.
func readWord(ctx context.Context, c *compound, o Options) (*extract.Content, error) {
	w, err := openWord(c)
	if err != nil {
		return nil, err
	}
	pieces := w.pieces()
	if pieces == nil {
		return nil, corrupt("its text cannot be found")
	}
	out := &output{max: o.MaxText}
	if err := w.readPieces(ctx, pieces, out); err != nil {
		return nil, err
	}
	meta, pages := properties(c)
	return &extract.Content{
		Pages:     []extract.Page{{Number: 1, Text: out.String()}},
		PageCount: pages,
		Meta:      meta,
	}, nil
}

func openWord(c *compound) (*word, error) {
	const (
		oldest, oldMagic, magic = 101, 0xA5DC, 0xA5EC
		locked, secondTable     = 0x100, 0x200 // flags
	)
	w := &word{main: c.stream("WordDocument")}
	version, flags := u16(w.main, 2), u16(w.main, 10)
	switch {
	case w.main == nil:
		return nil, c.missing("Word document")
	case len(w.main) < 0x60 || u16(w.main, 0) != magic && u16(w.main, 0) != oldMagic:
		return nil, corrupt("its text has no header")
	case version < oldest:
		return nil, fault.New(fault.Unsupported, nil, "the document was written by a Word older than Word 6: save it in a current format and send it again")
	case flags&locked != 0:
		return nil, encrypted()
	}
	const firstNew = 105
	w.old, w.page = version < firstNew, western
	names := []string{"0Table", "1Table"}
	if flags&secondTable != 0 {
		names = []string{"1Table", "0Table"}
	}
	if w.old {
		w.tables, w.page = w.main, oldPage(u16(w.main, 6), c)
		return w, nil
	}
	w.tables = c.stream(names...)
	return w, nil
}

// table returns a table of the document by the place of its offset and size in the header.
func (w *word) table(at int) []byte {
	return span(w.tables, int(u32(w.main, at)), int(u32(w.main, at+4)))
}

// pieces lists where the text lies, in the order of reading. Without the list that the file
// keeps, it lies in one piece.
func (w *word) pieces() []piece {
	at := 0x1A2
	if w.old {
		at = 0x160
	}
	if list := w.pieceTable(w.table(at)); len(list) > 0 {
		return list
	}
	begin := int(u32(w.main, 0x18))
	text := span(w.main, begin, int(u32(w.main, 0x1C))-begin)
	zeros := bytes.Count(text, []byte{0})
	switch {
	case !w.old && zeros > len(text)/4:
		return []piece{{at: begin, chars: len(text) / 2, wide: true}}
	case zeros > len(text)/100: // no text
		return nil
	}
	return []piece{{at: begin, chars: len(text)}}
}

// pieceTable reads the list of pieces, which follows a list of formats.
func (w *word) pieceTable(b []byte) []piece {
	const formats, pieces = 1, 2
	for len(b) > 0 && b[0] == formats {
		b = from(b, 3+u16(b, 1))
	}
	if len(b) == 0 || b[0] != pieces {
		return nil
	}
	b = span(b, 5, int(u32(b, 1)))
	n := (len(b) - 4) / 12
	var list []piece
	for i := range n {
		begin, end := u32(b, 4*i), u32(b, 4*i+4)
		if end < begin {
			break
		}
		list = append(list, w.piece(u32(b, 4*(n+1)+8*i+2), min(int(end-begin), len(w.main))))
	}
	return list
}

func (w *word) piece(offset uint32, chars int) piece {
	const narrow = 1 << 30
	switch {
	case w.old:
		return piece{at: int(offset), chars: chars}
	case offset&narrow != 0:
		return piece{at: int(offset&^narrow) / 2, chars: chars}
	}
	return piece{at: int(offset), chars: chars, wide: true}
}

// parts returns where the parts of the text end, in characters: the body and what follows it.
func (w *word) parts() []int {
	at := 0x4C
	if w.old {
		at = 0x34
	}
	var ends []int
	for i, end := 0, 0; i < 8; i++ {
		if n := int(u32(w.main, at+4*i)); n <= len(w.main) {
			end += n
		}
		ends = append(ends, end)
	}
	return ends
}

// readPieces writes the text of all pieces. An honest file has no more characters than bytes.
func (w *word) readPieces(ctx context.Context, list []piece, out *output) error {
	p := &prose{out: out, marks: w.marks(), hidden: w.hidden(), ends: w.parts()}
	for _, x := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		left := max(0, len(w.main)-p.chars)
		w.readPiece(x, span(w.main, x.at, min(left, x.chars)*x.width()), p)
		if out.full() {
			break
		}
	}
	return nil
}

func (w *word) readPiece(x piece, b []byte, p *prose) {
	switch {
	case x.wide:
		p.wide(b, x.at)
	case w.page != western:
		for _, r := range decoded(codePage(w.page), b) {
			p.char(r, 0)
		}
	default:
		for i, c := range b {
			p.char(charmap.Windows1252.DecodeByte(c), x.at+i)
		}
	}
}

// oldPage returns the code page of an old file, which tells its language. One that claims
// a western language may have been written on a machine that was set up for another.
func oldPage(language int, c *compound) int {
	if page := codePageOf(language); page != western {
		return page
	}
	if page := pageOfProperties(c); page >= 874 && page <= 1258 && page != 1200 {
		return page
	}
	return western
}

// wide reads UTF-16 that lies at an offset.
func (p *prose) wide(b []byte, at int) {
	for i := 0; i+2 <= len(b); i += 2 {
		r := rune(binary.LittleEndian.Uint16(b[i:]))
		if utf16.IsSurrogate(r) && i+4 <= len(b) {
			r = utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(b[i+2:])))
			p.chars++
			i += 2
		}
		p.char(r, at+i)
	}
}
