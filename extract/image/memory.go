package picture

import (
	"image"
	"image/color"
)

// Each of these returns how many bytes a pixel of a format takes while it is decoded, as the
// decoder holds the picture and what it makes it from.

func flatMemory([]byte, image.Config) float64 { return 1 }

func pngMemory(b []byte, c image.Config) float64 {
	const interlaced = 28 // where the header says so
	n := 4.0
	switch c.ColorModel {
	case color.GrayModel:
		n = 1
	case color.Gray16Model:
		n = 2
	case color.RGBA64Model, color.NRGBA64Model:
		n = 8
	default:
		if _, ok := c.ColorModel.(color.Palette); ok {
			n = 1
		}
	}
	if n <= 2 && chunk(b, 8, "tRNS", pngHeader) != nil {
		n *= 4 // gray with a clear colour becomes colour; a palette does not, but is small
	}
	if len(b) > interlaced && b[interlaced] != 0 {
		n *= 2 // each of seven passes is a picture of its own
	}
	return n
}

// jpegVariant returns an error for a JPEG of a kind that its reader takes for damage, or nil.
func jpegVariant(b []byte) error {
	const firstFrame, lastFrame = 0xC3, 0xCF // above those that can be read
	for marker := range jpegMarkers(b) {
		switch {
		case marker == 0xC4 || marker == 0xC8 || marker == 0xCC: // no frames
		case marker == firstFrame:
			return variant("lossless coding")
		case marker > 0xC8 && marker <= lastFrame:
			return variant("arithmetic coding")
		case marker > firstFrame && marker <= lastFrame:
			return variant("hierarchical coding")
		}
	}
	return nil
}

// jpegMemory adds up the samples of a pixel, and the coefficients that a progressive JPEG
// keeps for each of them to the end.
func jpegMemory(b []byte, _ image.Config) float64 {
	const (
		head        = 6 // bytes before the components, of three bytes each
		progressive = 0xC2
		coefficient = 4 // bytes
	)
	for marker, data := range jpegMarkers(b) {
		if marker < 0xC0 || marker > progressive || len(data) < head {
			continue
		}
		var across, down, samples int
		parts := data[head:]
		for ; len(parts) >= 3; parts = parts[3:] {
			h, v := int(parts[1]>>4), int(parts[1]&15)
			across, down, samples = max(across, h), max(down, v), samples+h*v
		}
		n := float64(samples) / float64(max(across*down, 1))
		if marker == progressive {
			n *= 1 + coefficient
		}
		if data[5] == 4 || samples == 3 { // CMYK and RGB are put together at the end
			n += 4
		}
		return n
	}
	return bytesPerPixel
}

func webpMemory(b []byte, _ image.Config) float64 {
	if chunk(b, 12, "VP8L", riffHeader) != nil || chunk(b, 12, "ALPH", riffHeader) != nil {
		return 8 // a picture, and what its transforms make of it
	}
	return 1.5
}
