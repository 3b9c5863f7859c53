package text

import "github.com/docsift/docsift/extract/unseen"

const rtfHiddenLimit = 64 << 10 // bytes of hidden text of a kind

// rtfInk is how letters are shown.
type rtfInk struct {
	isOff  bool
	colour int  // its place in the colour table; 0 is whatever shows
	ground int  // of the letters alone; 0 is that of the page
	shaded bool // the paragraph or the cell has a ground of its own
	size   int  // in half points; 0 where nothing is said
}

// set obeys a control word.
func (i *rtfInk) set(name string, n int, on bool) {
	switch name {
	case "v":
		i.isOff = on
	case "cf":
		i.colour = n
	case "cb", "chcbpat", "highlight":
		i.ground = n
	case "cbpat", "clcbpat", "shading", "clshdng":
		i.shaded = n != 0
	case "fs":
		i.size = n
	}
}

// unreadable returns how the text of the group is kept from a reader, or "". What a packed web
// page hides, it says itself.
func (r *rtf) unreadable() unseen.Kind {
	const tiny = 4 // half points
	i := r.group.ink
	ink, ground := r.colour(i.colour, black()), r.colour(i.ground, white())
	switch {
	case i.isOff:
		return unseen.NotDrawn
	case r.isHTML:
		return ""
	case i.size > 0 && i.size < tiny:
		return unseen.Tiny
	case !i.shaded && ink.near(ground):
		return unseen.SameColour
	}
	return ""
}

// colour returns one of the colour table, or the usual one for the first and for those that are
// not there.
func (r *rtf) colour(i int, usual colour) colour {
	if i <= 0 || i >= len(r.colours) {
		return usual
	}
	return r.colours[i]
}

// mix ends so many colours of the table.
func (r *rtf) mix(n int) {
	const most = 1000
	for range min(n, most-len(r.colours)) {
		r.colours = append(r.colours, r.mixed)
		r.mixed = black()
	}
}

// set obeys a word of the colour table.
func (c *colour) set(name string, n int) {
	switch name {
	case "red":
		c.r = n
	case "green":
		c.g = n
	case "blue":
		c.b = n
	}
}
