package office

import "encoding/xml"

// openMargins is a visitor that gathers the headers and footers of an OpenDocument text from
// the master pages among its styles.
type openMargins struct {
	margins
	prose prose
	depth int // of the header or footer that is open; 0 for none
}

func (v *openMargins) start(e element) error {
	isShown := v.prose.skip == 0 && attr(e, "display") != "false"
	if v.depth == 0 && isShown && space(e.Name) == "style" && v.listOf(e.Name.Local) != nil {
		v.depth = len(v.prose.open) + 1
		v.prose.out, v.prose.notes = &output{max: maxMargin}, &output{max: maxMargin}
	}
	return v.prose.start(e)
}

func (v *openMargins) end(name xml.Name) error {
	if v.depth > 0 && v.depth == len(v.prose.open) {
		v.add(v.listOf(name.Local), v.prose.out.String())
		v.depth, v.prose.out = 0, nil
	}
	return v.prose.end(name)
}

func (v *openMargins) text(b []byte) error {
	if v.depth > 0 && !v.prose.out.full() {
		_ = v.prose.text(b) // a full one is no end of the others
	}
	return nil
}

// listOf returns where the text of an element belongs, or nil.
func (v *openMargins) listOf(local string) *[]string {
	switch local {
	case "header", "header-first", "header-left":
		return &v.heads
	case "footer", "footer-first", "footer-left":
		return &v.feet
	}
	return nil
}
