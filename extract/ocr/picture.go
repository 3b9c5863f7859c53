package ocr

import (
	"bytes"
	"errors"
	"image"
	"strconv"
)

// picture is a page as gray pixels, row by row.
type picture struct {
	width, height int
	pix           []byte
}

// maxSide is the longest side that is read, in pixels.
const maxSide = 1 << 14

// parsePGM reads what extract.Encode writes as extract.PGM: binary, one byte to a pixel, no
// comments.
func parsePGM(b []byte) (picture, error) {
	bad := errors.New("not a picture in PGM")
	rest, ok := bytes.CutPrefix(b, []byte("P5\n"))
	if !ok {
		return picture{}, bad
	}
	size, rest, ok := bytes.Cut(rest, []byte("\n255\n"))
	if !ok || len(size) > 16 {
		return picture{}, bad
	}
	w, h, ok := bytes.Cut(size, []byte(" "))
	width, errW := strconv.Atoi(string(w))
	height, errH := strconv.Atoi(string(h))
	if !ok || errW != nil || errH != nil || min(width, height) < 1 || max(width, height) > maxSide || len(rest) != width*height {
		return picture{}, bad
	}
	return picture{width, height, rest}, nil
}

func (p picture) gray() *image.Gray {
	return &image.Gray{Pix: p.pix, Stride: p.width, Rect: image.Rect(0, 0, p.width, p.height)}
}
