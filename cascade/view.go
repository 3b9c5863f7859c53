package cascade

import (
	"context"
	"slices"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// shower makes the views of one document, each at most once.
type shower struct {
	content *extract.Content
	texts   map[int]extract.Excerpt
	images  map[int]drawn
}

type drawn struct {
	image document.Image
	err   error
}

// view returns the text and the images that v shows.
func (s *shower) view(ctx context.Context, v View, chars int) (extract.Excerpt, []document.Image, error) {
	if v == TextView {
		s.recognize(ctx)
		text := s.text(chars)
		if !s.content.Legible(text.Text) {
			return extract.Excerpt{}, nil, fault.New(fault.Unsupported, nil, "no text could be read")
		}
		return text, nil, nil
	}
	img, err := s.image(ctx, v.Side())
	if err != nil {
		return extract.Excerpt{}, nil, err
	}
	return s.text(chars), []document.Image{img}, nil
}

// recognize reads letters from pictures when the text is asked for and there is none. A policy
// that only looks at pages never pays for it.
func (s *shower) recognize(ctx context.Context) {
	if s.content.OCR != nil {
		s.content.Recognize(ctx)
		s.texts = nil
	}
}

// pictured reports whether the text was read from pictures.
func (s *shower) pictured() bool {
	return slices.ContainsFunc(s.content.Pages, func(p extract.Page) bool { return p.OCR && extract.Readable(p.Text) })
}

func (s *shower) text(chars int) extract.Excerpt {
	text, ok := s.texts[chars]
	if !ok {
		if s.texts == nil {
			s.texts = make(map[int]extract.Excerpt)
		}
		text = extract.Select(s.content, chars)
		s.texts[chars] = text
	}
	return text
}

func (s *shower) image(ctx context.Context, side int) (document.Image, error) {
	if s.content.Draw == nil {
		return document.Image{}, fault.New(fault.Unsupported, nil, "no page can be drawn")
	}
	d, ok := s.images[side]
	if !ok {
		if s.images == nil {
			s.images = make(map[int]drawn)
		}
		d.image, d.err = s.content.Draw(ctx, 1, extract.View{Side: side})
		s.images[side] = d
	}
	return d.image, d.err
}
