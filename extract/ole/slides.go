package ole

import (
	"context"
	"errors"
	"strings"

	"github.com/docsift/docsift/extract"
)

// presentation is the stream of a presentation: a tree of records, to which each saving may
// only have added.
type presentation struct {
	b       []byte
	opts    Options
	budget  *budget
	objects map[uint32]int // where the current version of each lies, in bytes
	slides  []slide
	count   int            // of slides, read or not
	notes   map[uint32]int // where those for a slide lie, by its id
}

// slide is what the outline says of a slide.
type slide struct {
	id    uint32
	at    int // of its shapes, in bytes; -1 where they are lost
	texts []string
}

// readSlides reads a presentation, a page for each slide.
func readSlides(ctx context.Context, c *compound, o Options) (*extract.Content, error) {
	b := c.stream("PowerPoint Document")
	if b == nil {
		return nil, c.missing("presentation")
	}
	p := &presentation{b: b, opts: o, budget: budgetFor(b), objects: map[uint32]int{}}
	user := c.stream("Current User")
	const locked = 0xF3D1C4DF
	if u32(user, 12) == locked || c.has("EncryptedSummary") {
		return nil, encrypted()
	}
	if err := p.readOutline(ctx, int(u32(user, 16))); err != nil {
		return nil, err
	}
	pages, err := p.readPages(ctx)
	if err != nil {
		return nil, err
	}
	meta, _ := properties(c)
	return &extract.Content{Pages: pages, PageCount: max(len(pages), p.count), Meta: meta}, nil
}

// readOutline lists the slides of the newest version of the presentation, and without one
// those of any version.
func (p *presentation) readOutline(ctx context.Context, edit int) error {
	document, err := p.readEdits(edit)
	if err != nil {
		return err
	}
	if at, ok := p.objects[document]; ok {
		if err := p.readDocument(ctx, at); err != nil || len(p.slides) > 0 {
			return err
		}
	}
	return p.searchSlides(ctx)
}

// readEdits follows the list of savings from the newest to the oldest, and returns which
// object is the document.
func (p *presentation) readEdits(at int) (document uint32, err error) {
	const most, lockedSize = 1000, 32
	for range most {
		edit := p.record(at)
		if edit.kind != recUserEdit {
			break
		}
		if len(edit.data) >= lockedSize && u32(edit.data, 28) != 0 {
			return 0, encrypted()
		}
		if document == 0 {
			document = u32(edit.data, 16)
		}
		p.readObjects(p.record(int(u32(edit.data, 12))))
		older := int(u32(edit.data, 8))
		if older == 0 || older >= at {
			break
		}
		at = older
	}
	return document, nil
}

// readObjects notes where objects lie, unless a newer list named them.
func (p *presentation) readObjects(list atom) {
	const idBits = 20
	if list.kind != recObjects {
		return
	}
	for b := list.data; len(b) >= 4; {
		id, n := u32(b, 0)&(1<<idBits-1), int(u32(b, 0)>>idBits)
		for i := range min(n, len(b)/4-1) {
			if _, ok := p.objects[id+uint32(i)]; !ok {
				p.objects[id+uint32(i)] = int(u32(b, 4+4*i))
			}
		}
		b = from(b, 4+4*n)
	}
}

// readDocument lists the slides that a document names, with the texts of their outlines, and
// the notes for their speaker.
func (p *presentation) readDocument(ctx context.Context, at int) error {
	const ofSlides, ofNotes = 0, 2
	p.slides, p.count, p.notes = nil, 0, map[uint32]int{}
	list := -1
	return p.walk(ctx, at, func(a atom) (bool, error) {
		switch {
		case a.kind == recList:
			list = a.instance
			return true, nil
		case list == ofSlides && a.kind == recListed:
			p.listed(a.data)
		case list == ofSlides:
			p.outline(a)
		case list == ofNotes && a.kind == recListed:
			p.listedNotes(u32(a.data, 0))
		}
		return false, nil
	})
}

func (p *presentation) listed(b []byte) {
	if p.count++; p.count > p.opts.MaxPages {
		return
	}
	at, ok := p.objects[u32(b, 0)]
	if !ok {
		at = -1
	}
	p.slides = append(p.slides, slide{id: u32(b, 12), at: at})
}

