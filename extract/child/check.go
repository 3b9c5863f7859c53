package child

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
)

// check reports what is wrong with a child's reply to q: a document may have taken it over.
func (r *reply) check(q request, body []byte) error {
	switch {
	case r.Fault != nil:
		return r.Fault.check(body)
	case q.Op == opDraw:
		return r.Image.check(q.View, body)
	case !utf8.Valid(body):
		return errors.New("text that is not UTF-8")
	case q.Op == opRecognize:
		return nil
	}
	return r.checkContent(body)
}

func (f *failure) check(body []byte) error {
	if len(f.Msg) > maxMsg || len(f.Cause) > maxCause || len(body) > 0 {
		return fmt.Errorf("an error of %d and %d bytes", len(f.Msg), len(f.Cause))
	}
	return nil
}

func (r *reply) checkContent(texts []byte) error {
	c := r.Content
	switch {
	case c == nil:
		return errors.New("no content")
	case c.PageCount < 1 || c.PageCount > maxCount:
		return fmt.Errorf("a document of %d pages", c.PageCount)
	case len(c.Pages) > maxPages || len(r.Lengths) != len(c.Pages):
		return fmt.Errorf("%d texts for %d pages", len(r.Lengths), len(c.Pages))
	}
	before := 0
	for i, n := range r.Lengths {
		switch number := c.Pages[i].Number; {
		case n < 0 || n > len(texts) || !utf8.Valid(texts[:n]):
			return fmt.Errorf("a text of %d bytes out of %d", n, len(texts))
		case number <= before || number > c.PageCount:
			return fmt.Errorf("page %d after page %d of %d", number, before, c.PageCount)
		default:
			before, texts = number, texts[n:]
		}
	}
	if len(texts) > 0 {
		return fmt.Errorf("%d bytes after the last text", len(texts))
	}
	if err := checkHidden(c); err != nil {
		return err
	}
	return checkMeta(c.Meta)
}

// checkHidden holds findings to the closed set of their kinds: they go into answers as they are.
func checkHidden(c *extract.Content) error {
	if len(c.Hidden) > maxFound {
		return fmt.Errorf("%d findings of hidden text", len(c.Hidden))
	}
	for _, h := range c.Hidden {
		if !slices.Contains(unseen.Kinds(), h.Kind) || h.Page < 1 || h.Page > c.PageCount || h.Letters < 1 || h.Letters > maxTexts {
			return fmt.Errorf("%d letters hidden as %.20q on page %d", h.Letters, h.Kind, h.Page)
		}
	}
	return nil
}

func checkMeta(meta map[string]string) error {
	if len(meta) > maxMeta {
		return fmt.Errorf("%d things said of the document", len(meta))
	}
	for k, v := range meta {
		if len(k) > maxKey || len(v) > maxValue || !utf8.ValidString(k+v) {
			return fmt.Errorf("%.40q of %d bytes", k, len(v))
		}
	}
	return nil
}

// check looks at size and signature: whoever shows the picture decodes it.
func (p *picture) check(v extract.View, body []byte) error {
	switch {
	case p == nil:
		return errors.New("no picture")
	case p.Width < 1 || p.Height < 1 || max(p.Width, p.Height) > min(v.Side, maxImage):
		return fmt.Errorf("a picture of %dx%d pixels for a side of %d", p.Width, p.Height, v.Side)
	case v.Format == extract.PGM:
		return p.checkPGM(body)
	case p.MIME != "image/jpeg" || !bytes.HasPrefix(body, []byte("\xFF\xD8\xFF")):
		return fmt.Errorf("%.40q that is no JPEG", p.MIME)
	}
	return nil
}

func (p *picture) checkPGM(body []byte) error {
	pixels, ok := bytes.CutPrefix(body, fmt.Appendf(nil, "P5\n%d %d\n255\n", p.Width, p.Height))
	if p.MIME != "image/x-portable-graymap" || !ok || len(pixels) != p.Width*p.Height {
		return fmt.Errorf("%.40q that is no PGM of %dx%d pixels", p.MIME, p.Width, p.Height)
	}
	return nil
}
