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

// Finding is what a model was found to do, and what finding out took.
type Finding struct {
	Features Features
	Usage    model.Usage
	Cost     model.Cost
}

// ProbeFeatures finds out what the model can do: it asks about req, a tiny document, with all
// that might be taken, until nothing is refused any more, and shows a tiny picture where nobody
// knows whether the model looks at them. It remembers what it finds. Calls go through what via
// makes of the model, such as a meter; nil makes nothing of it. The error is why the model did
// not answer.
func (m *Model) ProbeFeatures(ctx context.Context, req model.Request, via func(model.Model) model.Model) (Finding, error) {
	p := probe{asked: trial{m}, Finding: Finding{Usage: model.Usage{Known: true}, Cost: model.Cost{Known: true}}}
	if via != nil {
		p.asked = via(p.asked)
	}
	err := p.ask(ctx, req)
	if err == nil && m.known().Images == "" {
		err = m.probeImages(ctx, &p, req)
	}
	p.Features = m.known()
	return p.Finding, err
}

// probeImages finds out whether the model looks at pictures. It is known to answer without one.
func (m *Model) probeImages(ctx context.Context, p *probe, req model.Request) error {
	picture, err := blank()
	if err != nil {
		return err
	}
	req.Images = []document.Image{picture}
	switch err := p.ask(ctx, req); fault.KindOf(err) {
	case "":
		m.learn(Features{Images: Yes})
	case fault.Rejected:
		m.learn(Features{Images: No})
	}
	return nil
}

// probe adds up what its calls take.
type probe struct {
	Finding
	asked model.Model
}

// ask asks until no parameter is refused any more.
func (p *probe) ask(ctx context.Context, req model.Request) error {
	for calls := 1; ; calls++ {
		resp, err := p.asked.Score(ctx, req)
		if err == nil || resp.Usage.Known || fault.MaybeBilled(err) {
			p.Usage = plus(p.Usage, resp.Usage)
		}
		if resp.Cost != nil {
			p.Cost = p.Cost.Plus(*resp.Cost)
		}
		if fault.KindOf(err) != fault.Adapted || calls > len(new(Features).all()) {
			return err
		}
	}
}

// trial is a model that is asked for all that it is not known to lack, and learns what it takes.
type trial struct{ *Model }

// Score asks once.
func (t trial) Score(ctx context.Context, req model.Request) (model.Response, error) {
	known, o := t.known(), t.opts
	if known.Temperature == "" && o.Temperature == nil {
		o.Temperature = new(float64)
	}
	hopes := Features{Schema: Yes, Logprobs: Yes, Temperature: Yes, Effort: Yes, Caching: Yes}
	resp, took, err := t.score(ctx, o, known.Or(hopes), req)
	if err == nil {
		t.learn(took)
	}
	return resp, t.wrap(err)
}

// blank returns a small white picture.
func blank() (document.Image, error) {
	const side = 64
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return document.Image{MIME: "image/png", Width: side, Height: side, Bytes: b.Bytes()}, err
}

// plus adds up two usages: the whole is known when both are.
func plus(a, b model.Usage) model.Usage {
	return model.Usage{
		Known: a.Known && b.Known, Input: a.Input + b.Input, Cached: a.Cached + b.Cached,
		CacheWrite: a.CacheWrite + b.CacheWrite, Output: a.Output + b.Output, Reasoning: a.Reasoning + b.Reasoning,
	}
}
