package mail

import (
	"bytes"
	"strings"

	"github.com/docsift/docsift/extract"
)

// message reads a message in the format of the Internet.
func (r *reader) message(b []byte, depth int) (*message, error) {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")), "\r\n")
	h, body := readHeader(b, r.opts.MaxHeader)
	m := &message{
		from: h.text("from"), to: h.text("to"), cc: h.text("cc"), subject: h.text("subject"), date: h.text("date"),
	}
	if m.from == "" {
		m.from = h.text("sender")
	}
	t, err := r.part(m, newPart(h, body), depth)
	m.body = t.text
	return m, err
}

// part is a part of a message, its header taken apart.
type part struct {
	media    string // such as "text/plain"
	params   map[string]string
	name     string // of the file, or ""
	attached bool   // the sender says that it is no part of the body
	id       string // by which a web page shows it
	coding   string
	body     []byte // still in its transfer encoding
}

func newPart(h header, body []byte) part {
	media, params := parameters(h["content-type"])
	if !strings.Contains(media, "/") {
		media = "text/plain"
	}
	disposition, file := parameters(h["content-disposition"])
	p := part{
		media: media, params: params, name: decodeParam(file, "filename"), id: h["content-id"],
		coding: h["content-transfer-encoding"], body: body,
	}
	p.attached = disposition == "attachment" || p.name != "" && !p.isShown()
	if p.name == "" {
		p.name = decodeParam(params, "name")
	}
	return p
}

// piece is a text of a body.
type piece struct {
	text   string
	isPage bool // it was a web page
}

// part reads a part into m and returns its text, if it has any that belongs to the body.
func (r *reader) part(m *message, p part, depth int) (piece, error) {
	if err := r.enter(depth); err != nil {
		return piece{}, err
	}
	switch {
	case p.isSealed():
		m.isEncrypted = true
		return piece{}, nil
	case p.media == "message/rfc822" || p.media == "message/global":
		inner, err := r.message(decodeTransfer(p.body, p.coding), depth+1)
		m.inside = append(m.inside, inner)
		return piece{}, err
	case strings.HasPrefix(p.media, "multipart/"):
		return r.inner(m, p, depth)
	case p.attached:
	case p.isText():
		return r.read(m, p), nil
	case p.isShown():
		return piece{}, nil
	}
	m.attach(p.name, p.media)
	return piece{}, nil
}

// isSealed reports whether a part can be read with a key alone.
func (p part) isSealed() bool {
	switch p.media {
	case "multipart/encrypted":
		return true
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		kind := strings.ToLower(p.params["smime-type"])
		return kind != "signed-data" && kind != "certs-only"
	}
	return false
}

// isShown reports whether a part is a picture in a web page.
func (p part) isShown() bool { return p.id != "" && strings.HasPrefix(p.media, "image/") }

// isText reports whether a part that is not attached belongs to the body.
func (p part) isText() bool {
	switch p.media {
	case "text/calendar", "text/vcard", "text/x-vcard", "text/directory":
		return false
	case "text/plain", "text/html", "message/delivery-status", "message/disposition-notification":
		return true
	}
	return strings.HasPrefix(p.media, "text/") && p.name == ""
}

// inner reads the parts of a part. Of alternatives, one is returned: plain text if it says
// anything, or else a web page.
func (r *reader) inner(m *message, p part, depth int) (piece, error) {
	defer func(before bool) { r.plain = before }(r.plain)
	var all []piece
	for body := range split(p.body, p.params["boundary"]) {
		h, rest := readHeader(body, r.opts.MaxHeader)
		child := newPart(h, rest)
		if p.media == "multipart/digest" && h["content-type"] == "" {
			child.media = "message/rfc822"
		}
		t, err := r.part(m, child, depth+1)
		if err != nil {
			return piece{}, err
		}
		all = append(all, t)
		r.plain = r.plain || p.media == "multipart/alternative" && !t.isPage && extract.Readable(t.text)
	}
	switch {
	case len(all) == 0: // a broken sender: its boundary is nowhere
		p.media = "text/plain"
		return r.read(m, p), nil
	case p.media == "multipart/alternative":
		return chosen(all), nil
	}
	return together(all), nil
}

func together(all []piece) piece {
	var out piece
	texts := make([]string, len(all))
	for i, t := range all {
		texts[i] = t.text
		out.isPage = out.isPage || t.isPage
	}
	out.text = joined(texts, "\n\n")
	return out
}

// chosen returns the alternative to read: some senders leave the plain one empty, or say in
// it that there is nothing to see.
func chosen(all []piece) piece {
	best := piece{}
	for _, t := range all {
		better := best.text == "" || best.isPage && !t.isPage || !extract.Readable(best.text)
		if better && (best.text == "" || extract.Readable(t.text)) {
			best = t
		}
	}
	return best
}

// read returns the text of a part of the body.
func (r *reader) read(m *message, p part) piece {
	if r.left <= 0 {
		return piece{}
	}
	b := decodeTransfer(p.body, p.coding)
	switch p.media {
	case "text/html":
		if r.opts.HTML == nil || r.plain {
			return piece{}
		}
		return piece{r.keepShown(r.opts.HTML(b, p.params["charset"])), true}
	case "text/rtf":
		return piece{r.rich(b), true}
	}
	text := decode(b, p.params["charset"])
	if strings.EqualFold(p.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(p.params["delsp"], "yes"))
	}
	return piece{r.keep(m.withoutSealed(extract.Clean(text))), false}
}

// rich returns the text of a body in rich text, or "" if it cannot be read.
func (r *reader) rich(b []byte) string {
	if r.opts.RTF == nil || r.left <= 0 || len(b) == 0 {
		return ""
	}
	c, err := r.opts.RTF(b)
	if err != nil {
		return "" // what else the message says can be read
	}
	return r.keepShown(c)
}

// withoutSealed drops what is encrypted within a text.
func (m *message) withoutSealed(s string) string {
	const begin, end = "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"
	before, sealed, found := strings.Cut(s, begin)
	if !found {
		return s
	}
	m.isEncrypted = true
	_, after, _ := strings.Cut(sealed, end)
	return before + after
}
