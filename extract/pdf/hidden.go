package pdf

import (
	"fmt"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/docsift/docsift/extract/unseen"
)

const (
	tiny  = 2   // points: smaller letters are not read, not even as small print
	alike = 60  // levels of 255 between two colours that are worth a look at the picture
	faint = 25  // of opacity, out of 255
	scan  = 0.4 // of the page: pictures that cover more are the page
)

// suspect is words that may be hidden.
type suspect struct {
	words
	kind  unseen.Kind
	sure  bool // the picture of the page need not be asked
	layer bool // they may be those of a scan, which lie unseen over its picture
}

// conceal takes hidden words off a page and returns what they say, by kind.
func (o *opened) conceal(p loaded) (map[unseen.Kind]string, error) {
	s, err := o.survey(p)
	if err != nil {
		return nil, err
	}
	hidden, err := o.unseen(p, s, s.suspects())
	if err != nil {
		return nil, err
	}
	more, err := o.switchedOff(p, s)
	if err != nil {
		return nil, err
	}
	if hidden = append(hidden, more...); len(hidden) == 0 {
		return map[unseen.Kind]string{}, nil
	}
	said, err := o.told(p, hidden)
	if err != nil {
		return nil, err
	}
	return said, o.show(hidden, false)
}

// switchedOff returns the words of forms that are not drawn as a whole, which PDFium does not
// tell: it shows in one word of each.
func (o *opened) switchedOff(p loaded, s *survey) ([]suspect, error) {
	hidden, err := o.unseen(p, s, s.witnesses())
	if err != nil || len(hidden) == 0 {
		return nil, err
	}
	off := make(map[int]bool)
	for _, w := range hidden {
		off[w.form] = true
	}
	var list []suspect
	for _, w := range s.words {
		if off[w.form] && !w.suspected {
			list = append(list, suspect{words: w, kind: unseen.NotDrawn, layer: s.onScan(w)})
		}
	}
	return o.unseen(p, s, list)
}

// show draws and reads words, or no longer does.
func (o *opened) show(list []suspect, active bool) error {
	for _, w := range list {
		if _, err := o.FPDFPageObj_SetIsActive(&requests.FPDFPageObj_SetIsActive{PageObject: w.ref, Active: active}); err != nil {
			return fmt.Errorf("switch text: %w", err)
		}
	}
	return nil
}

// told returns what hidden words say, by kind. Finding out what one says takes time with the
// length of the page.
func (o *opened) told(p loaded, hidden []suspect) (map[unseen.Kind]string, error) {
	const most = 500 // of them
	text, err := o.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: p.Page})
	if err != nil {
		return nil, err
	}
	said := make(map[unseen.Kind]string)
	for _, w := range hidden[:min(most, len(hidden))] {
		got, err := o.FPDFTextObj_GetText(&requests.FPDFTextObj_GetText{PageObject: w.ref, TextPage: text.TextPage})
		if err == nil { // else they say nothing
			said[w.kind] += got.Text
		}
	}
	_, err = o.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage})
	return said, err
}

// suspects returns the words that the page may not show.
func (s *survey) suspects() []suspect {
	var list []suspect
	for i, w := range s.words {
		if c, ok := s.suspect(w); ok {
			s.words[i].suspected = true
			c.layer = c.kind != unseen.Tiny && s.onScan(w)
			list = append(list, c)
		}
	}
	return list
}

// witnesses returns the longest words of each form that are under no suspicion of their own.
func (s *survey) witnesses() []suspect {
	var list []suspect
	at := make(map[int]int)
	for _, w := range s.words {
		if w.form == 0 || w.suspected {
			continue
		}
		i, known := at[w.form]
		switch {
		case !known:
			at[w.form] = len(list)
			list = append(list, suspect{words: w, kind: unseen.NotDrawn})
		case w.whole.area() > list[i].whole.area():
			list[i].words = w
		}
	}
	return list
}

// suspect reports whether words may be hidden, and how.
func (s *survey) suspect(w words) (suspect, bool) {
	never := func(k unseen.Kind) (suspect, bool) { return suspect{words: w, kind: k, sure: true}, true }
	perhaps := func(k unseen.Kind) (suspect, bool) { return suspect{words: w, kind: k}, true }
	switch {
	case w.whole.area() == 0:
		return suspect{}, false
	case w.isOff(s.frame), w.isSliver():
		return never(unseen.OffPage)
	case w.size < tiny:
		return never(unseen.Tiny)
	case w.mode == enums.FPDF_TEXTRENDERMODE_INVISIBLE:
		return never(unseen.NotDrawn)
	case w.colour.plain && w.colour.A < faint:
		return never(unseen.Transparent)
	case w.option || w.mode == enums.FPDF_TEXTRENDERMODE_CLIP:
		return perhaps(unseen.NotDrawn)
	case w.blended:
		return perhaps(unseen.Transparent)
	case s.crowded, !w.colour.plain, white().near(w.colour):
		return perhaps(unseen.SameColour)
	}
	return s.overOrUnder(w, perhaps)
}

// isOff reports whether words are beside the page or cut off, or most of a line of them is. What is as
// high as it is wide may stand askew.
func (w words) isOff(frame box) bool {
	const most, line = 0.5, 3
	left := w.box.meet(frame)
	switch {
	case left.width() <= 0 || left.height() <= 0:
		return true
	case w.whole.width() > line*w.whole.height():
		return left.width() < most*w.whole.width()
	case w.whole.height() > line*w.whole.width():
		return left.height() < most*w.whole.height()
	}
	return false
}

// overOrUnder looks at what lies behind words and over them.
func (s *survey) overOrUnder(w words, perhaps func(unseen.Kind) (suspect, bool)) (suspect, bool) {
	for _, g := range s.grounds {
		switch {
		case !g.box.holdsMiddle(w.box):
		case g.order > w.order:
			return perhaps(unseen.Covered)
		case !g.colour.plain, g.colour.near(w.colour):
			return perhaps(unseen.SameColour)
		}
	}
	return suspect{}, false
}

// onScan reports whether the page is a picture at the place of words.
func (s *survey) onScan(w words) bool {
	if s.images < scan*s.frame.area() {
		return false
	}
	for _, g := range s.grounds {
		if g.image && g.box.holdsMiddle(w.box) {
			return true
		}
	}
	return false
}

func white() colour {
	c := colour{plain: true}
	c.R, c.G, c.B, c.A = 255, 255, 255, 255
	return c
}

// near reports whether two colours are hard to tell apart.
func (c colour) near(d colour) bool {
	return apart(c.R, d.R) < alike && apart(c.G, d.G) < alike && apart(c.B, d.B) < alike
}

func apart(a, b uint) int {
	if a > b {
		return int(a - b)
	}
	return int(b - a)
}
