package text

import (
	"context"
	"maps"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/docsift/docsift/extract"
)

// HTML returns what a browser would show of a page, its title first. The charset is the
// one that came with the page, such as the mail's word on it, or "". At most 1 MiB is kept.
func HTML(b []byte, charset string) string {
	p := newPage()
	_ = p.read(context.Background(), decodeHTML(b, charset), defaultMaxText) // nobody cancels it
	return p.content(defaultMaxText).Text()
}

// readHTML returns what a browser would show of a page, its title first. It follows no
// link and reads no style sheet.
func readHTML(ctx context.Context, b []byte, maxText int) (*extract.Content, error) {
	p := newPage()
	if err := p.read(ctx, decodeHTML(b, ""), maxText); err != nil {
		return nil, err
	}
	return p.content(maxText), nil
}

// decodeHTML honours the word of whoever sent the page, or else the page's own, unless it
// names the two that are named by default: those the bytes tell apart better.
func decodeHTML(b []byte, label string) string {
	if label != "" {
		return Decode(b, label)
	}
	e, name, _ := charset.DetermineEncoding(b[:min(len(b), 1024)], "")
	if name == "utf-8" || name == "windows-1252" {
		return decode(b)
	}
	return decodeWith(e, b)
}

// page gathers the visible text of a web page.
type page struct {
	body strings.Builder
	meta map[string]string

	inTitle bool
	pre     int  // open elements that keep their line ends
	space   bool // white space stands before the next word
	fresh   bool // the line holds a word

	skip  string // name of the hidden element, or empty
	depth int    // of elements of that name inside it
}

func newPage() *page { return &page{meta: map[string]string{}} }

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
	maps.DeleteFunc(p.meta, func(_, v string) bool { return v == "" })
	body := strings.TrimSpace(p.body.String())
	if title := p.meta["title"]; !strings.HasPrefix(body, title) {
		body = title + "\n" + body
	}
	return content(extract.Cut(extract.Clean(body), maxText), p.meta)
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
	case p.skip == "":
		p.write(string(z.Text()))
	}
}

func (p *page) start(tag string, attr map[string]string) {
	name := atom.Lookup([]byte(tag))
	// A paragraph ends where the next block begins, hidden or not.
	if p.skip == "p" && isBlock(name) {
		p.skip = ""
	}
	switch {
	case p.skip != "" && tag == p.skip:
		p.depth++
	case p.skip != "", isVoid(name) && isHidden(attr):
	case isDropped(name) || isHidden(attr):
		p.skip, p.depth = tag, 0
	case name == atom.Title:
		p.inTitle = true
	case name == atom.Meta:
		p.describe(attr)
	case name == atom.Pre || name == atom.Textarea:
		p.pre++
		p.newline()
	default:
		p.boundary(name)
	}
}

func (p *page) end(tag string) {
	name := atom.Lookup([]byte(tag))
	switch {
	case p.skip != "" && tag == p.skip && p.depth > 0:
		p.depth--
	case p.skip != "" && tag == p.skip, p.skip == "p" && isBlock(name):
		p.skip = ""
		p.boundary(name)
	case p.skip != "":
	case name == atom.Title:
		p.inTitle = false
	case name == atom.Pre || name == atom.Textarea:
		p.pre = max(0, p.pre-1)
		p.newline()
	case name != atom.Td && name != atom.Th:
		p.boundary(name)
	}
}

// boundary ends the line before or after a block, and the cell before the next one.
func (p *page) boundary(name atom.Atom) {
	switch {
	case name == atom.Td || name == atom.Th:
		if p.fresh {
			p.body.WriteByte('\t')
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
	p.fresh, p.space = false, false
}

// write adds text, its white space collapsed as a browser does.
func (p *page) write(s string) {
	for _, r := range s {
		switch {
		case r == '\n' && p.pre > 0:
			p.newline()
		case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\u00A0':
			p.space = p.fresh
		default:
			if p.space {
				p.body.WriteByte(' ')
			}
			p.body.WriteRune(r)
			p.space, p.fresh = false, true
		}
	}
}

func (p *page) describe(attr map[string]string) {
	switch strings.ToLower(attr["name"]) {
	case "author":
		p.setMeta("author", attr["content"])
	case "generator":
		p.setMeta("producer", attr["content"])
	}
}

// setMeta keeps the first value of a key, on one line of bounded length.
func (p *page) setMeta(key, value string) {
	const limit = 512 // bytes
	if p.meta[key] == "" {
		p.meta[key] = strings.Join(strings.Fields(extract.Clean(extract.Cut(value, limit))), " ")
	}
}
