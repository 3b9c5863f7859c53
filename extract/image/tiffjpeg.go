package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
)

// decodeJPEG reads a page whose segments are JPEG pictures of their own.
func (p *tiffPage) decodeJPEG(ctx context.Context) (image.Image, error) {
	if p.compression == oldJPEG {
		return p.decodeOldJPEG(ctx)
	}
	if p.planar {
		return nil, variant("JPEG in planes")
	}
	var whole draw.Image
	for i := range p.across * p.down {
		box := p.box(i)
		m, err := p.jpegSegment(ctx, p.data(i))
		switch {
		case err != nil:
			return nil, err
		case m.Bounds().Dx() < box.Dx() || m.Bounds().Dy() < box.Dy():
			return nil, errors.New("a strip smaller than it should be")
		case box.Size() == p.size:
			return crop(m, p.size), nil
		case whole == nil:
			whole = sameColours(m, p.size)
		}
		draw.Draw(whole, box, m, m.Bounds().Min, draw.Src)
	}
	return whole, nil
}

// crop returns the upper left part of a picture; strips and tiles may be larger than the page.
func crop(m image.Image, size image.Point) image.Image {
	part := image.Rectangle{Min: m.Bounds().Min, Max: m.Bounds().Min.Add(size)}
	if sub, ok := m.(interface {
		SubImage(r image.Rectangle) image.Image
	}); ok {
		return sub.SubImage(part)
	}
	return m
}

// sameColours returns an empty picture, gray if m is.
func sameColours(m image.Image, size image.Point) draw.Image {
	if _, ok := m.(*image.Gray); ok {
		return image.NewGray(image.Rectangle{Max: size})
	}
	return image.NewRGBA(image.Rectangle{Max: size})
}

// jpegSegment decodes a strip or tile. Tables that all of them share are in a tag.
func (p *tiffPage) jpegSegment(ctx context.Context, data []byte) (image.Image, error) {
	const start, end = "\xFF\xD8", "\xFF\xD9"
	_, tables := p.dir.value(tagJPEGTables)
	tables = bytes.TrimSuffix(bytes.TrimPrefix(tables, []byte(start)), []byte(end))
	head := []byte(start)
	if p.model == rgbModel && !bytes.Contains(data[:min(len(data), 64)], []byte("Adobe")) {
		head = append(head, "\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x00"...) // the colours are not turned into others
	}
	b := bytes.Join([][]byte{head, tables, bytes.TrimPrefix(data, []byte(start))}, nil)
	return p.jpeg(ctx, b)
}

// decodeOldJPEG reads the first way to put a JPEG into a TIFF, if it is there in one piece.
func (p *tiffPage) decodeOldJPEG(ctx context.Context) (image.Image, error) {
	at := p.dir.number(tagOldJPEG, 0)
	b := p.dir.file.part(at, p.dir.number(tagOldJPEGSize, 0))
	if at == 0 || len(b) == 0 {
		return nil, variant("compression 6")
	}
	m, err := p.jpeg(ctx, b)
	if err == nil && m.Bounds().Size() != p.size {
		err = errors.New("a JPEG of another size")
	}
	return m, err
}

// jpeg decodes a JPEG that is no larger than a segment, or than the page.
func (p *tiffPage) jpeg(ctx context.Context, b []byte) (image.Image, error) {
	conf, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if w, h := max(p.size.X, p.segment.X), max(p.size.Y, p.segment.Y); conf.Width > w+15 || conf.Height > h+15 {
		return nil, errors.New("a JPEG larger than its place")
	}
	if area := float64(conf.Width * conf.Height); area*jpegMemory(b, conf) > float64(p.most) {
		return nil, oversize{uint64(conf.Width), uint64(conf.Height)}
	}
	return jpeg.Decode(&source{ctx: ctx, data: bytes.NewReader(b)})
}
