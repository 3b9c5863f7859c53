package picture

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"

	"golang.org/x/image/webp"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// album is the pictures of a document.
type album struct {
	name  string // of the format
	count int
	sheet func(i int) (sheet, error) // counted from 0; the error has a kind
}

// sheet is one picture that is not decoded yet.
type sheet struct {
	size        image.Point // as it is shown but for its orientation
	orientation orientation
	stretch     float64 // how much higher than wide its pixels are
	decode      func(ctx context.Context) (image.Image, error)
}

// squared returns the size p after pixels that are not square were repeated to become so.
func (s sheet) squared(p image.Point) image.Point {
	switch {
	case s.stretch > 1:
		p.Y = int(float64(p.Y) * s.stretch)
	case s.stretch > 0 && s.stretch < 1:
		p.X = int(float64(p.X) / s.stretch)
	}
	return p
}

// codec is how a type with a single picture is read.
type codec struct {
	name   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	memory func(b []byte, c image.Config) float64 // bytes a pixel while it is decoded
}

func codecOf(t document.Type) (codec, bool) {
	switch t {
	case document.PNG:
		return codec{"PNG", png.DecodeConfig, png.Decode, pngMemory}, true
	case document.JPEG:
		return codec{"JPEG", jpeg.DecodeConfig, jpeg.Decode, jpegMemory}, true
	case document.GIF:
		return codec{"GIF", gif.DecodeConfig, gif.Decode, flatMemory}, true
	case document.WebP:
		return codec{"WebP", webp.DecodeConfig, webp.Decode, webpMemory}, true
	}
	return codec{}, false
}

// open reads how large a document's pictures are. Nothing is decoded.
func (x *Extractor) open(d *document.Document) (album, error) {
	switch d.Type {
	case document.TIFF:
		return x.openTIFF(d.Bytes)
	case document.BMP:
		return x.openBMP(d.Bytes)
	case document.HEIC:
		return album{}, fault.New(fault.Unsupported, nil, "a HEIC picture, which docsift cannot read: save it as JPEG (an iPhone does with Settings, Camera, Formats, Most Compatible)")
	}
	c, ok := codecOf(d.Type)
	if !ok {
		return album{}, fault.New(fault.Unsupported, nil, "%s is not a type of picture", d.Type)
	}
	b := d.Bytes
	if d.Type == document.WebP {
		b = firstFrame(b)
	}
	size, err := x.measure(c, b)
	if err != nil {
		return album{}, x.verdict(c.name, err)
	}
	s := sheet{
		size: size, stretch: 1, orientation: exifOf(d).orientation(),
		decode: func(ctx context.Context) (image.Image, error) {
			return c.decode(&source{ctx: ctx, data: bytes.NewReader(b)})
		},
	}
	return album{c.name, 1, func(int) (sheet, error) { return s, nil }}, nil
}

// measure reads a picture's size, unless it is over the limit.
func (x *Extractor) measure(c codec, b []byte) (image.Point, error) {
	conf, err := guard(func() (image.Config, error) { return c.config(bytes.NewReader(b)) })
	const pngSize = 16 // where a PNG has its size
	switch {
	case errors.Is(err, png.UnsupportedError("dimension overflow")):
		return image.Point{}, oversize{uint64(binary.BigEndian.Uint32(b[pngSize:])), uint64(binary.BigEndian.Uint32(b[pngSize+4:]))}
	case err != nil:
		return image.Point{}, cmp.Or(jpegVariant(b), err)
	case conf.Width <= 0 || conf.Height <= 0:
		return image.Point{}, errors.New("no pixels")
	}
	return image.Pt(conf.Width, conf.Height), x.checkSize(conf.Width, conf.Height, c.memory(b, conf))
}

// bytesPerPixel is how much memory a pixel of the largest picture may take.
const bytesPerPixel = 4

// checkSize refuses a picture of too many pixels, or of too many bytes for as many.
func (x *Extractor) checkSize(w, h int, memory float64) error {
	most := float64(x.opts.MaxPixels)
	if area := float64(w) * float64(h); area > most || area*memory > most*bytesPerPixel {
		return oversize{uint64(w), uint64(h)}
	}
	return nil
}

// largePicture is how many pixels are worth collecting garbage for.
const largePicture = 16_000_000

func (x *Extractor) decode(ctx context.Context, a album, s sheet) (image.Image, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if s.size.X*s.size.Y >= largePicture {
		runtime.GC() // or the picture before this one is still there, and both together are too much
	}
	limited, cancel := context.WithTimeout(ctx, x.opts.Timeout)
	defer cancel()
	m, err := guard(func() (image.Image, error) { return s.decode(limited) })
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fault.New(fault.TooComplex, err, "the picture takes longer than %v to read: save it again in a plainer form", x.opts.Timeout)
	case err == nil && m.Bounds().Empty():
		err = errors.New("no pixels")
	}
	if err != nil {
		return nil, x.verdict(a.name, err)
	}
	return m, nil
}

// verdict says of a reader's error what it means for the document.
func (x *Extractor) verdict(format string, err error) error {
	if big, ok := errors.AsType[oversize](err); ok {
		if float64(big.width)*float64(big.height) > float64(x.opts.MaxPixels) {
			return fault.New(fault.ManyPixels, nil, "the picture has %d x %d pixels, over the limit of %d: scale it down and send it again",
				big.width, big.height, x.opts.MaxPixels)
		}
		return fault.New(fault.ManyPixels, nil, "the picture has %d x %d pixels of a kind that takes too much memory: scale it down or save it in a plainer form",
			big.width, big.height)
	}
	if errors.Is(err, errManyDirectories) {
		return fault.New(fault.TooComplex, err, "the TIFF has more than %d pages: split it", maxDirectories)
	}
	remedy := "save it as a plain PNG"
	if format == "TIFF" {
		remedy = "convert it to PNG or PDF"
	}
	if reason, ok := unsupported(err); ok {
		return fault.New(fault.Unsupported, err, "a %s variant that docsift cannot read (%s): %s", format, reason, remedy)
	}
	return fault.New(fault.Corrupt, err, "the %s picture is damaged or cut short: save it again", format)
}

// unsupported returns what of the format its reader does not know, if that is the error.
func unsupported(err error) (reason string, ok bool) {
	if e, ok := errors.AsType[variant](err); ok {
		return string(e), true
	}
	if e, ok := errors.AsType[jpeg.UnsupportedError](err); ok {
		return string(e), true
	}
	if e, ok := errors.AsType[png.UnsupportedError](err); ok {
		return string(e), true
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
