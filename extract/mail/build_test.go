package mail_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/mail"
)

// read reads a document with stand-ins for the readers of bodies.
func read(t *testing.T, kind document.Type, b []byte, o mail.Options) (*extract.Content, error) {
	t.Helper()
	if o.HTML == nil {
		o.HTML = fakeHTML
	}
	if o.RTF == nil {
		o.RTF = func(b []byte) (*extract.Content, error) { return shown("rich(" + string(b) + ")"), nil }
	}
	return mail.New(o).Extract(t.Context(), &document.Document{Type: kind, Bytes: b})
}

// fakeHTML shows what it was given.
func fakeHTML(page []byte, charset string) *extract.Content {
	return shown(strings.TrimSpace("page " + charset + "(" + string(page) + ")"))
}

func shown(text string) *extract.Content {
	return &extract.Content{Pages: []extract.Page{{Number: 1, Text: text}}, PageCount: 1}
}

// crlf ends the lines of a message as mail does.
func crlf(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n") }

// node is a storage, or a stream when it has data.
type node struct {
	name  string
	data  []byte
	nodes []node
}

// utf16Stream is a text property of a message.
func utf16Stream(id, s string) node {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return node{name: "__substg1.0_" + id + "001F", data: b}
}

func stream(name string, b []byte) node { return node{name: "__substg1.0_" + name, data: b} }

// fixed is the stream of properties of fixed size, skip bytes into it.
func fixed(skip int, values map[uint16]uint64) node {
	b := make([]byte, skip)
	for id, v := range values {
		b = binary.LittleEndian.AppendUint16(b, 3)
		b = binary.LittleEndian.AppendUint16(b, id)
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return node{name: "__properties_version1.0", data: b}
}

// compound writes storages and streams as an OLE file with sectors of 512 bytes.
func compound(nodes ...node) []byte {
	w := &writer{}
	w.add(node{name: "Root Entry", nodes: nodes}, 5)
	const free, end, sat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
	mini := w.chain(w.mini)
	miniTable := w.chain(words(w.miniTable...))
	binary.LittleEndian.PutUint32(w.entries[0][116:], mini)
	binary.LittleEndian.PutUint32(w.entries[0][120:], uint32(len(w.mini)))
	directory := w.chain(bytes.Join(w.entries, nil))
	tables := (len(w.table)+128)/127 + 1
	first := len(w.table)
	for range tables {
		w.table = append(w.table, sat)
	}
	head := make([]byte, 512)
	copy(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	binary.LittleEndian.PutUint16(head[30:], 9)
	binary.LittleEndian.PutUint32(head[48:], directory)
	binary.LittleEndian.PutUint32(head[60:], miniTable)
	binary.LittleEndian.PutUint32(head[68:], end)
	for i := range 109 {
		at := uint32(free)
		if i < tables {
			at = uint32(first + i)
		}
		binary.LittleEndian.PutUint32(head[76+4*i:], at)
	}
	return slices.Concat(head, w.area, pad(words(w.table...), 512*tables))
}

type writer struct {
	area      []byte // of sectors
	table     []uint32
	mini      []byte
	miniTable []uint32
	entries   [][]byte
}

// add writes an entry and what is in it, and returns its number.
func (w *writer) add(n node, kind byte) uint32 {
	at := len(w.entries)
	e := make([]byte, 128)
	w.entries = append(w.entries, e)
	for i, u := range utf16.Encode([]rune(n.name)) {
		binary.LittleEndian.PutUint16(e[2*i:], u)
	}
	binary.LittleEndian.PutUint16(e[64:], uint16(2*len(n.name)+2))
	e[66] = kind
	for i := range 3 {
		binary.LittleEndian.PutUint32(e[68+4*i:], 0xFFFFFFFF)
	}
	last := e[76:] // each sibling is to the right of the one before
	for _, inner := range n.nodes {
		kind := byte(1)
		if inner.nodes == nil {
			kind = 2
		}
		binary.LittleEndian.PutUint32(last, uint32(len(w.entries)))
		number := w.add(inner, kind)
		last = w.entries[number][72:]
	}
	if kind == 2 {
		start := w.small(n.data)
		if len(n.data) >= 4096 {
			start = w.chain(n.data)
		}
		binary.LittleEndian.PutUint32(e[116:], start)
		binary.LittleEndian.PutUint32(e[120:], uint32(len(n.data)))
	}
	return uint32(at)
}

func (w *writer) chain(b []byte) uint32 {
	return link(&w.area, &w.table, b, 512)
}

func (w *writer) small(b []byte) uint32 {
	if len(b) >= 4096 {
		return 0
	}
	return link(&w.mini, &w.miniTable, b, 64)
}

// link appends b to an area of blocks and chains them.
func link(area *[]byte, table *[]uint32, b []byte, size int) uint32 {
	const end = 0xFFFFFFFE
	start := uint32(len(*table))
	for len(b) > 0 {
		n := min(size, len(b))
		*area = append(*area, pad(b[:n:n], size)...)
		*table = append(*table, uint32(len(*table)+1))
		b = b[n:]
	}
	if uint32(len(*table)) == start {
		return end
	}
	(*table)[len(*table)-1] = end
	return start
}

func words(list ...uint32) []byte {
	var b []byte
	for _, n := range list {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// pad fills b up with what means nothing in a table.
func pad(b []byte, size int) []byte {
	return append(b, bytes.Repeat([]byte{0xFF}, max(0, size-len(b)))...)
}

// pack compresses rich text as Outlook does: with references into what went before, the
// primer included.
func pack(primer, text string) []byte {
	all := primer + text
	var body []byte
	flags, items := 0, 0
	item := func(flag bool, b ...byte) {
		if items%8 == 0 {
			flags = len(body)
			body = append(body, 0)
		}
		if flag {
			body[flags] |= 1 << (items % 8)
		}
		body = append(body, b...)
		items++
	}
	reference := func(from, n int) { item(true, byte(from%4096>>4), byte(from%4096<<4&0xF0|(n-2))) }
	for at := len(primer); at < len(all); {
		n := min(17, len(all)-at)
		from := -1
		for ; n >= 2; n-- {
			if from = strings.LastIndex(all[max(0, at-4000):at], all[at:at+n]); from >= 0 {
				break
			}
		}
		if from < 0 {
			item(false, all[at])
			at++
			continue
		}
		reference(max(0, at-4000)+from, n)
		at += n
	}
	reference(len(all), 2) // the end
	return slices.Concat(words(uint32(len(body)+12), uint32(len(text)), 0x75465A4C, 0), body)
}
