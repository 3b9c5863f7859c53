package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
)

// The effects below use integers only: the same pixels on every processor.

// tilt turns src by sine/65536 about its middle, onto a ground of at least the same size.
func tilt(dst *image.RGBA, src *image.RGBA, sine int) {
	const one = 1 << 16
	cosine := one - sine*sine/(2*one)
	db, sb := dst.Bounds(), src.Bounds()
	for y := range db.Dy() {
		for x := range db.Dx() {
			dx, dy := x-db.Dx()/2, y-db.Dy()/2
			sx := dx*cosine + dy*sine + sb.Dx()/2*one
			sy := dy*cosine - dx*sine + sb.Dy()/2*one
			if sx >= 0 && sy >= 0 && sx>>16 < sb.Dx()-1 && sy>>16 < sb.Dy()-1 {
				dst.SetRGBA(x, y, between(src, sx, sy))
			}
		}
	}
}

// between mixes the four pixels around a 16.16 point.
func between(src *image.RGBA, sx, sy int) color.RGBA {
	x, y := sx>>16, sy>>16
	fx, fy := sx>>8&255, sy>>8&255
	at := src.PixOffset(x, y)
	mix := func(ch int) uint8 {
		top := int(src.Pix[at+ch])*(256-fx) + int(src.Pix[at+ch+4])*fx
		under := at + ch + src.Stride
		low := int(src.Pix[under])*(256-fx) + int(src.Pix[under+4])*fx
		return uint8((top*(256-fy) + low*fy) >> 16)
	}
	return color.RGBA{mix(0), mix(1), mix(2), 255}
}

// shade darkens img evenly from full light at the top left to 256-drop at the bottom right.
func shade(img *image.RGBA, drop int) {
	b := img.Bounds()
	span := b.Dx() + b.Dy()
	for y := range b.Dy() {
		for x := range b.Dx() {
			light := 256 - drop*(x+y)/span
			at := img.PixOffset(x, y)
			for ch := range 3 {
				img.Pix[at+ch] = uint8(int(img.Pix[at+ch]) * light >> 8)
			}
		}
	}
}

// grain adds noise of at most amp to every pixel, the same to all channels.
func grain(img *image.RGBA, seed uint64, amp int) {
	rnd := rand.New(rand.NewPCG(seed, 2))
	for at := 0; at < len(img.Pix); at += 4 {
		n := rnd.IntN(2*amp+1) - amp
		for ch := range 3 {
			img.Pix[at+ch] = uint8(min(255, max(0, int(img.Pix[at+ch])+n)))
		}
	}
}

// fax reduces img to black and white with a few stray dots.
func fax(img *image.RGBA, seed uint64, dots int) *image.Paletted {
	b := img.Bounds()
	out := image.NewPaletted(b, color.Palette{color.White, color.Black})
	for y := range b.Dy() {
		for x := range b.Dx() {
			if gray(img, x, y) < 150 {
				out.SetColorIndex(x, y, 1)
			}
		}
	}
	rnd := rand.New(rand.NewPCG(seed, 3))
	for range dots {
		out.SetColorIndex(rnd.IntN(b.Dx()), rnd.IntN(b.Dy()), 1)
	}
	return out
}

func gray(img *image.RGBA, x, y int) int {
	at := img.PixOffset(x, y)
	return (299*int(img.Pix[at]) + 587*int(img.Pix[at+1]) + 114*int(img.Pix[at+2])) / 1000
}

func toGray(img *image.RGBA) *image.Gray {
	out := image.NewGray(img.Bounds())
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			out.SetGray(x, y, color.Gray{Y: uint8(gray(img, x, y))})
		}
	}
	return out
}

// ground is an empty picture in one color.
func ground(w, h int, c rgb) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), uniform(c), image.Point{}, draw.Src)
	return img
}

func encodeJPEG(img image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode jpeg: %w", err)
	}
	return b.Bytes(), nil
}

func encodePNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encode png: %w", err)
	}
	return b.Bytes(), nil
}
