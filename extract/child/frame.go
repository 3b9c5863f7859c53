package child

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// A frame is the length of its head (4 bytes, big-endian), the length of its body (8 bytes), the
// head in JSON and the body as it is.
const preamble = 4 + 8

// bounds are the most bytes that a frame may hold.
type bounds struct{ head, body int64 }

// writeFrame writes a frame. Its start goes out in one piece, and a small body with it.
func writeFrame[H any](w io.Writer, head H, body ...[]byte) error {
	text, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	n := 0
	for _, b := range body {
		n += len(b)
	}
	start := make([]byte, preamble, preamble+len(text)+min(n, 32<<10))
	binary.BigEndian.PutUint32(start, uint32(len(text)))
	binary.BigEndian.PutUint64(start[4:], uint64(n))
	start = append(start, text...)
	for len(body) > 0 && len(start)+len(body[0]) <= cap(start) {
		start, body = append(start, body[0]...), body[1:]
	}
	for _, b := range append([][]byte{start}, body...) {
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write frame: %w", err)
		}
	}
	return nil
}

// readFrame reads a frame of at most max bytes into head and returns its body. The end of r
// before the first byte is io.EOF.
func readFrame[H any](r io.Reader, head *H, most bounds) ([]byte, error) {
	var start [preamble]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, err
	}
	h, b := int64(binary.BigEndian.Uint32(start[:])), binary.BigEndian.Uint64(start[4:])
	if h > most.head || b > uint64(most.body) {
		return nil, fmt.Errorf("frame of %d and %d bytes, more than %d and %d", h, b, most.head, most.body)
	}
	text, err := take(r, h)
	if err != nil {
		return nil, fmt.Errorf("read head: %w", err)
	}
	if err := json.Unmarshal(text, head); err != nil {
		return nil, fmt.Errorf("read head: %w", err)
	}
	body, err := take(r, int64(b))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}

// take reads n bytes. It believes in many of them only as they come.
func take(r io.Reader, n int64) ([]byte, error) {
	const believed = 1 << 20
	if n <= believed {
		b := make([]byte, n)
		_, err := io.ReadFull(r, b)
		return b, err
	}
	var b bytes.Buffer
	b.Grow(believed)
	switch got, err := io.CopyN(&b, r, n); {
	case err == io.EOF || err == nil && got < n:
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
	return b.Bytes(), nil
}
