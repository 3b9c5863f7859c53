package ole

import (
	"bytes"
	"slices"
	"strings"

	"github.com/docsift/docsift/fault"
)

// compound is an OLE file: a small file system of storages and streams in one file. Reading it
// never fails halfway: of what was cut off or runs in a circle, the part that is there is read.
type compound struct {
	entries []entry
	top     []entry // of them
	whole   bool    // the directory was read to its end
	sectors blocks
	mini    blocks // small streams
	cutoff  uint32 // streams of fewer bytes are small
}

// entry is a storage or a stream of the directory.
type entry struct {
	name               string
	kind               byte
	left, right, child uint32 // entries; a directory is a binary tree of siblings
	start, size        uint32
}

const (
	streamEntry = 2
	rootEntry   = 5

	entrySize = 128 // bytes
)

// openCompound reads the directory of an OLE file.
func openCompound(b []byte, maxStreams int) (*compound, error) {
	const headerSize = 512
	if len(b) < headerSize || !bytes.HasPrefix(b, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
		return nil, corrupt("its header is missing")
	}
	shift := u16(b, 30)
	if shift != 9 && shift != 12 {
		return nil, corrupt("its sectors have an impossible size")
	}
	c := &compound{sectors: blocks{area: from(b, 1<<shift), shift: shift}, cutoff: u32(b, 56)}
	t := table{sectors: c.sectors, list: tableSectors(b, c.sectors)}
	c.sectors.next = t.next
	directory := c.sectors.chain(u32(b, 48), maxStreams*entrySize+1)
	c.whole = len(directory) <= maxStreams*entrySize
	for i := 0; i+entrySize <= min(len(directory), maxStreams*entrySize); i += entrySize {
		c.entries = append(c.entries, readEntry(directory[i:]))
	}
	if len(c.entries) == 0 || c.entries[0].kind != rootEntry {
		return nil, corrupt("it has no directory")
	}
	c.top = c.underRoot()
	smallTable := c.sectors.chain(u32(b, 60), len(b))
	c.mini = blocks{
		area:  c.sectors.chain(c.entries[0].start, int(min(uint64(c.entries[0].size), uint64(len(b))))),
		shift: 6,
		next:  func(n uint32) uint32 { return nextIn(smallTable, n) },
	}
	return c, nil
}

func readEntry(b []byte) entry {
	return entry{
		name: utf16Text(b[:min(64, max(0, u16(b, 64)-2))]),
		kind: b[66],
		left: u32(b, 68), right: u32(b, 72), child: u32(b, 76),
		start: u32(b, 116), size: u32(b, 120),
	}
}

// stream returns the first of the named streams that the file has at its top, or nil. Those
// further down belong to documents that it carries inside.
func (c *compound) stream(names ...string) []byte {
	for _, name := range names {
		if i := find(c.top, name); i >= 0 && c.top[i].kind == streamEntry {
			return c.read(c.top[i])
		}
	}
	return nil
}

// has reports whether the file has the named stream at its top.
func (c *compound) has(name string) bool { return find(c.top, name) >= 0 }

func find(list []entry, name string) int {
	return slices.IndexFunc(list, func(e entry) bool { return strings.EqualFold(e.name, name) })
}

// underRoot returns the entries right under the root, or all of them if that leads to none.
func (c *compound) underRoot() []entry {
	var out []entry
	seen := make([]bool, len(c.entries))
	todo := []uint32{c.entries[0].child}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if uint64(n) >= uint64(len(c.entries)) || seen[n] {
			continue
		}
		seen[n] = true
		e := c.entries[n]
		out = append(out, e)
		todo = append(todo, e.right, e.left)
	}
	if !slices.ContainsFunc(out, func(e entry) bool { return e.kind == streamEntry }) {
		return c.entries
	}
	return out
}

func (c *compound) read(e entry) []byte {
	in := c.sectors
	if e.size < c.cutoff {
		in = c.mini
	}
	return in.chain(e.start, int(min(uint64(e.size), uint64(len(c.sectors.area)))))
}

// missing is the error for a file without the stream that makes it a document.
func (c *compound) missing(what string) error {
	if c.has("EncryptedPackage") {
		return encrypted()
	}
	if !c.whole {
		return fault.New(fault.Inflated, nil, "the Office file holds too many parts: save it anew and send it again")
	}
	return fault.New(fault.Unsupported, nil, "the file is no %s inside: save it as PDF or in a current format and send it again", what)
}

// blocks is an area of equal blocks that are chained into streams.
type blocks struct {
	area  []byte
	shift int // of the block size, which is a power of two
	next  func(n uint32) uint32
}

// count returns the number of blocks; the last may be cut short.
func (s blocks) count() uint32 { return uint32((len(s.area) + 1<<s.shift - 1) >> s.shift) }

func (s blocks) block(n uint32) []byte {
	return span(s.area, int(n)<<s.shift, 1<<s.shift)
}

// chain returns the bytes of a chain, at most most of them. It ends where it leaves the area
// or meets itself.
func (s blocks) chain(start uint32, most int) []byte {
	if start >= s.count() || most <= 0 {
		return []byte{}
	}
	seen := make([]bool, s.count())
	out := make([]byte, 0, min(most, len(s.area)))
	for n := start; n < s.count() && !seen[n] && len(out) < most; n = s.next(n) {
		seen[n] = true
		b := s.block(n)
		out = append(out, b[:min(len(b), most-len(out))]...)
	}
	return out
}

// table is the file's list of what sector follows which.
type table struct {
	sectors blocks
	list    []uint32 // the sectors that hold it
}

func (t table) next(n uint32) uint32 {
	per := uint32(1) << (t.sectors.shift - 2)
	if i := n / per; i < uint32(len(t.list)) && t.list[i] < t.sectors.count() {
		return nextIn(t.sectors.block(t.list[i]), n%per)
	}
	return n + 1 // where the table is lost, sectors most likely stand in their order
}

// nextIn returns the nth number of a table, or one that is no block.
func nextIn(table []byte, n uint32) uint32 {
	if at := int(n) * 4; at+4 <= len(table) {
		return u32(table, at)
	}
	return ^uint32(0)
}

// tableSectors lists the sectors that hold the table: the first are named in the header, the
// rest in a chain of their own.
func tableSectors(b []byte, s blocks) []uint32 {
	const inHeader = 109
	per := 1<<(s.shift-2) - 1
	need := int(s.count())/(per+1) + 1
	var list []uint32
	for i := 0; i < inHeader && len(list) < need; i++ {
		list = append(list, u32(b, 76+4*i))
	}
	for n := u32(b, 68); n < s.count() && len(list) < need; {
		sector := s.block(n)
		for i := 0; i < per && len(list) < need; i++ {
			list = append(list, u32(sector, 4*i))
		}
		n = u32(sector, 4*per)
	}
	return list
}
