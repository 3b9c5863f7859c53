package text

import (
	"context"
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
)

// HTML returns what a browser would show of a page, its title first, and what it hides. The
// charset is the one that came with the page, such as the mail's word on it, or "". At most
// 1 MiB is kept.
func HTML(b []byte, charset string) *extract.Content {
	p := newPage()
	_ = p.read(context.Background(), decodePage(b, charset), defaultMaxText) // nobody cancels it
	return p.content(defaultMaxText)
}

// readHTML returns what a browser would show of a page, its title first. It follows no
// link and reads no style sheet.
func readHTML(ctx context.Context, b []byte, maxText int) (*extract.Content, error) {
	const markup = 16 // bytes at most for each of text
	p := newPage()
	if err := p.read(ctx, decodePage(b[:min(len(b), markup*maxText)], ""), maxText); err != nil {
		return nil, err
	}
	return p.content(maxText), nil
}

const mostTabs = 100 // empty cells in a row

// page gathers the visible text of a web page.
type page struct {
	body strings.Builder
	meta map[string]string

	inTitle bool
	pre     int  // open elements that keep their line ends
	space   bool // white space stands before the next word
	tabs    int  // cells ended since the last word
	fresh   bool // the line holds a word
	link    bool // the last tag began a link, and nothing came after it
	fields  []string

	skip  string      // name of the hidden element, or empty
	depth int         // of elements of that name inside it
	why   unseen.Kind // how it is hidden; "" for one that is so by habit

	sheet  sheet
	shades shades
	hidden map[unseen.Kind]string
}

func newPage() *page {
	return &page{meta: map[string]string{}, sheet: sheet{}, shades: newShades(), hidden: map[unseen.Kind]string{}}
}

// read takes the page in until its end or until maxText is reached. Memory does not grow
// with the depth of the page: only the element being skipped is remembered.
func (p *page) read(ctx context.Context, text string, maxText int) error {
	z := html.NewTokenizer(strings.NewReader(text))
	for n := 0; p.body.Len() < maxText; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		t := z.Next()
		if t == html.ErrorToken {
			break // the end: a tokenizer reading from memory meets no other error
		}
		p.take(t, z)
	}
	return nil
}

// content returns the title, unless the page begins with it, and the text.
func (p *page) content(maxText int) *extract.Content {
	p.setMeta("fields", strings.Join(p.fields, ", "))
	maps.DeleteFunc(p.meta, func(_, v string) bool { return v == "" })
	body := strings.TrimSpace(p.body.String())
	if title := p.meta["title"]; !strings.HasPrefix(body, title) {
		body = title + "\n" + body
	}
	c := content(extract.Cut(extract.Clean(body), maxText), p.meta)
	c.Hidden = unseen.Find(1, p.hidden, c.Text())
	return c
}

func (p *page) take(t html.TokenType, z *html.Tokenizer) {
	switch t {
	case html.TextToken:
		p.text(z)
	case html.StartTagToken, html.SelfClosingTagToken:
		name, hasAttr := z.TagName()
		p.start(string(name), attributes(z, hasAttr))
	case html.EndTagToken:
		name, _ := z.TagName()
		p.end(string(name))
	}
}

func (p *page) text(z *html.Tokenizer) {
	switch {
	case p.inTitle:
		p.setMeta("title", string(z.Text()))
	case p.skip == "style":
		p.sheet.add(string(z.Text()))
	case p.skip != "":
		p.hide(p.why, string(z.Text()))
	default:
		p.show(string(z.Text()))
	}
}

// show writes text, unless its colour or its size hides it.
func (p *page) show(s string) {
	if why := p.shades.top().unreadable(); why != "" {
		p.hide(why, s)
		p.space = p.fresh
		return
	}
	p.write(s)
}

// hide keeps what is hidden for a reason.
func (p *page) hide(why unseen.Kind, s string) {
	const most = 64 << 10 // bytes
	if why != "" && len(p.hidden[why]) < most {
		p.hidden[why] += s + " "
	}
}

