package docsift

import (
	"bytes"
	"context"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/webp"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
)

// guideCost returns what a document costs by the scaling guide's way: 250 tokens of prompt and 80 of
// answer, asked again of gpt-4o in 20 % of cases. Both calls of those are paid for.
func guideCost(book *price.Book, at time.Time) *cascade.Cost {
	sum := int64(0)
	for model, share := range map[string]int64{"openai/gpt-4o-mini": 100, "openai/gpt-4o": 20} {
		page, _ := book.ImageTokens(model, at, price.Picture{Width: 1024, Height: 1024})
		each, ok := book.Cost(model, at, price.Tokens{Input: page + 250, Output: 80})
		if !ok {
			return &cascade.Cost{}
		}
		sum += int64(each) * share / 100
	}
	return &cascade.Cost{NanoUSD: sum, Known: true}
}

// ClassifyWithConfidenceUpgrade is the scaling guide's own call: the prompt and the picture of
// a page go to the policy "guide", and an answer below threshold, or "unknown", is upgraded.
// The categories are those of the default taxonomy, whatever the prompt says. The picture is
// sent as it is: PNG, JPEG, GIF or WebP.
func (c *Classifier) ClassifyWithConfidenceUpgrade(ctx context.Context, prompt string, picture []byte, threshold float64) (Result, error) {
	d, err := document.Read(bytes.NewReader(picture), "image", document.Options{})
	if err != nil {
		return NewFailure("image", err), err
	}
	res, start := newResult(d), time.Now()
	err = c.upgrade(ctx, d, cascade.Input{Prompt: prompt, Confidence: &threshold}, &res)
	res.finish(start, err)
	return res, err
}

func (c *Classifier) upgrade(ctx context.Context, d *document.Document, in cascade.Input, res *Result) error {
	if t := *in.Confidence; !(t >= 0 && t <= 1) {
		return fault.New(fault.Invalid, nil, "threshold %v is outside 0 to 1", t)
	}
	size, err := measure(d)
	if err != nil {
		return err
	}
	pol, err := c.policy("guide")
	if err != nil {
		return err
	}
	if in.Taxonomy, err = c.taxonomy(Request{}); err != nil {
		return err
	}
	res.Taxonomy, res.Policy, res.Document.Pages = TaxonomyRef{in.Taxonomy.ID, in.Taxonomy.Version}, pol.ref(), 1
	picture := document.Image{MIME: d.Type.MIME(), Width: size.Width, Height: size.Height, Bytes: d.Bytes}
	in.Content = &extract.Content{
		Pages: []extract.Page{{Number: 1}}, PageCount: 1,
		Draw: func(context.Context, int, extract.View) (document.Image, error) { return picture, nil },
	}
	in.Document = c.facts(d, in.Content)
	return pol.run(ctx, in, res)
}

// measure returns the size of a picture that models take as it is.
func measure(d *document.Document) (image.Config, error) {
	var decode func(io.Reader) (image.Config, error)
	switch d.Type {
	case document.PNG:
		decode = png.DecodeConfig
	case document.JPEG:
		decode = jpeg.DecodeConfig
	case document.GIF:
		decode = gif.DecodeConfig
	case document.WebP:
		decode = webp.DecodeConfig
	default:
		return image.Config{}, fault.New(fault.Unsupported, nil, "not a picture that models take: send PNG, JPEG, GIF or WebP, or use Classify")
	}
	size, err := decode(bytes.NewReader(d.Bytes))
	if err != nil {
		return size, fault.New(fault.Corrupt, err, "the picture is damaged")
	}
	return size, nil
}