// listedNotes finds out whose notes an object holds: its first record says it.
func (p *presentation) listedNotes(object uint32) {
	at, ok := p.objects[object]
	if !ok || p.record(at).kind != recNotes {
		return
	}
	if owner := p.record(at + atomHeader); owner.kind == recNotesOf {
		p.notes[u32(owner.data, 0)] = at
	}
}

// outline adds a text to the slide that was listed last. A head begins each, and one without
// text is empty.
func (p *presentation) outline(a atom) {
	if len(p.slides) == 0 || p.count > len(p.slides) {
		return
	}
	s := &p.slides[len(p.slides)-1]
	switch a.kind {
	case recTextHead:
		s.texts = append(s.texts, "")
	case recTextWide, recTextBytes:
		if len(s.texts) > 0 {
			s.texts[len(s.texts)-1] = a.text()
		}
	}
}

// searchSlides lists the slides of a file whose list of objects is lost, in the order in which
// they lie.
func (p *presentation) searchSlides(ctx context.Context) error {
	var found []int
	document, count := -1, 0
	for at := 0; at+atomHeader <= len(p.b); {
		a := p.record(at)
		if err := p.budget.spend(ctx, atomHeader); err != nil {
			return enough(err)
		}
		switch a.kind {
		case recDocument:
			document = at
		case recSlide:
			if count++; count <= p.opts.MaxPages {
				found = append(found, at)
			}
		}
		at = a.end
	}
	if err := p.readDocument(ctx, document); err != nil {
		return err
	}
	for i, at := range found {
		if i == len(p.slides) {
			p.slides = append(p.slides, slide{})
		}
		p.slides[i].at = at
	}
	p.count = max(p.count, count)
	return nil
}

// readPages reads the slides until the text is long enough.
func (p *presentation) readPages(ctx context.Context) ([]extract.Page, error) {
	var pages []extract.Page
	left := p.opts.MaxText
	for i, s := range p.slides {
		out := &output{max: left}
		if err := p.readSlide(ctx, s, out); err != nil {
			return nil, err
		}
		text := out.String()
		pages = append(pages, extract.Page{Number: i + 1, Text: text})
		if left -= len(text); left <= 0 || out.full() {
			break
		}
	}
	if len(pages) == 0 {
		return nil, corrupt("the presentation has no slide")
	}
	return pages, nil
}

// readSlide writes the texts of a slide in the order of its shapes, those of its outline that
// no shape shows, and the notes.
func (p *presentation) readSlide(ctx context.Context, s slide, out *output) error {
	shown := make([]bool, len(s.texts))
	err := p.walk(ctx, s.at, func(a atom) (bool, error) {
		if i := int(u32(a.data, 0)); a.kind == recOutlineText && i < len(s.texts) && !shown[i] {
			shown[i] = true
			return false, writeLines(s.texts[i], out)
		}
		return a.show(out)
	})
	if err != nil {
		return err
	}
	for i, text := range s.texts {
		if !shown[i] && writeLines(text, out) != nil {
			return nil
		}
	}
	if at, ok := p.notes[s.id]; ok {
		return p.walk(ctx, at, func(a atom) (bool, error) { return a.show(out) })
	}
	return nil
}

// show writes a record that is text, and reports whether to look into it.
func (a atom) show(out *output) (bool, error) {
	switch {
	case a.kind == recTextWide, a.kind == recTextBytes, a.kind == recString && a.inside == recHeadersFeet:
		return false, writeLines(a.text(), out)
	}
	return a.kind != recTags && a.kind != recComment, nil
}

// writeLines writes the lines of a text, which are paragraphs or broken within one. It returns
// errEnough once the limit is reached.
func writeLines(s string, out *output) error {
	const number = "*" // stands for one that is filled in when the slide is shown
	if s != number {
		out.text(strings.NewReplacer("\r", "\n", "\v", "\n").Replace(s))
		out.separate('\n')
	}
	if out.full() {
		return errEnough
	}
	return nil
}

func enough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
