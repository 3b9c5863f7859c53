package ole_test

import (
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/ole"
)

func TestWordText(t *testing.T) {
	row, para := string(rowEnd), string(cellEnd)
	tests := []struct {
		name string
		file wordFile
		want string
	}{
		{"pieces of one and of two bytes a character", wordFile{parts: []string{"Café “au lait” für Zoë\r"}, narrow: 9}, "Café “au lait” für Zoë"},
		{"characters beyond 16 bits", wordFile{parts: []string{"tea \U0001F375 time\r"}}, "tea \U0001F375 time"},
		{"no empty lines", wordFile{parts: []string{"a\r\r\rb\vc\fd\x0Ee\r"}}, "a\nb\nc\nd\ne"},
		{"hyphens and what is not shown", wordFile{parts: []string{"non\x1Ebreaking, soft\x1Fhyphen, \x01\x08picture, no\x02te\x05\r"}}, "non-breaking, softhyphen, picture, note"},
		{"a picture between two words", wordFile{parts: []string{"14 Mill Lane\x01Ludlow\r"}}, "14 Mill Lane Ludlow"},
		{"results of fields and not their instructions", wordFile{parts: []string{"Page \x13 PAGE \x14" + "7\x15 of \x13 NUMPAGES \x15" + "9\r"}}, "Page 7 of 9"},
		{"fields in fields", wordFile{parts: []string{"\x13 IF \x13 DATE \x14x\x15 = 1 \x14see \x13 HYPERLINK \"y\" \x14the site\x15\x15.\r"}}, "see the site."},
		{"no field that hides what follows its part", wordFile{parts: []string{"a \x13 PAGE\r", "note\r"}}, "a \nnote"},
		{"ends of fields that never began", wordFile{parts: []string{"a\x15\x15\x14 b\r"}}, "a b"},
		{"tables, with an empty cell and paragraphs in a cell", wordFile{parts: []string{"Before\rName\aRose\a" + row + "\a1 Hill" + para + "Road\a" + row + "x\a\ay\a" + row + "After\r"}}, "Before\nName\tRose\n1 Hill Road\nx\ty\nAfter"},
		{"tables of a file that does not tell cells from rows", wordFile{parts: []string{"Name\aRose\a\aRoad\aHill\a\aAfter\r"}, noMark: true}, "Name\tRose\nRoad\tHill\nAfter"},
		{"notes, headers, comments and text boxes", wordFile{parts: []string{"body\r", "foot\r", "head\r", "", "comment\r", "end\r", "box\r", "box of head\r"}}, "body\nfoot\nhead\ncomment\nend\nbox\nbox of head"},
		{"no hidden text, in a field neither", wordFile{parts: []string{"see secret\x13 IF x \x14secret\x15this\r"}, narrow: 6, hidden: "secret", how: 0x083C}, "see this"},
		{"no text deleted while changes were tracked", wordFile{parts: []string{"twenty ninety days\r"}, hidden: "ninety ", how: 0x0800}, "twenty days"},
		{"text whose list of pieces is lost", wordFile{parts: []string{"all of one byte\r"}, narrow: 16, noList: true, noMark: true}, "all of one byte"},
		{"text of two bytes whose list of pieces is lost", wordFile{parts: []string{"all of two bytes\r"}, noList: true, noMark: true}, "all of two bytes"},
		{"nothing", wordFile{parts: []string{"\r"}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(t, document.DOC, tt.file.bytes(), ole.Options{}).Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOldWordText(t *testing.T) {
	russian := []byte("\xD7\xE0\xE9\a\xEA\xEE\xF4\xE5\a\a\xE4\xE0\r")
	machine := property{1, concat(le32(2), le16(1251), le16(0))}
	tests := []struct {
		name     string
		version  int
		language int
		text     []byte
		props    []property
		want     string
	}{
		{"Word 6 in English", 101, 0x409, []byte("Caf\xE9 \x93au lait\x94\r"), nil, "Café “au lait”"},
		{"Word 95 in Russian", 104, 0x419, russian, nil, "Чай\tкофе\nда"},
		{"Word 95 in Japanese", 104, 0x411, []byte("\x93\xFA\x96\x7B\r"), nil, "日本"},
		{"a machine set up for another language", 104, 0x409, russian, []property{machine}, "Чай\tкофе\nда"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(t, document.DOC, oldWord(tt.version, tt.language, tt.text, tt.props...), ole.Options{}).Text(); got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWordTextIsBounded(t *testing.T) {
	c := read(t, document.DOC, wordFile{parts: []string{"one two ü three\r"}}.bytes(), ole.Options{MaxText: 9})
	if got, want := c.Text(), "one two"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

// Pieces that all name the same stretch of the file make no more text than the file has bytes.
func TestWordPiecesThatOverlap(t *testing.T) {
	const at, size, pieces = 0x600, 4096, 500
	main := make([]byte, at+size)
	put(main, 0, concat(le16(0xA5EC), le16(0xC1)))
	for i := at; i < len(main); i++ {
		main[i] = 'x'
	}
	var places, list []byte
	for i := range pieces + 1 {
		places = append(places, le32(i*size)...)
	}
	for range pieces {
		list = append(list, concat(le16(0), le32(2*at|1<<30), le16(0))...)
	}
	table := concat([]byte{2}, le32(len(places)+len(list)), places, list)
	put(main, 0x1A2, concat(le32(0), le32(len(table))))
	c := read(t, document.DOC, pack(stream{name: "WordDocument", data: main}, stream{name: "0Table", data: table}), ole.Options{})
	if n := len(c.Text()); n == 0 || n > len(main) {
		t.Errorf("%d bytes of text from a stream of %d", n, len(main))
	}
}
