package picture_test

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
)

// Compressions of a TIFF.
const (
	plain     = 1
	faxRows   = 2
	faxGroup3 = 3
	faxGroup4 = 4
	packLZW   = 5
	jpegs     = 7
	deflate   = 8
	packBits  = 32773
)

// tiffPage is a page that buildTIFF writes. What is zero is not written.
type tiffPage struct {
	width, height int
	bits, samples int // default 8 and 1
	model         int // default 1, black is zero
	compression   int // default plain
	rows          int // of a strip, default all
	tile          int // width and height of tiles
	planar        bool
	predictor     bool
	reversed      bool // fill order 2
	faxOptions    int
	orientation   int
	extra         int       // meaning of the sample after the colours
	resolution    [2]uint32 // across and down
	subfile       int
	palette       []uint16
	jpegTables    []byte
	texts         map[uint16]string
	sample        func(x, y, c int) int
	pack          func(x, y int) []byte // instead of sample: a segment as it is stored
	cut           int                   // segments that are left out at the end
}

// tiffWriter is the form of a file.
type tiffWriter struct {
	order binary.AppendByteOrder
	big   bool
	out   []byte
}

func little() *tiffWriter { return &tiffWriter{order: binary.LittleEndian} }

// build returns a TIFF of the pages. The last directory leads to next, which may be nonsense.
func (w *tiffWriter) build(next uint64, pages ...tiffPage) []byte {
	w.out = []byte("II")
	if w.order.String() == "BigEndian" {
		w.out = []byte("MM")
	}
	if w.big {
		w.number(2, 43)
		w.number(2, 8)
		w.number(2, 0)
	} else {
		w.number(2, 42)
	}
	link := len(w.out)
	w.pointer(0)
	for _, p := range pages {
		tags := w.segments(p)
		at := len(w.out)
		w.patch(link, uint64(at))
		link = w.directory(tags)
	}
	w.patch(link, next)
	return w.out
}

func (w *tiffWriter) number(size int, v uint64) {
	switch size {
	case 1:
		w.out = append(w.out, byte(v))
	case 2:
		w.out = w.order.AppendUint16(w.out, uint16(v))
	case 4:
		w.out = w.order.AppendUint32(w.out, uint32(v))
	default:
		w.out = w.order.AppendUint64(w.out, v)
	}
}

func (w *tiffWriter) pointer(v uint64) {
	if w.big {
		w.number(8, v)
		return
	}
	w.number(4, v)
}

func (w *tiffWriter) patch(at int, v uint64) {
	rest := bytes.Clone(w.out[at:])
	w.out = w.out[:at]
	w.pointer(v)
	w.out = append(w.out, rest[len(w.out)-at:]...)
}

// tag is an entry of a directory, its value in bytes.
type tag struct {
	id, kind uint16
	size     int // of one value
	values   []uint64
}

func short(id uint16, values ...uint64) tag { return tag{id, 3, 2, values} }
func long(id uint16, values ...uint64) tag  { return tag{id, 4, 4, values} }

// directory writes the entries and returns where the link to the next directory is.
func (w *tiffWriter) directory(tags []tag) int {
	slices.SortFunc(tags, func(a, b tag) int { return int(a.id) - int(b.id) })
	inline, head := 4, 2
	if w.big {
		inline, head = 8, 8
	}
	w.number(head, uint64(len(tags)))
	var later []tag
	for _, t := range tags {
		w.number(2, uint64(t.id))
		w.number(2, uint64(t.kind))
		count := len(t.values)
		if t.kind == 5 {
			count /= 2
		}
		w.pointer(uint64(count))
		start := len(w.out)
		if t.size*len(t.values) > inline {
			t.values, t.id = append([]uint64{uint64(start)}, t.values...), 0
			later = append(later, t)
		} else {
			for _, v := range t.values {
				w.number(t.size, v)
			}
		}
		w.out = append(w.out, make([]byte, start+inline-len(w.out))...)
	}
	link := len(w.out)
	w.pointer(0)
	for _, t := range later {
		w.patch(int(t.values[0]), uint64(len(w.out)))
		for _, v := range t.values[1:] {
			w.number(t.size, v)
		}
	}
	return link
}

