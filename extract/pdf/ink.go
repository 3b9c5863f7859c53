package pdf

import (
	"bytes"
	"image"
	"math"
	"slices"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"
)

const (
	lookSide = 842 // pixels of a page's longer side, where words are looked for
	lookEach = 6   // so many are looked for one by one, in small pictures; more in one that shows all
)

// unseen returns the suspects that the page does not show: drawn without them, it looks the
// same. Of those that may be the layer of a scan, it returns the ones where the scan is blank.
func (o *opened) unseen(p loaded, s *survey, list []suspect) (hidden []suspect, err error) {
	var open []suspect
	for _, w := range list {
		if w.sure && !w.layer {
			hidden = append(hidden, w)
		} else {
			open = append(open, w)
		}
	}
	if len(open) == 0 {
		return hidden, nil
	}
	view, err := o.prospect(p, s)
	if err != nil {
		return nil, err
	}
	looks := view.windows(open)
	if err := o.see(p, looks, false); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(open, func(w suspect) bool { return !w.sure }) {
		err = o.without(open, func() error { return o.see(p, looks, true) })
	}
	for i, w := range open {
		if look := looks[min(i, len(looks)-1)]; !look.shows(w, view.pixels(w.whole)) {
			hidden = append(hidden, w)
		}
	}
	return hidden, err
}

// without does what it is given while words are not drawn.
func (o *opened) without(list []suspect, do func() error) error {
	if err := o.show(list, false); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return o.show(list, true)
}

// prospect is how a page stands in its picture.
type prospect struct {
	width, height int // pixels
	frame         box
	turn          enums.FPDF_PAGE_ROTATION
}

func (o *opened) prospect(p loaded, s *survey) (prospect, error) {
	w, h := pixels(p.width, p.height, lookSide)
	turn, err := o.FPDFPage_GetRotation(&requests.FPDFPage_GetRotation{Page: p.Page})
	if err != nil {
		return prospect{}, err
	}
	return prospect{w, h, s.frame, turn.PageRotation}, nil
}

// pixels returns the pixels of a box, one at least.
func (v prospect) pixels(b box) image.Rectangle {
	f := v.frame
	left, right, above, below := b.left-f.left, f.right-b.right, f.top-b.top, b.bottom-f.bottom
	wide, high := f.width(), f.height()
	switch v.turn { // clockwise
	case enums.FPDF_PAGE_ROTATION_90_CW:
		left, right, above, below, wide, high = below, above, left, right, high, wide
	case enums.FPDF_PAGE_ROTATION_180_CW:
		left, right, above, below = right, left, below, above
	case enums.FPDF_PAGE_ROTATION_270_CW:
		left, right, above, below, wide, high = above, below, right, left, high, wide
	}
	sx, sy := float64(v.width)/float64(wide), float64(v.height)/float64(high)
	x, y := clamp(math.Floor(float64(left)*sx), 0, v.width-1), clamp(math.Floor(float64(above)*sy), 0, v.height-1)
	return image.Rect(x, y,
		clamp(math.Ceil(float64(wide-right)*sx), x+1, v.width), clamp(math.Ceil(float64(high-below)*sy), y+1, v.height))
}

func clamp(v float64, low, high int) int { return int(min(max(v, float64(low)), float64(high))) }

// windows returns a part of the picture for each of a few words, or one for all of many.
func (v prospect) windows(list []suspect) []*sight {
	var looks []*sight
	var all image.Rectangle
	for _, w := range list {
		box := v.pixels(w.whole)
		looks, all = append(looks, &sight{view: v, window: box}), all.Union(box)
	}
	if len(looks) > lookEach {
		return []*sight{{view: v, window: all}}
	}
	return looks
}

// sight is a part of a page's picture, four bytes a pixel.
type sight struct {
	view       prospect
	window     image.Rectangle
	full, bare []byte // with the suspects and without
	stride     int
}

// see draws what the windows show.
func (o *opened) see(p loaded, looks []*sight, bare bool) error {
	for _, l := range looks {
		c := canvas{width: l.view.width, height: l.view.height, window: l.window, format: enums.FPDF_BITMAP_FORMAT_BGRX}
		if err := o.paint(p, c, func(pixels []byte) error { return l.keep(pixels, bare) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *sight) keep(pixels []byte, bare bool) error {
	if l.stride = len(pixels) / l.window.Dy(); l.stride < 4*l.window.Dx() {
		return errNoPicture
	}
	if bare {
		l.bare = bytes.Clone(pixels)
	} else {
		l.full = bytes.Clone(pixels)
	}
	return nil
}

// shows reports whether words can be seen, or what they say may be: they lie over a scan where it
// is not blank.
func (l *sight) shows(w suspect, at image.Rectangle) bool {
	return !w.sure && l.changes(at) || w.layer && l.marked(at)
}

// changes reports whether a reader sees the page change when the words go, in a quarter of their
// length at least.
func (l *sight) changes(at image.Rectangle) bool {
	const slices, enough = 8, 2
	n := 0
	for i := range slices {
		if l.changed(slice(at, i, slices)) {
			n++
		}
	}
	return n >= enough || n > 0 && max(at.Dx(), at.Dy()) <= 2*slices
}

// slice returns the i-th of n parts of a rectangle along its longer side.
func slice(r image.Rectangle, i, n int) image.Rectangle {
	if r.Dx() >= r.Dy() {
		r.Min.X, r.Max.X = r.Min.X+r.Dx()*i/n, r.Min.X+r.Dx()*(i+1)/n
	} else {
		r.Min.Y, r.Max.Y = r.Min.Y+r.Dy()*i/n, r.Min.Y+r.Dy()*(i+1)/n
	}
	return r
}

// changed reports whether a place of the page is another one without the words.
func (l *sight) changed(at image.Rectangle) bool {
	const least, plain, share = 8, 12, 0.03 // levels; levels; of the pixels
	changed, peak := 0, 0
	for i := range l.places(at) {
		d := 0
		for c := range 3 {
			d = max(d, apart(uint(l.full[i+c]), uint(l.bare[i+c])))
		}
		if d >= least {
			changed++
		}
		peak = max(peak, d)
	}
	return peak >= plain && float64(changed) >= share*float64(at.Dx()*at.Dy())
}

// marked reports whether a place holds more than an even ground.
func (l *sight) marked(at image.Rectangle) bool {
	const plain = 48 // levels
	low, high := byte(255), byte(0)
	for i := range l.places(at) {
		low, high = min(low, l.full[i+1]), max(high, l.full[i+1])
	}
	return int(high)-int(low) >= plain
}

// places goes over the pixels of a rectangle of the page's picture.
func (l *sight) places(at image.Rectangle) func(yield func(int) bool) {
	at = at.Intersect(l.window).Sub(l.window.Min)
	return func(yield func(int) bool) {
		for y := at.Min.Y; y < at.Max.Y; y++ {
			for x := at.Min.X; x < at.Max.X; x++ {
				if !yield(y*l.stride + 4*x) {
					return
				}
			}
		}
	}
}
