package ole_test

import (
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// Characters that a test writes for paragraph ends which a file tells apart by their format.
const (
	rowEnd  = '\uE000' // of a row
	cellEnd = '\uE001' // of a paragraph in a cell that has more
)

// wordFile is a Word document.
type wordFile struct {
	parts  []string // the body and what follows it, at most eight
	narrow int      // so many characters have one byte
	locked bool
	noList bool   // the list of pieces is missing
	noMark bool   // the formats of paragraphs are missing
	hidden string // a text that is not shown wherever it stands
	how    int    // the property of characters that hides it
	props  []property
}

func (f wordFile) streams() []stream {
	const textAt, magic, version = 0x600, 0xA5EC, 0xC1
	main := make([]byte, textAt)
	flags := 0x200
	if f.locked {
		flags |= 0x100
	}
	put(main, 0, concat(le16(magic), le16(version), make([]byte, 6), le16(flags)))
	for i, p := range f.parts {
		put(main, 0x4C+4*i, le32(len([]rune(p))))
	}
	text := []rune(strings.Join(f.parts, ""))
	table := f.write(&main, text)
	put(main, 0x18, concat(le32(textAt), le32(len(main))))
	if !f.noMark {
		f.marks(&main, &table, text, textAt)
	}
	if f.hidden != "" {
		f.conceal(&main, &table, text, textAt)
	}
	out := []stream{{name: "WordDocument", data: main}, {name: "1Table", data: table}}
	if len(f.props) > 0 {
		out = append(out, summary(f.props...))
	}
	return out
}

func (f wordFile) bytes() []byte { return pack(f.streams()...) }

// write appends the text to the main stream and returns the list of its pieces.
func (f wordFile) write(main *[]byte, text []rune) []byte {
	chars := strings.NewReplacer(string(rowEnd), "\a", string(cellEnd), "\r")
	head, tail := chars.Replace(string(text[:f.narrow])), chars.Replace(string(text[f.narrow:]))
	bytes, err := charmap.Windows1252.NewEncoder().Bytes([]byte(head))
	if err != nil {
		panic(err)
	}
	at := len(*main)
	*main = concat(*main, bytes, wide(tail))
	if f.noList {
		return make([]byte, 8)
	}
	// A format comes before the list, as Word writes one.
	list := concat([]byte{1}, le16(2), []byte{9, 9}, []byte{2}, le32(4*3+8*2))
	list = concat(list, le32(0), le32(f.narrow), le32(f.narrow+len([]rune(tail))))
	list = concat(list, le16(0), le32(2*at|1<<30), le16(0), le16(0), le32(at+len(bytes)), le16(0))
	put(*main, 0x1A2, concat(le32(8), le32(len(list))))
	return concat(make([]byte, 8), list)
}

// marks appends a page of paragraph formats and the list of pages.
func (f wordFile) marks(main, table *[]byte, text []rune, textAt int) {
	const pageSize, entrySize = 512, 13
	page := make([]byte, pageSize)
	ends, kinds := []int{textAt}, []rune{}
	for i, at := 0, textAt; i < len(text); i++ {
		at++
		if i >= f.narrow {
			at++
		}
		if slices.Contains([]rune{'\r', '\a', rowEnd, cellEnd}, text[i]) {
			ends, kinds = append(ends, at), append(kinds, text[i])
		}
	}
	for i, at := range ends {
		put(page, 4*i, le32(at))
	}
	inTable, endsRow := concat(le16(0x2416), []byte{1}), concat(le16(0x2417), []byte{1})
	shape := concat(le16(0xD608), le16(5), make([]byte, 4), le16(0x6649), le32(1))
	at := pageSize - 2
	for i, kind := range kinds {
		format := le16(0)
		switch kind {
		case '\a', cellEnd:
			format = concat(le16(0), inTable)
		case rowEnd:
			format = concat(le16(0), shape, inTable, endsRow)
		}
		format = append([]byte{byte((len(format) + 2) / 2)}, format...)
		if len(format)%2 != 0 {
			format = append(format, 0)
		}
		at -= len(format)
		put(page, at, format)
		page[4*len(ends)+entrySize*i] = byte(at / 2)
	}
	page[pageSize-1] = byte(len(kinds))
	*main = append(*main, make([]byte, pageSize-len(*main)%pageSize)...)
	number := len(*main) / pageSize
	*main = append(*main, page...)
	put(*main, 0x102, concat(le32(len(*table)), le32(12)))
	*table = concat(*table, le32(textAt), le32(ends[len(ends)-1]), le32(number))
}

// conceal appends a page of character formats and the list of pages.
func (f wordFile) conceal(main, table *[]byte, text []rune, textAt int) {
	const pageSize = 512
	page := make([]byte, pageSize)
	place := func(i int) int { return textAt + i + max(0, i-f.narrow) }
	var ends []int
	var formats [][]byte
	for i := range text {
		if strings.HasPrefix(string(text[i:]), f.hidden) {
			bold := concat(le16(0x0835), []byte{1})
			ends = append(ends, place(i), place(i+len([]rune(f.hidden))))
			formats = append(formats, nil, concat(bold, le16(f.how), []byte{1}))
		}
	}
	put(page, 0, le32(textAt))
	at := pageSize - 2
	for i, end := range ends {
		put(page, 4*i+4, le32(end))
		if formats[i] != nil {
			at -= 8
			put(page, at, append([]byte{byte(len(formats[i]))}, formats[i]...))
			page[4*(len(ends)+1)+i] = byte(at / 2)
		}
	}
	page[pageSize-1] = byte(len(ends))
	*main = append(*main, make([]byte, pageSize-len(*main)%pageSize)...)
	number := len(*main) / pageSize
	*main = append(*main, page...)
	put(*main, 0xFA, concat(le32(len(*table)), le32(12)))
	*table = concat(*table, le32(textAt), le32(ends[len(ends)-1]), le32(number))
}

// oldWord writes a document of Word 95 in a code page.
func oldWord(version, language int, text []byte, props ...property) []byte {
	const textAt, magic = 0x300, 0xA5DC
	main := make([]byte, textAt)
	put(main, 0, concat(le16(magic), le16(version), le16(0), le16(language)))
	put(main, 0x18, concat(le32(textAt), le32(textAt+len(text))))
	put(main, 0x34, le32(len(text)))
	return pack(stream{name: "WordDocument", data: append(main, text...)}, summary(props...))
}
