package chat

import (
	"bytes"
	"context"
	"image"
	"image/png"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// ProbeFeatures finds out what the model can do: it asks about req, a tiny document, with all
// that might be taken, until nothing is refused any more, and shows a tiny picture where nobody
// knows whether the model looks at them. It remembers what it finds. The usage is of all calls
// together; the error is why the model did not answer.
func (m *Model) ProbeFeatures(ctx context.Context, req model.Request) (Features, model.Usage, error) {
	resp, err := m.try(ctx, req)
	used := resp.Usage
	if err != nil || m.known().Images != "" {
		return m.known(), used, m.wrap(err)
	}
	if req.Images, err = blank(); err != nil {
		return m.known(), used, err
	}
	resp, err = m.try(ctx, req)
	if err == nil || resp.Usage.Known || fault.MaybeBilled(err) {
		used = plus(used, resp.Usage)
	}
	switch fault.KindOf(err) {
	case "":
		m.learn(Features{Images: Yes})
	case fault.Rejected: // the same without the picture was taken
		m.learn(Features{Images: No})
	}
	return m.known(), used, nil // that it answers is known
}

// try asks with all that is not known to be lacking, and again when a parameter was refused.
func (m *Model) try(ctx context.Context, req model.Request) (model.Response, error) {
	hopes := Features{Schema: Yes, Logprobs: Yes, Temperature: Yes, Effort: Yes, Caching: Yes}
	for calls := 1; ; calls++ {
		before, o := m.known(), m.opts
		if before.Temperature == "" && o.Temperature == nil {
			o.Temperature = new(float64)
		}
		resp, took, err := m.score(ctx, o, before.Or(hopes), req)
		if fault.KindOf(err) == fault.Adapted && calls <= len(hopes.all()) {
			continue
		}
		if err == nil {
			m.learn(took)
		}
		return resp, err
	}
}

// blank returns a white picture.
func blank() ([]document.Image, error) {
	const side = 64
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, err
	}
	return []document.Image{{MIME: "image/png", Width: side, Height: side, Bytes: b.Bytes()}}, nil
}

// plus adds up two usages: the whole is known when both are.
func plus(a, b model.Usage) model.Usage {
	return model.Usage{
		Known: a.Known && b.Known, Input: a.Input + b.Input, Cached: a.Cached + b.Cached,
		CacheWrite: a.CacheWrite + b.CacheWrite, Output: a.Output + b.Output, Reasoning: a.Reasoning + b.Reasoning,
	}
}
