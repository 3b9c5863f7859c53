//go:build ocr

package ocr

import _ "embed"

//go:embed assets/tesseract.wasm.gz
var module []byte

//go:embed assets/eng.traineddata.gz
var model []byte

// Embedded returns the files that this binary carries, and whether it carries any: it does
// when it was built with the tag "ocr".
func Embedded() (Assets, bool) { return Assets{Module: module, Model: model}, true }
