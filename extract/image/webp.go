package picture

import (
	"bytes"
	"encoding/binary"
)

// firstFrame returns the first picture of a WebP that moves as one that does not. Any other
// WebP is returned as it is.
func firstFrame(b []byte) []byte {
	const (
		header   = 16 // of a frame: its place, size, duration and flags
		size     = 6  // where the size is, six bytes as in a still picture's header
		alphaBit = 0x10
	)
	frame := chunk(b, 12, "ANMF", riffHeader)
	if len(frame) < header {
		return b
	}
	body := frame[header:]
	if chunk(body, 0, "ALPH", riffHeader) != nil {
		extended := append([]byte("VP8X\x0A\x00\x00\x00"), alphaBit, 0, 0, 0)
		body = bytes.Join([][]byte{extended, frame[size : size+6], body}, nil)
	}
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)+4))
	return bytes.Join([][]byte{head, []byte("WEBP"), body}, nil)
}