// segments writes a page's pixels and returns its tags.
func (w *tiffWriter) segments(p tiffPage) []tag {
	p.bits, p.samples, p.compression = max(p.bits, 1), max(p.samples, 1), max(p.compression, plain)
	sw, sh := p.width, p.height
	if p.rows > 0 {
		sh = p.rows
	}
	if p.tile > 0 {
		sw, sh = p.tile, p.tile
	}
	planes := 1
	if p.planar {
		planes = p.samples
	}
	var starts, sizes []uint64
	for plane := range planes {
		for y := 0; y < p.height; y += sh {
			for x := 0; x < p.width; x += sw {
				high := sh
				if p.tile == 0 {
					high = min(sh, p.height-y)
				}
				data := w.segment(p, x, y, sw, high, plane)
				starts, sizes = append(starts, uint64(len(w.out))), append(sizes, uint64(len(data)))
				w.out = append(w.out, data...)
			}
		}
	}
	starts, sizes = starts[:len(starts)-p.cut], sizes[:len(sizes)-p.cut]
	w.out = append(w.out, make([]byte, len(w.out)&1)...)
	return p.tags(starts, sizes, sw, sh)
}

func (p tiffPage) tags(starts, sizes []uint64, sw, sh int) []tag {
	depths := make([]uint64, p.samples)
	for i := range depths {
		depths[i] = uint64(p.bits)
	}
	tags := []tag{
		long(256, uint64(p.width)), long(257, uint64(p.height)), short(258, depths...),
		short(259, uint64(p.compression)), short(262, uint64(p.model)), short(277, uint64(p.samples)),
	}
	optional := func(id uint16, v int) {
		if v != 0 {
			tags = append(tags, short(id, uint64(v)))
		}
	}
	flag := func(set bool) int {
		if set {
			return 2
		}
		return 0
	}
	if p.tile > 0 {
		tags = append(tags, short(322, uint64(sw)), short(323, uint64(sh)), long(324, starts...), long(325, sizes...))
	} else {
		tags = append(tags, long(273, starts...), long(278, uint64(sh)), long(279, sizes...))
	}
	optional(254, p.subfile)
	optional(266, flag(p.reversed))
	optional(274, p.orientation)
	optional(284, flag(p.planar))
	optional(292, p.faxOptions)
	optional(317, flag(p.predictor))
	optional(338, p.extra)
	if r := p.resolution; r != [2]uint32{} {
		tags = append(tags, tag{282, 5, 4, []uint64{uint64(r[0]), 1}}, tag{283, 5, 4, []uint64{uint64(r[1]), 1}})
	}
	if p.palette != nil {
		t := short(320)
		for _, v := range p.palette {
			t.values = append(t.values, uint64(v))
		}
		tags = append(tags, t)
	}
	if p.jpegTables != nil {
		tags = append(tags, letters(347, 7, string(p.jpegTables)))
	}
	for id, s := range p.texts {
		tags = append(tags, letters(id, 2, s+"\x00"))
	}
	return tags
}

func letters(id, kind uint16, s string) tag {
	t := tag{id, kind, 1, nil}
	for _, b := range []byte(s) {
		t.values = append(t.values, uint64(b))
	}
	return t
}

// segment returns a strip or a tile as it is stored.
func (w *tiffWriter) segment(p tiffPage, x0, y0, width, height, plane int) []byte {
	if p.pack != nil {
		return p.pack(x0, y0)
	}
	channels := make([]int, 0, p.samples)
	for c := range p.samples {
		if !p.planar || c == plane {
			channels = append(channels, c)
		}
	}
	var raw []byte
	var fax faxWriter
	for y := range height {
		row := make([]int, 0, width*len(channels))
		for x := range width {
			for _, c := range channels {
				row = append(row, p.sample(min(x0+x, p.width-1), min(y0+y, p.height-1), c))
			}
		}
		if p.compression >= faxRows && p.compression <= faxGroup4 {
			fax.row(row, p.compression, p.faxOptions)
			continue
		}
		if p.predictor {
			for i := len(row) - 1; i >= len(channels); i-- {
				row[i] -= row[i-len(channels)]
			}
		}
		raw = append(raw, w.packRow(row, p.bits)...)
	}
	packed := pack(raw, p.compression)
	if p.compression >= faxRows && p.compression <= faxGroup4 {
		packed = fax.end(p.compression)
	}
	if p.reversed {
		for i, b := range packed {
			packed[i] = bits.Reverse8(b)
		}
	}
	return packed
}

func (w *tiffWriter) packRow(row []int, depth int) []byte {
	if depth == 16 {
		var out []byte
		for _, v := range row {
			out = w.order.AppendUint16(out, uint16(v))
		}
		return out
	}
	var bw bitWriter
	for _, v := range row {
		bw.put(v, depth)
	}
	return bw.out
}
