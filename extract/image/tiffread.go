package picture

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"image"
	"io"
)

// unpacker reads the segments of a page one after another.
type unpacker struct {
	page    *tiffPage
	buf     []byte // of one segment
	fax     *fax
	inflate io.ReadCloser
}

// errCut is the error for a page of which too little is there.
var errCut = errors.New("the picture is cut short")

// decode returns what a page shows, which is *image.Gray, *image.YCbCr or *image.RGBA without
// transparency. Where the last quarter or less of it is missing, it stays white.
func (p *tiffPage) decode(ctx context.Context) (image.Image, error) {
	if p.isJPEG() {
		return p.decodeJPEG(ctx)
	}
	c := newCanvas(p)
	u := &unpacker{page: p, buf: make([]byte, p.rowBytes()*p.segment.Y)}
	planes, got, want := 1, 0, 0
	if p.planar {
		planes = min(p.samples, p.channels())
	}
	for plane := range planes {
		for i := range p.across * p.down {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			box := p.box(i)
			rows := u.segment(plane*p.across*p.down+i, box.Dy())
			want += box.Dy()
			got += len(rows) / p.rowBytes()
			c.put(box, rows, plane)
		}
	}
	if got < want-want/4 {
		return nil, errCut
	}
	return c.finish(), nil
}

// box returns which part of the page a segment shows.
func (p *tiffPage) box(i int) image.Rectangle {
	corner := image.Pt(i%p.across*p.segment.X, i/p.across*p.segment.Y)
	return image.Rectangle{Min: corner, Max: corner.Add(p.segment)}.Intersect(image.Rectangle{Max: p.size})
}

// data returns the stored bytes of a segment, or nil.
func (p *tiffPage) data(i int) []byte {
	all := p.dir.file.data
	if i >= len(p.starts) || p.starts[i] >= uint64(len(all)) {
		return nil
	}
	rest := all[p.starts[i]:]
	if i < len(p.sizes) && p.sizes[i] < uint64(len(rest)) {
		return rest[:p.sizes[i]]
	}
	return rest
}

// segment returns as many of the first rows of a segment as are there. They stay valid until
// the next call.
func (u *unpacker) segment(i, rows int) []byte {
	p := u.page
	data, out := p.data(i), u.buf[:rows*p.rowBytes()]
	if p.reversed && p.compression != deflate && p.compression != deflate2 {
		data = reverse(data)
	}
	done := 0
	switch p.compression {
	case plain:
		done = copy(out, data)
	case packBits:
		done = unpackBits(out, data)
	case packLZW:
		done = unpackLZW(out, data)
	case deflate, deflate2:
		done = u.inflated(out, data)
	default:
		if u.fax == nil {
			u.fax = newFax(p.segment.X, p.compression, p.dir.number(tagFaxOptions, 0))
		}
		done = u.fax.unpack(out, data)
	}
	out = out[:done-done%p.rowBytes()]
	if p.predicted {
		p.addUp(out)
	}
	return out
}

func (u *unpacker) inflated(out, data []byte) int {
	var err error
	if r, ok := u.inflate.(zlib.Resetter); ok {
		err = r.Reset(bytes.NewReader(data), nil)
	} else {
		u.inflate, err = zlib.NewReader(bytes.NewReader(data))
	}
	if err != nil {
		u.inflate = nil
		return 0
	}
	n, _ := io.ReadFull(u.inflate, out) // what came before an error is good
	return n
}

// addUp undoes the predictor: every sample is stored as its distance to the one on its left.
func (p *tiffPage) addUp(rows []byte) {
	size, step, order := p.rowBytes(), p.stored(), p.dir.file.order
	for ; len(rows) > 0; rows = rows[size:] {
		row := rows[:size]
		if p.bits == 8 {
			for i := step; i < len(row); i++ {
				row[i] += row[i-step]
			}
			continue
		}
		for i := 2 * step; i+2 <= len(row); i += 2 {
			order.PutUint16(row[i:], order.Uint16(row[i:])+order.Uint16(row[i-2*step:]))
		}
	}
}
