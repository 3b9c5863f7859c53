package ocr

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
)

// Assets are the two files that Wasm needs, as they are or packed by gzip.
type Assets struct {
	Module []byte // tesseract-core-simd-lstm.wasm of tesseract.js-core 7.0.0
	Model  []byte // eng.traineddata of tessdata_fast
}

// maxAsset is far above the size of either file, in bytes.
const maxAsset = 64 << 20

// unpack returns the files as they are. It also makes the module's innermost loop faster.
func (a Assets) unpack() (Assets, error) {
	module, err := unpack(a.Module)
	if err != nil {
		return Assets{}, fmt.Errorf("unpack module: %w", err)
	}
	model, err := unpack(a.Model)
	if err != nil {
		return Assets{}, fmt.Errorf("unpack model: %w", err)
	}
	return Assets{quicken(module), model}, nil
}

func unpack(b []byte) ([]byte, error) {
	if !bytes.HasPrefix(b, []byte{0x1F, 0x8B}) {
		return b, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxAsset))
}

// quicken replaces each "shuffle the upper half of a vector down and widen the lower half" by
// the one instruction for "widen the upper half", and fills up with nops. Both mean the same,
// but wazero makes of the first so many that a fifth of a recognition went into them.
func quicken(module []byte) []byte {
	const simd = 0xFD
	slow := append([]byte{simd, 0x0C}, make([]byte, 16)...) // v128.const 0
	slow = append(slow, simd, 0x0D)                         // i8x16.shuffle
	for lane := range byte(16) {
		slow = append(slow, 8+lane)
	}
	slow = append(slow, simd, 0x87, 0x01)                                                // i16x8.extend_low_i8x16_s
	fast := append([]byte{simd, 0x88, 0x01}, bytes.Repeat([]byte{0x01}, len(slow)-3)...) // i16x8.extend_high_i8x16_s
	return bytes.ReplaceAll(module, slow, fast)
}
