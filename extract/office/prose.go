package office

import (
	"encoding/xml"

	"github.com/docsift/docsift/extract/unseen"
)

// prose is a visitor that gathers the paragraphs of an OpenDocument text, or of each slide
// of a presentation.
type prose struct {
	trail
	openStyleList
	out    *output // nil outside of slides
	pages  []*output
	notes  *output
	left   int      // bytes of text that all pages may still have
	paras  int      // open paragraphs: a drawing in one may hold more
	cells  int      // open cells of tables
	aside  int      // open notes
	boxes  int      // open boxes and shapes
	fields []string // names of what can be filled in
	hidden []secrets

	maxSlides int // 0 for a text
}

func newProse(limit int) *prose {
	return &prose{left: limit, notes: &output{max: min(limit, maxNotes)}}
}

// keep keeps a text that is not shown, by page.
func (v *prose) keep(b []byte) {
	at := max(0, len(v.pages)-1)
	for len(v.hidden) <= at {
		v.hidden = append(v.hidden, secrets{})
	}
	v.hidden[at].add(v.why, b)
}

// newPage begins a page, and returns where its text goes.
func (v *prose) newPage() *output {
	if n := len(v.pages); n > 0 {
		v.left = max(0, v.left-v.pages[n-1].b.Len())
	}
	v.pages = append(v.pages, &output{max: v.left})
	return v.pages[len(v.pages)-1]
}

func (v *prose) start(e element) error {
	if !v.enter(e.Name) {
		return nil
	}
	switch space(e.Name) {
	case "text":
		v.startText(e)
	case "table":
		v.startTable(e)
	case "drawing":
		return v.startDraw(e)
	case "presentation":
		if e.Name.Local == "notes" {
			v.separate('\n')
		}
	case "office":
		if e.Name.Local == "annotation" {
			v.omit(0)
		}
	case "style":
		v.learn(e)
	case "form":
		v.startForm(e)
	}
	return nil
}

func (v *prose) startText(e element) {
	switch e.Name.Local {
	case "tracked-changes", "note-citation", "ruby-text", "script":
		v.omit(0)
		return
	case "section":
		if attr(e, "display") == "none" {
			v.conceal(unseen.NotDrawn)
			return
		}
	case "page-number":
		if v.maxSlides > 0 {
			v.omit(0)
			return
		}
	}
	onPaper := v.maxSlides == 0 && v.cells == 0 && v.boxes == 0
	if why := v.of(familyOf(e), attr(e, "style-name")).hides(onPaper); why != "" {
		v.conceal(why)
		return
	}
	switch e.Name.Local {
	case "p", "h":
		v.paras++
		v.separateLine()
	case "s":
		v.separate(' ') // however many there are, they part two words
	case "tab":
		v.separate('\t')
	case "line-break":
		v.separateLine()
	case "note-body":
		v.aside++
	}
}

func (v *prose) startTable(e element) {
	switch e.Name.Local {
	case "covered-table-cell":
		v.omit(0)
	case "table-cell":
		v.cells++
	}
}

func (v *prose) startDraw(e element) error {
	switch e.Name.Local {
	case "text-box":
		v.boxes++
		v.separate('\n')
	case "page":
		if v.maxSlides == 0 {
			return nil
		}
		if len(v.pages) == v.maxSlides {
			return errEnough
		}
		v.out = v.newPage()
	}
	return nil
}

// startForm takes the name of a control, its label, and what was filled in.
func (v *prose) startForm(e element) {
	switch e.Name.Local {
	case "text", "textarea", "formatted-text", "combobox", "date", "time", "number":
		v.note(attr(e, "current-value"))
	case "checkbox", "radio":
		v.note(attr(e, "label"))
	case "fixed-text", "frame": // the words beside a control, and over a group of them
		v.note(attr(e, "label"))
		return
	case "listbox":
	default:
		return
	}
	v.fields = addName(v.fields, attr(e, "name"))
}

// note puts a text on a line of its own behind the body.
func (v *prose) note(text string) {
	if text != "" && v.notes.write([]byte(text)) == nil {
		v.notes.separate('\n')
	}
}

func (v *prose) end(name xml.Name) error {
	if !v.leave() {
		return nil
	}
	switch space(name) {
	case "text":
		v.endText(name.Local)
	case "table":
		switch name.Local {
		case "table-cell":
			v.cells--
			v.separate('\t')
		case "table-row":
			v.separate('\n')
		}
	case "drawing":
		switch {
		case name.Local == "text-box":
			v.boxes--
			v.separate('\n')
		case name.Local == "page" && v.maxSlides > 0:
			v.out = nil
		}
	}
	return nil
}

func (v *prose) endText(local string) {
	switch local {
	case "p", "h":
		v.paras--
		v.separateLine()
	case "note-body":
		v.aside--
		v.notes.separate('\n')
	}
}

// text takes what stands in a paragraph or its spans. Drawings describe themselves between
// tags of other name spaces.
func (v *prose) text(b []byte) error {
	if v.skip > 0 && v.why != "" {
		v.keep(b)
	}
	if v.skip > 0 || v.paras == 0 || space(v.open[len(v.open)-1]) != "text" {
		return nil
	}
	if v.aside > 0 {
		_ = v.notes.words(b) // a full page of notes is no end of the body
		return nil
	}
	if v.out == nil {
		return nil
	}
	return v.out.words(b)
}

func (v *prose) separate(c byte) {
	switch {
	case v.aside > 0:
		v.notes.separate(c)
	case v.out != nil:
		v.out.separate(c)
	}
}

// separateLine ends a line, or within a cell a word: a row stays on its line.
func (v *prose) separateLine() {
	if v.cells > 0 {
		v.separate(' ')
		return
	}
	v.separate('\n')
}