func (p *page) start(tag string, attr map[string]string) {
	name := atom.Lookup([]byte(tag))
	if p.link && name == atom.Sup {
		p.space = p.fresh // the number of a note is no part of the word before it
	}
	p.link = name == atom.A
	if p.endsHidden(name) {
		p.skip = ""
	}
	if p.skip != "" {
		if tag == p.skip {
			p.depth++
		}
		return
	}
	st := p.sheet.of(tag, attr)
	off := has(attr, "hidden") || st.isOff()
	why := st.hides()
	p.shades.enter(name, tag, attr, st)
	switch {
	case isVoid(name) && (off || why != ""):
	case isDropped(name) || off || name == atom.Option && !has(attr, "selected"):
		p.skip, p.depth, p.why = tag, 0, ""
	case why != "":
		p.skip, p.depth, p.why = tag, 0, why
	case name == atom.Title:
		p.inTitle = true
	case name == atom.Meta:
		p.describe(attr)
	case name == atom.Img:
		p.show(attr["alt"])
	case name == atom.Input || name == atom.Select:
		p.field(attr)
	case name == atom.Pre || name == atom.Textarea:
		p.pre++
		p.newline()
		p.name(attr)
	default:
		p.boundary(name)
	}
}

func (p *page) end(tag string) {
	p.link = false
	name := atom.Lookup([]byte(tag))
	switch {
	case p.skip != "" && tag == p.skip && p.depth > 0:
		p.depth--
	case p.skip != "" && tag == p.skip, p.endsHidden(name):
		p.skip = ""
		p.shades.leave(tag)
		p.boundary(name)
	case p.skip != "":
	case name == atom.Title:
		p.inTitle = false
	default:
		p.shades.leave(tag)
		p.close(name)
	}
}

// close ends an element that was shown.
func (p *page) close(name atom.Atom) {
	switch {
	case name == atom.Pre || name == atom.Textarea:
		p.pre = max(0, p.pre-1)
		p.newline()
	case name != atom.Td && name != atom.Th:
		p.boundary(name)
	}
}

// endsHidden reports whether the beginning or end of an element ends a hidden one that was
// left open: a paragraph ends at the next block, a choice at the next one.
func (p *page) endsHidden(name atom.Atom) bool {
	switch p.skip {
	case "p":
		return isBlock(name)
	case "option":
		return name == atom.Option || name == atom.Optgroup || name == atom.Select
	}
	return false
}

// field adds the value of a form's field, as far as it is seen.
func (p *page) field(attr map[string]string) {
	switch strings.ToLower(attr["type"]) {
	case "hidden", "submit", "button", "image", "reset", "file", "password":
		return
	case "checkbox", "radio":
		if has(attr, "checked") {
			p.write("[x] ")
		}
	default:
		p.write(attr["value"] + " ")
	}
	p.name(attr)
}

// name remembers the name of a form's field.
func (p *page) name(attr map[string]string) {
	const most = 100
	if n := attr["name"]; n != "" && len(p.fields) < most && !slices.Contains(p.fields, n) {
		p.fields = append(p.fields, n)
	}
}

// boundary ends the line before or after a block, and the cell before the next one.
func (p *page) boundary(name atom.Atom) {
	switch {
	case name == atom.Td || name == atom.Th:
		if p.fresh {
			p.tabs = min(p.tabs+1, mostTabs)
			p.space = false
		}
	case name == atom.Br || isBlock(name):
		p.newline()
	}
}

func (p *page) newline() {
	if p.fresh {
		p.body.WriteByte('\n')
	}
	p.fresh, p.space, p.tabs = false, false, 0
}

// write adds text, its white space collapsed as a browser does.
func (p *page) write(s string) {
	p.link = false
	for _, r := range s {
		switch {
		case r == '\n' && p.pre > 0:
			p.newline()
		case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\u00A0':
			p.space = p.fresh
		default:
			switch {
			case p.tabs > 0:
				p.body.WriteString(strings.Repeat("\t", p.tabs))
			case p.space:
				p.body.WriteByte(' ')
			}
			p.body.WriteRune(r)
			p.space, p.fresh, p.tabs = false, true, 0
		}
	}
}

func (p *page) describe(attr map[string]string) {
	switch strings.ToLower(attr["name"]) {
	case "author":
		p.setMeta("author", attr["content"])
	case "generator":
		p.setMeta("producer", attr["content"])
	case "keywords", "date":
		p.setMeta(strings.ToLower(attr["name"]), attr["content"])
	}
}

// setMeta keeps the first value of a key, on one line of bounded length.
func (p *page) setMeta(key, value string) {
	const limit = 1000 // bytes
	if p.meta[key] == "" {
		p.meta[key] = strings.Join(strings.Fields(extract.Clean(extract.Cut(value, limit))), " ")
	}
}
