package ole_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf16"
)

// The builders write whole files of their own making, as few bytes as the formats allow.

func le16(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }

func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

func le64(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, le16(int(u))...)
	}
	return b
}

func concat(parts ...[]byte) []byte { return slices.Concat(parts...) }

// put writes b at an offset of area.
func put(area []byte, at int, b []byte) { copy(area[at:], b) }

// stream is a stream of a compound file. A parent other than "" is the storage that holds it.
type stream struct {
	name, parent string
	data         []byte
}

// volume lays streams out in sectors.
type volume struct {
	shift   int // 9 or 12
	sectors []byte
	table   []uint32
}

const (
	endOfChain = 0xFFFFFFFE
	noEntry    = 0xFFFFFFFF
)

func (v *volume) size() int { return 1 << v.shift }

// add appends a chain of sectors and returns its first.
func (v *volume) add(b []byte) uint32 {
	if len(b) == 0 {
		return endOfChain
	}
	first := uint32(len(v.table))
	for rest := b; len(rest) > 0; {
		n := min(len(rest), v.size())
		v.sectors = append(v.sectors, rest[:n]...)
		v.sectors = append(v.sectors, make([]byte, v.size()-n)...)
		v.table = append(v.table, uint32(len(v.table)+1))
		rest = rest[n:]
	}
	v.table[len(v.table)-1] = endOfChain
	return first
}

func words(list []uint32) []byte {
	b := make([]byte, 0, 4*len(list))
	for _, n := range list {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// pack writes a compound file of sectors of 512 bytes.
func pack(streams ...stream) []byte { return packSectors(9, streams...) }

func packSectors(shift int, streams ...stream) []byte {
	const cutoff, small = 4096, 64
	v := &volume{shift: shift}
	var mini []byte
	var miniTable []uint32
	starts := make([]uint32, len(streams))
	for i, s := range streams {
		if len(s.data) >= cutoff || len(s.data) == 0 {
			starts[i] = v.add(s.data)
			continue
		}
		starts[i] = uint32(len(miniTable))
		for n := 0; n < len(s.data); n += small {
			miniTable = append(miniTable, uint32(len(miniTable)+1))
		}
		miniTable[len(miniTable)-1] = endOfChain
		mini = append(mini, s.data...)
		mini = append(mini, make([]byte, small*len(miniTable)-len(mini))...)
	}
	miniStart, miniTableStart := v.add(mini), v.add(words(miniTable))
	directory := v.add(directoryOf(streams, starts, miniStart, len(mini)))
	return v.finish(directory, miniTableStart)
}

// finish writes the table of sectors and the header.
func (v *volume) finish(directory, miniTable uint32) []byte {
	const inHeader = 109
	per := v.size() / 4
	var tables, more []uint32
	for n := 0; n*per < len(v.table)+n+len(v.table)/per/per+2; n++ {
		tables = append(tables, uint32(len(v.table)+n))
	}
	rest := tables[min(len(tables), inHeader):]
	firstMore := uint32(endOfChain)
	for at := len(v.table) + len(tables); len(rest) > 0; at++ {
		if firstMore == endOfChain {
			firstMore = uint32(at)
		}
		n := min(len(rest), per-1)
		part := append(slices.Clone(rest[:n]), slices.Repeat([]uint32{noEntry}, per-1-n)...)
		next := uint32(endOfChain)
		if rest = rest[n:]; len(rest) > 0 {
			next = uint32(at + 1)
		}
		more = append(more, append(part, next)...)
	}
	table := words(v.table)
	table = append(table, bytes.Repeat([]byte{0xFF}, len(tables)*v.size()-len(table))...)
	head := make([]byte, v.size())
	put(head, 0, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))
	put(head, 24, concat(le16(0x3E), le16(3), le16(0xFFFE), le16(v.shift), le16(6)))
	put(head, 44, concat(le32(len(tables)), le32(int(directory)), le32(0), le32(4096), le32(int(miniTable)), le32(1)))
	put(head, 68, concat(le32(int(firstMore)), le32(len(more)/per)))
	put(head, 76, bytes.Repeat([]byte{0xFF}, 4*inHeader))
	put(head, 76, words(tables[:min(len(tables), inHeader)]))
	return concat(head, v.sectors, table, words(more))
}

// directoryOf writes the root, the streams and the storages that hold some of them. Siblings
// hang to the right of each other.
func directoryOf(streams []stream, starts []uint32, miniStart uint32, miniSize int) []byte {
	type node struct{ child, last int }
	nodes := map[string]*node{"": {}}
	entries := [][]byte{dirEntry("Root Entry", 5, miniStart, miniSize)}
	link := func(parent string, b []byte) int {
		at := len(entries)
		entries = append(entries, b)
		if p := nodes[parent]; p.child == 0 {
			p.child, p.last = at, at
		} else {
			put(entries[p.last], 72, le32(at))
			p.last = at
		}
		return at
	}
	owner := map[string]int{"": 0}
	for i, s := range streams {
		if nodes[s.parent] == nil {
			nodes[s.parent] = &node{}
			owner[s.parent] = link("", dirEntry(s.parent, 1, 0, 0))
		}
		link(s.parent, dirEntry(s.name, 2, starts[i], len(s.data)))
	}
	for name, n := range nodes {
		if n.child != 0 {
			put(entries[owner[name]], 76, le32(n.child))
		}
	}
	return slices.Concat(entries...)
}

func dirEntry(name string, kind byte, start uint32, size int) []byte {
	b := make([]byte, 128)
	put(b, 0, wide(name))
	put(b, 64, le16(2*len(utf16.Encode([]rune(name)))+2))
	b[66] = kind
	put(b, 68, words([]uint32{noEntry, noEntry, noEntry}))
	put(b, 116, concat(le32(int(start)), le32(size)))
	return b
}

// property is a value of a property set, with its type.
type property struct {
	id    int
	value []byte
}

func textProperty(id int, s string) property {
	return property{id, concat(le32(30), le32(len(s)+1), []byte(s), []byte{0})}
}

func numberProperty(id, n int) property { return property{id, concat(le32(3), le32(n))} }

// summary writes the properties of a document.
func summary(list ...property) stream {
	head := make([]byte, 48)
	put(head, 0, le16(0xFFFE))
	put(head, 24, le32(1))
	put(head, 44, le32(48))
	at := 8 + 8*len(list)
	var index, values []byte
	for _, p := range list {
		index = append(index, concat(le32(p.id), le32(at+len(values)))...)
		values = append(values, p.value...)
	}
	section := concat(le32(at+len(values)), le32(len(list)), index, values)
	return stream{name: "\x05SummaryInformation", data: concat(head, section)}
}
