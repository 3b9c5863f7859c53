package sim

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	_ "image/gif"  // register the decoder
	_ "image/jpeg" // register the decoder
	_ "image/png"  // register the decoder
	"net/http"
)

// picture is an image that came with a request.
type picture struct {
	data   []byte
	mime   string // what the bytes are, such as "image/png"
	w, h   int    // pixels
	detail string
}

var (
	errBase64    = errors.New("not base64")
	errNotImage  = errors.New("not a PNG, JPEG, GIF or WebP image")
	errOtherMIME = errors.New("the declared type is not the type of the bytes")
)

// readPicture decodes an image sent as base64 and holds it to its declared type.
// With errOtherMIME the picture is returned too.
func readPicture(mime, encoded string) (picture, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(data) == 0 {
		return picture{}, errBase64
	}
	p := picture{data: data, mime: http.DetectContentType(data)}
	cfg, err := decodeConfig(data)
	if err != nil || cfg.Width <= 0 || cfg.Height <= 0 {
		return picture{}, errNotImage
	}
	p.w, p.h = cfg.Width, cfg.Height
	if p.mime != mime {
		return p, errOtherMIME
	}
	return p, nil
}

func decodeConfig(data []byte) (image.Config, error) {
	if w, h, ok := webpSize(data); ok {
		return image.Config{Width: w, Height: h}, nil
	}
	cfg, _, err := image.DecodeConfig(bytes.NewReader(data))
	return cfg, err
}

// webpSize reads the size from the first chunk of a WebP file, which the standard library cannot decode.
func webpSize(b []byte) (w, h int, ok bool) {
	if len(b) < 30 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WEBP" {
		return 0, 0, false
	}
	switch string(b[12:16]) {
	case "VP8 ":
		ok = b[23] == 0x9d && b[24] == 0x01 && b[25] == 0x2a
		w = int(binary.LittleEndian.Uint16(b[26:]) & 0x3fff)
		h = int(binary.LittleEndian.Uint16(b[28:]) & 0x3fff)
	case "VP8L":
		ok = b[20] == 0x2f
		bits := binary.LittleEndian.Uint32(b[21:])
		w, h = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
	case "VP8X":
		ok = true
		w = int(b[24]) | int(b[25])<<8 | int(b[26])<<16
		h = int(b[27]) | int(b[28])<<8 | int(b[29])<<16
		w, h = w+1, h+1
	}
	return w, h, ok
}
