package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// codec is how one type is read.
type codec struct {
	name   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func codecOf(t document.Type) (codec, error) {
	switch t {
	case document.PNG:
		return codec{"PNG", png.DecodeConfig, png.Decode}, nil
	case document.JPEG:
		return codec{"JPEG", jpeg.DecodeConfig, jpeg.Decode}, nil
	case document.GIF:
		return codec{"GIF", gif.DecodeConfig, gif.Decode}, nil
	case document.BMP:
		return codec{"BMP", bmp.DecodeConfig, bmp.Decode}, nil
	case document.TIFF:
		return codec{"TIFF", tiff.DecodeConfig, tiff.Decode}, nil
	case document.WebP:
		return codec{"WebP", webp.DecodeConfig, webp.Decode}, nil
	}
	return codec{}, fault.New(fault.Unsupported, nil, "%s is not a type of picture", t)
}

// measure returns the picture's size from its header, unless it is over the limit.
func (x *Extractor) measure(d *document.Document) (image.Point, error) {
	c, err := codecOf(d.Type)
	if err != nil {
		return image.Point{}, err
	}
	conf, err := guard(func() (image.Config, error) { return c.config(bytes.NewReader(d.Bytes)) })
	switch {
	case err != nil:
		return image.Point{}, c.verdict(d, err)
	case d.Type == document.WebP && chunk(d.Bytes, 12, "ANIM", riffHeader) != nil:
		return image.Point{}, fault.New(fault.Unsupported, nil, "a moving WebP picture, which docsift cannot read: save it as a plain PNG")
	case conf.Width <= 0 || conf.Height <= 0:
		return image.Point{}, c.verdict(d, errors.New("no pixels"))
	case conf.Width > x.opts.MaxPixels/conf.Height:
		return image.Point{}, fault.New(fault.TooComplex, nil, "the picture has %d x %d pixels, over the limit of %d million: scale it down and send it again",
			conf.Width, conf.Height, x.opts.MaxPixels/1_000_000)
	}
	return image.Pt(conf.Width, conf.Height), nil
}

func (x *Extractor) decode(ctx context.Context, d *document.Document) (image.Image, error) {
	c, err := codecOf(d.Type)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, x.opts.Timeout)
	defer cancel()
	m, err := guard(func() (image.Image, error) {
		return c.decode(&source{ctx: limited, data: bytes.NewReader(d.Bytes)})
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fault.New(fault.TooComplex, err, "the picture takes longer than %v to read: save it again in a plainer form", x.opts.Timeout)
	case err != nil:
		return nil, c.verdict(d, err)
	case m.Bounds().Empty():
		return nil, c.verdict(d, errors.New("no pixels"))
	}
	return m, nil
}

// verdict says of a decoder's error what it means for the document.
func (c codec) verdict(d *document.Document, err error) error {
	reason, ok := unsupported(err)
	switch {
	case !ok:
		return fault.New(fault.Corrupt, err, "the %s picture is damaged or cut short: save it again", c.name)
	case d.Type == document.TIFF:
		return fault.New(fault.Unsupported, err, "a TIFF variant that docsift cannot read (%s): convert to PNG or PDF", reason)
	}
	return fault.New(fault.Unsupported, err, "a %s variant that docsift cannot read (%s): save it as a plain PNG", c.name, reason)
}

// unsupported returns what of the format the decoder does not know, if that is the error.
func unsupported(err error) (reason string, ok bool) {
	if e, ok := errors.AsType[tiff.UnsupportedError](err); ok {
		return strings.Replace(string(e), "compression value", "compression", 1), true
	}
	if e, ok := errors.AsType[jpeg.UnsupportedError](err); ok {
		return string(e), true
	}
	if e, ok := errors.AsType[png.UnsupportedError](err); ok {
		return string(e), true
	}
	if errors.Is(err, bmp.ErrUnsupported) {
		return "its compression or depth", true
	}
	return "", false
}

// guard runs a decoder and turns a panic into an error.
func guard[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// source is a document that ends with its context, which stops a decoder that does not stop
// by itself: some formats let a few bytes ask for a pass over every pixel.
type source struct {
	ctx  context.Context
	data *bytes.Reader
}

// portion is the most that a decoder gets between two looks at the context.
const portion = 1 << 10

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.data.Read(p[:min(len(p), portion)])
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.data.ReadAt(p, off)
}
