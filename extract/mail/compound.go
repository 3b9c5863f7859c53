package mail

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"

	"github.com/docsift/docsift/fault"
)

// compound is the file system of storages and streams that an Outlook message is. What is
// cut off or runs in a circle is read as far as it goes, and no byte is read twice: what all
// streams have together is bounded by the file's size.
type compound struct {
	entries []entry
	listed  []bool // entries that are known to lie in a storage; none lies in two
	sectors blocks
	mini    blocks // of small streams
	left    int    // bytes that streams may still give
}

// entry is a storage or a stream.
type entry struct {
	name               string
	kind               byte
	left, right, child uint32 // a storage's entries are a binary tree
	start, size        uint32
}

const (
	storageEntry = 1
	streamEntry  = 2
	rootEntry    = 5
	entrySize    = 128 // bytes
)

// openCompound reads the directory, which may list maxEntries.
func openCompound(b []byte, maxEntries int) (*compound, error) {
	const headerSize = 512
	shift := 0
	if len(b) > headerSize && bytes.HasPrefix(b, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
		shift = int(binary.LittleEndian.Uint16(b[30:]))
	}
	if shift != 9 && shift != 12 {
		return nil, corrupt("it does not begin as one")
	}
	c := &compound{sectors: blocks{area: b[min(len(b), 1<<shift):], shift: shift}, left: len(b)}
	c.sectors.table = c.table(b[:headerSize])
	directory := c.sectors.chain(u32(b, 48), len(b))
	if len(directory)/entrySize > maxEntries {
		return nil, fault.New(fault.Inflated, nil, "the Outlook message has more than %d streams: save it as .eml and send it again", maxEntries)
	}
	for ; len(directory) >= entrySize; directory = directory[entrySize:] {
		c.entries = append(c.entries, newEntry(directory))
	}
	if len(c.entries) == 0 || c.entries[0].kind != rootEntry {
		return nil, corrupt("it has no directory")
	}
	root := c.entries[0]
	c.listed = make([]bool, len(c.entries))
	c.mini = blocks{
		area:  c.sectors.chain(root.start, min(int(root.size), len(b))),
		shift: 6,
		table: c.sectors.chain(u32(b, 60), len(b)),
	}
	return c, nil
}

func corrupt(what string) error {
	return fault.New(fault.Corrupt, nil, "the Outlook message is damaged or incomplete (%s): save it anew and send it again", what)
}

// table gathers the file's table of what sector follows which. Its own sectors are listed in
// the header, and then in a chain of lists.
func (c *compound) table(header []byte) []byte {
	const first = 76 // place of the list in the header
	var table []byte
	add := func(list []byte) {
		for ; len(list) >= 4 && len(table) < 4*c.sectors.count(); list = list[4:] {
			table = append(table, c.sectors.block(u32(list, 0))...)
		}
	}
	add(header[first:])
	next := u32(header, 68)
	for n := c.sectors.count(); n > 0; n-- {
		list := c.sectors.block(next)
		if len(list) < 1<<c.sectors.shift {
			break
		}
		add(list[:len(list)-4])
		next = u32(list, len(list)-4)
	}
	return table
}

func newEntry(b []byte) entry {
	size := min(64, max(2, int(binary.LittleEndian.Uint16(b[64:])))) - 2
	return entry{
		name: decodeUTF16(b[:size]), kind: b[66],
		left: u32(b, 68), right: u32(b, 72), child: u32(b, 76),
		start: u32(b, 116), size: u32(b, 120),
	}
}

// list returns what lies in a storage, in no order.
func (c *compound) list(storage entry) []entry {
	var out []entry
	todo := []uint32{storage.child}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if uint64(n) >= uint64(len(c.entries)) || c.listed[n] {
			continue
		}
		c.listed[n] = true
		e := c.entries[n]
		out = append(out, e)
		todo = append(todo, e.right, e.left)
	}
	return out
}

// read returns the bytes of a stream.
func (c *compound) read(e entry) []byte {
	const small = 4096
	in := c.sectors
	if e.size < small {
		in = c.mini
	}
	b := in.chain(e.start, min(int(e.size), c.left))
	c.left -= len(b)
	return b
}

// blocks is an area of equal blocks that a table chains into streams.
type blocks struct {
	area  []byte
	shift int // of the size, which is a power of two
	table []byte
}

// count returns the number of blocks; the last may be cut short.
func (s blocks) count() int { return (len(s.area) + 1<<s.shift - 1) >> s.shift }

func (s blocks) block(n uint32) []byte {
	if uint64(n) >= uint64(s.count()) {
		return nil
	}
	b := s.area[int(n)<<s.shift:]
	return b[:min(len(b), 1<<s.shift)]
}

// chain returns the bytes of a chain, at most most of them. A chain longer than the area runs
// in a circle.
func (s blocks) chain(n uint32, most int) []byte {
	var out []byte
	for left := s.count(); left > 0 && len(out) < most; left-- {
		b := s.block(n)
		if b == nil {
			break
		}
		out = append(out, b[:min(len(b), most-len(out))]...)
		if uint64(n)*4+4 > uint64(len(s.table)) {
			break
		}
		n = u32(s.table, int(n)*4)
	}
	return out
}

// u32 returns a number, or 0 where the bytes end before it.
func u32(b []byte, at int) uint32 {
	if at+4 > len(b) {
		return 0
	}
	return binary.LittleEndian.Uint32(b[at:])
}

func decodeUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}
