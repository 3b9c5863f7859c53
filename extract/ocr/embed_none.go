//go:build !ocr

package ocr

// Embedded returns the files that this binary carries, and whether it carries any: it does
// when it was built with the tag "ocr".
func Embedded() (Assets, bool) { return Assets{}, false }
